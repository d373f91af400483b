// The page of the built-in room: two browsers that talk to each other directly, introduced by the server.
import { announce } from "./lib/live.js";
import { Call } from "./room/call.js";
import { Devices } from "./room/devices.js";
import { part, text, video } from "./room/dom.js";
import { keysWork } from "./room/keys.js";
import { dismissProblems } from "./room/notes.js";
import { hideOver, overBecause, showOver } from "./room/over.js";
import { Server } from "./room/server.js";
import { settingsOf, useSpeaker } from "./room/settings.js";
import { fit } from "./room/stage.js";
import { onNewToken, takeToken } from "./room/token.js";

const KEYS = { m: "microphone", v: "camera" };
const sound = document.querySelector('[data-audio="other"]');
const server = new Server(location.pathname.split("/").filter(Boolean).at(-1), takeToken());
const devices = new Devices();
const call = new Call(server, devices);
const openSettings = settingsOf(devices, sound);
let isInside = false;

function enter() {
  if (!window.RTCPeerConnection) return over({ why: "unsupported" });
  if (!server.token) return over({ why: "no_token" });
  hideOver();
  isInside = true;
  call.enter();
  useSpeaker(sound);
  return devices.start();
}

function over({ why, detail }) {
  isInside = false;
  showOver(overBecause(why, detail));
}

async function toggle(kind) {
  if (!isInside) return;
  await devices.toggle(kind);
  const on = devices.isOn(kind);
  if (kind === "microphone") announce(text(on ? "microphone_on" : "microphone_off"));
  else announce(text(on ? "camera_on" : "camera_now_off"));
}

async function share() {
  if (devices.tracks.screen) return devices.stopScreen();
  try {
    await devices.startScreen();
  } catch (error) {
    if (error.name !== "NotAllowedError") announce(text("screen_failed"), "assertive");
  }
}

/** Some browsers start no sound before a click. */
async function playSound() {
  const isBlocked = await sound.play().then(
    () => false,
    (error) => error.name === "NotAllowedError",
  );
  part("blocked").hidden = !isBlocked;
}

const ACTS = {
  microphone: () => toggle("microphone"),
  camera: () => toggle("camera"),
  share,
  chat: () => call.chat.toggle(),
  settings: openSettings,
  leave: () => call.leave(),
  rejoin: enter,
  devices: () => devices.start(),
  dismiss: dismissProblems,
  sound: playSound,
};

function onKey(event) {
  if (event.key === "Escape" && call.chat.isOpen && !part("settings").open) return call.chat.toggle(false);
  const isTyping = event.target.closest("input, select, textarea, dialog");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || event.repeat || !keysWork()) return undefined;
  return ACTS[KEYS[event.key.toLowerCase()]]?.();
}

/** A worker's seconds are not slowed down while somebody waits in another window. */
function everySecond(handle) {
  try {
    new Worker(part("title").closest("[data-clock]").dataset.clock).onmessage = handle;
  } catch {
    setInterval(handle, 1000);
  }
}

document.addEventListener("click", (event) => ACTS[event.target.closest("[data-room-act]")?.dataset.roomAct]?.());
document.addEventListener("keydown", onKey);
document.addEventListener("visibilitychange", () => isInside && !document.hidden && call.wake());
addEventListener("online", () => isInside && call.wake({ isNewNetwork: true }));
addEventListener("offline", () => isInside && call.offline());
addEventListener("pagehide", () => isInside && call.leave());
addEventListener("pageshow", (event) => event.persisted && enter());
for (const who of ["other", "self"]) {
  video(who).addEventListener("resize", () => fit(video(who)));
  new ResizeObserver(() => fit(video(who))).observe(video(who));
}
sound.addEventListener("loadedmetadata", playSound);
call.on("over", over);
onNewToken((token) => {
  const hadNone = !server.token;
  server.token = token;
  if (hadNone) enter();
});
part("share").hidden = !navigator.mediaDevices?.getDisplayMedia;
for (const kind of Object.values(KEYS)) {
  document.querySelector(`.control[data-room-act="${kind}"]`).title = text(`turn_${kind}`);
}
everySecond(() => isInside && call.tick());
enter();
