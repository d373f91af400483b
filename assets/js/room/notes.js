// What to do when camera or microphone cannot be had, in the words that fit the browser.
import { browserName } from "../call/streams.js";
import { announce } from "../lib/live.js";
import { part, text, write } from "./dom.js";

const WAYS = { chrome: "way_chromium", firefox: "way_firefox", safari: "way_safari", ios: "way_ios", android: "way_android" };
const BLOCKED = ["NotAllowedError", "SecurityError"];
const MISSING = ["NotFoundError", "OverconstrainedError"];
let shown = "";
let dismissed = "";

function titleOf({ camera, microphone }) {
  if (BLOCKED.includes(camera) || BLOCKED.includes(microphone)) return "denied";
  if (camera && microphone) return "no_devices";
  return camera ? "no_camera" : "no_microphone";
}

function wayOf(problems, title) {
  if (title === "denied") return text(WAYS[browserName()] ?? "way_chromium");
  return text(MISSING.includes(problems.camera ?? problems.microphone) ? "missing" : "busy");
}

/** Show what is wrong with the devices, or nothing; the same note is shown once. */
export function showProblems(problems) {
  const key = Object.entries(problems).sort().join();
  const note = part("devices");
  note.hidden = !key || key === dismissed;
  if (!key) shown = dismissed = "";
  if (note.hidden || key === shown) return;
  shown = key;
  const title = titleOf(problems);
  write(part("devices-title"), text(title));
  write(part("devices-text"), title === "denied" || title === "no_devices" ? text("denied_text") : "");
  write(part("devices-way"), wayOf(problems, title));
  announce(`${text(title)}. ${wayOf(problems, title)}`, "assertive");
}

/** The person has read it. */
export function dismissProblems() {
  dismissed = shown;
  part("devices").hidden = true;
}
