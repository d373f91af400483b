// The room in its frame, at whichever host it is. Its address holds the token: the frame is sent there without writing
// it into the page, and a token that is about to end is followed by another where the host asks for that.
import { post } from "../lib/api.js";
import { root } from "./page.js";

const box = root.querySelector("[data-call-frame]");
const BUILT_IN = "builtin";
const FEATURES = ["camera", "microphone", "display-capture", "autoplay", "fullscreen", "picture-in-picture"];
const RENEW_BEFORE_MS = 5 * 60 * 1000;
const AGAIN_MS = 20 * 1000;
let frame = null;
let entry = null;
let renewing = 0;
let wakeLock = null;

const isBuiltIn = () => entry?.provider === BUILT_IN;

/** A built-in room is a page of this site; other hosts take token and language in their query. */
function address() {
  const { lang } = document.documentElement;
  if (isBuiltIn()) return `${location.origin}/${lang}/room/${entry.room_name}#t=${entry.token}`;
  const url = new URL(entry.room_url);
  url.searchParams.set("t", entry.token);
  url.searchParams.set("lang", lang);
  return url.href;
}

/** The screen of a phone stays on during a call. */
async function keepAwake() {
  wakeLock = await navigator.wakeLock?.request("screen").catch(() => null);
  if (!frame) wakeLock?.release();
}

/** A built-in room asks us all along, so it needs a token all along; elsewhere it is needed at the door alone. */
function renewLater() {
  clearTimeout(renewing);
  if (!isBuiltIn()) return;
  const left = Date.parse(entry.expires_at) - Date.now() - RENEW_BEFORE_MS;
  renewing = setTimeout(renew, Math.max(left, AGAIN_MS));
}

async function renew() {
  try {
    const fresh = await post("/api/daily/get-token", { booking_id: root.dataset.call });
    if (!frame || fresh.room_name !== entry.room_name) return;
    entry = fresh;
    frame.contentWindow.postMessage({ callastar: "token", token: fresh.token }, location.origin);
  } catch {
    // The door may be closed by now; the room says so itself.
  }
  renewLater();
}

/** Open the room that a token was given for. */
export function openRoom(answer) {
  entry = answer;
  frame = document.createElement("iframe");
  frame.title = box.dataset.title;
  const origin = isBuiltIn() ? location.origin : new URL(entry.room_url).origin;
  frame.allow = FEATURES.map((feature) => `${feature} ${origin}`).join("; ");
  frame.referrerPolicy = "no-referrer";
  frame.className = "block size-full border-0";
  box.replaceChildren(frame);
  frame.contentWindow.location.replace(address());
  keepAwake();
  renewLater();
}

/** Close it, which is leaving. */
export function closeRoom() {
  clearTimeout(renewing);
  frame?.remove();
  frame = entry = null;
  wakeLock?.release();
  wakeLock = null;
}

/** The name of the room that is open; empty when none is. */
export const roomName = () => (frame ? entry.room_name : "");

/** Hear what a built-in room says of itself: `joined`, `connected`, `reconnecting`, `left`, `replaced`, `moved`. */
export function onRoomNews(handle) {
  addEventListener("message", ({ source, origin, data }) => {
    const isOurs = frame && isBuiltIn() && source === frame.contentWindow && origin === location.origin;
    if (isOurs && data?.callastar === "room") handle(data.what);
  });
}

document.addEventListener("visibilitychange", () => frame && !document.hidden && keepAwake());
