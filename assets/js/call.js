// The page of a call: the room opens at the click, with a token that is asked for at that moment and kept nowhere.
import { post } from "./lib/api.js";
import { announce } from "./lib/live.js";
import { endCheck, watchDevices } from "./call/devices.js";
import { follow } from "./call/following.js";
import { closeRoom, onRoomNews, openRoom, roomName } from "./call/frame.js";
import { notice, unnotice } from "./call/notices.js";
import { showOther } from "./call/others.js";
import { watchOutages } from "./call/outage.js";
import { part, root, secondsUntil, show, shown } from "./call/page.js";

const { call: booking, closesAt, endsAt, eventsUrl, side } = root.dataset;
const RETRY_MS = 4000;
const WARN_SECONDS = 120;
const warning = root.querySelector("[data-call-warning]");
const elsewhere = root.querySelector("[data-call-elsewhere]");
let retryTimer = 0;
let entering = 0;
let wasInside = false;

function leave({ replaced = false } = {}) {
  entering += 1;
  setBusy(false);
  closeRoom();
  unnotice();
  elsewhere.hidden = !replaced;
  show(secondsUntil(closesAt) > 0 ? "left" : "over");
}

function end(name) {
  entering += 1;
  clearTimeout(retryTimer);
  following.stop();
  endCheck();
  closeRoom();
  show(name);
}

function cancelled() {
  end("cancelled");
  announce(part("cancelled").querySelector("h1").textContent, "assertive");
}

function refused(problem) {
  closeRoom();
  if (problem.code === "call_over") return end("over");
  if (problem.code === "call_not_confirmed") return cancelled();
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

function setBusy(busy) {
  for (const button of root.querySelectorAll("[data-call-act=join]")) button.setAttribute("aria-busy", String(busy));
}

/** Enter with a new token. Whoever left or stopped meanwhile is not taken in. */
async function join() {
  clearTimeout(retryTimer);
  entering += 1;
  const attempt = entering;
  endCheck();
  setBusy(true);
  try {
    const entry = await post("/api/daily/get-token", { booking_id: booking });
    if (attempt !== entering) return;
    wasInside = false;
    unnotice();
    openRoom(entry);
    show("room");
    following.ask();
  } catch (problem) {
    if (attempt === entering) refused(problem);
  } finally {
    if (attempt === entering) setBusy(false);
  }
}

function stopTrying() {
  entering += 1;
  setBusy(false);
  clearTimeout(retryTimer);
  show("before");
}

/** The call has another room now: go there, whether one waits in the old one or is in it. */
async function follows(name) {
  if (!roomName() || !name || name === roomName()) return;
  await join();
  if (roomName()) notice("moved", { passing: true });
}

function told(state) {
  root.dispatchEvent(new CustomEvent("call:news"));
  showOther(state);
  if (roomName() && state[side]) wasInside = true;
  follows(state.room_name);
}

function openDoor() {
  part("before").dataset.door = "open";
  for (const one of part("before").querySelectorAll("[data-call-when]")) one.hidden = one.dataset.callWhen !== "open";
  following.ask();
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
    if (shown() !== "cancelled") end("over");
  }, 1000);
}

/** Say what is missing before the call, not during it. An insecure address hides the devices: the check says that. */
function checkBrowser() {
  const can = Boolean(window.RTCPeerConnection && (navigator.mediaDevices?.getUserMedia || !window.isSecureContext));
  for (const note of root.querySelectorAll("[data-can-call]")) note.hidden = note.dataset.canCall !== String(can);
}

const NEWS = {
  joined: () => (wasInside = true),
  connected: () => following.ask(),
  left: () => leave(),
  replaced: () => leave({ replaced: true }),
  moved: () => join(),
};
const ACTS = { join, leave: () => leave(), stop: stopTrying, dismiss: () => (warning.hidden = true) };

const following = follow({
  booking,
  eventsUrl,
  told,
  refused: (problem) => problem.code === "call_not_confirmed" && cancelled(),
});
root.addEventListener("click", (event) => ACTS[event.target.closest("[data-call-act]")?.dataset.callAct]?.());
root.addEventListener("countdown:end", ({ target }) => {
  if (target.closest("[data-call-opens]")) openDoor();
  target.closest("[data-call-starts]")?.remove();
});
onRoomNews((what) => NEWS[what]?.());
watchOutages({
  isOpen: () => Boolean(roomName()),
  wasInside: () => wasInside,
  isInside: async () => (await following.ask())?.[side],
});
checkBrowser();
watchDevices();
watchTheClock();
