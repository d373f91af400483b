// The page of a call: the room opens at the click, with a token that is asked for at that moment and kept nowhere.
import { post } from "./lib/api.js";
import { announce } from "./lib/live.js";

const root = document.querySelector("[data-call]");
const { call: booking, closesAt, endsAt, now } = root.dataset;
const RETRY_MS = 4000;
const WARN_SECONDS = 120;
const offset = Date.parse(now) - Date.now();
const secondsUntil = (moment) => (Date.parse(moment) - Date.now() - offset) / 1000;
const part = (name) => root.querySelector(`[data-call-part="${name}"]`);
const frameBox = root.querySelector("[data-call-frame]");
const warning = root.querySelector("[data-call-warning]");
let retryTimer = 0;

/** Show one part of the page and move the focus to its heading. */
function show(name) {
  for (const one of root.querySelectorAll("[data-call-part]")) one.hidden = one.dataset.callPart !== name;
  setAlone(name === "room");
  part(name).querySelector("h1, h2")?.focus();
}

/** In the room nothing else can be reached: it fills the screen. */
function setAlone(alone) {
  document.documentElement.classList.toggle("overflow-hidden", alone);
  for (const other of document.querySelectorAll("body > :is(header, footer)")) other.inert = alone;
}

function roomAddress(entry) {
  const url = new URL(entry.room_url);
  url.searchParams.set("t", entry.token);
  url.searchParams.set("lang", document.documentElement.lang);
  return url.href;
}

/** The address holds the token: the frame is sent there without writing it into the page. */
function openRoom(entry) {
  const frame = document.createElement("iframe");
  frame.title = frameBox.dataset.title;
  const { origin } = new URL(entry.room_url);
  frame.allow = ["camera", "microphone", "display-capture", "autoplay", "fullscreen"].map((feature) => `${feature} ${origin}`).join("; ");
  frame.referrerPolicy = "no-referrer";
  frame.className = "block size-full border-0";
  frameBox.replaceChildren(frame);
  frame.contentWindow.location.replace(roomAddress(entry));
  show("room");
}

function leave() {
  frameBox.replaceChildren();
  show(secondsUntil(closesAt) > 0 ? "left" : "over");
}

function refused(problem) {
  if (problem.code === "call_over") return show("over");
  if (problem.isTemporary) return waitForRoom(problem);
  part("refused").querySelector("[data-call-reason]").textContent = problem.message;
  return show("refused");
}

/** The room is not there yet, or the connection is gone: try again by itself, and say so once. */
function waitForRoom(problem) {
  part("waiting").querySelector("[data-call-reason]").textContent = problem.message;
  if (part("waiting").hidden) {
    show("waiting");
    announce(problem.message);
  }
  retryTimer = setTimeout(join, RETRY_MS);
}

async function join() {
  clearTimeout(retryTimer);
  root.setAttribute("aria-busy", "true");
  try {
    openRoom(await post("/api/daily/get-token", { booking_id: booking }));
  } catch (problem) {
    refused(problem);
  } finally {
    root.removeAttribute("aria-busy");
  }
}

function watchTheClock() {
  let warned = false;
  const timer = setInterval(() => {
    const left = secondsUntil(endsAt);
    if (!warned && left <= WARN_SECONDS && left > 0) {
      warned = true;
      warning.hidden = false;
      announce(warning.textContent.trim(), "assertive");
    }
    if (secondsUntil(closesAt) > 0) return;
    clearInterval(timer);
    clearTimeout(retryTimer);
    frameBox.replaceChildren();
    show("over");
  }, 1000);
}

/** Say what is missing before the call, not during it. */
function checkBrowser() {
  const can = Boolean(window.RTCPeerConnection && navigator.mediaDevices?.getUserMedia);
  for (const note of root.querySelectorAll("[data-can-call]")) note.hidden = note.dataset.canCall !== String(can);
}

root.addEventListener("click", (event) => {
  const act = event.target.closest("[data-call-act]")?.dataset.callAct;
  if (act === "join") join();
  else if (act === "leave") leave();
  else if (act === "stop") {
    clearTimeout(retryTimer);
    show("lobby");
  } else if (act === "dismiss") warning.hidden = true;
});
root.addEventListener("countdown:end", (event) => {
  if (event.target.closest("[data-call-part=early]")) show("lobby");
});
checkBrowser();
if (root.querySelector("[data-call-part=room]")) watchTheClock();
