// Short notes in the corner. Errors stay until dismissed, the others leave by themselves.
import { announce } from "./live.js";

const STAY_MS = 8000;
const LEVELS = { success: "success", info: "info", error: "destructive" };

function leaveAfterAWhile(note) {
  let timer = setTimeout(() => note.remove(), STAY_MS);
  const hold = () => clearTimeout(timer);
  const resume = () => {
    hold();
    timer = setTimeout(() => note.remove(), STAY_MS);
  };
  note.addEventListener("pointerenter", hold);
  note.addEventListener("focusin", hold);
  note.addEventListener("pointerleave", resume);
  note.addEventListener("focusout", resume);
}

/** Lift the toasts above an open dialog: the top layer holds the last shown on top. */
function raise(toaster) {
  if (!toaster.showPopover) return;
  toaster.popover = "manual";
  if (toaster.matches(":popover-open")) toaster.hidePopover();
  toaster.showPopover();
}

function noteOf(text, variant) {
  const note = document.getElementById("toast-template").content.firstElementChild.cloneNode(true);
  note.dataset.variant = variant;
  for (const icon of note.querySelectorAll("[data-toast-icon]")) if (icon.dataset.toastIcon !== variant) icon.remove();
  note.querySelector("[data-toast-text]").textContent = text;
  note.querySelector("[data-toast-close]").addEventListener("click", () => note.remove());
  return note;
}

/** Show `text`; `level` is success, info or error. */
export function toast(text, level = "success") {
  const toaster = document.getElementById("toaster");
  const note = noteOf(text, LEVELS[level] ?? "info");
  toaster.append(note);
  raise(toaster);
  announce(text, level === "error" ? "assertive" : "polite");
  if (level !== "error") leaveAfterAWhile(note);
}

/** Turn the success and info messages that came with the page into toasts. */
export function showServerToasts() {
  for (const message of document.querySelectorAll("#messages [data-toast]")) {
    toast(message.textContent.trim(), message.dataset.toast);
    message.remove();
  }
  const messages = document.getElementById("messages");
  if (messages && !messages.children.length) messages.hidden = true;
}
