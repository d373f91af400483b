// Counts down to a moment. The server's clock decides: `data-now` corrects the browser's.
import { announce } from "./live.js";

const SPOKEN_SECONDS = new Set([600, 300, 120, 60, 30, 10]);
const URGENT_SECONDS = 60;
const running = new WeakSet();

const pad = (number) => String(number).padStart(2, "0");

const inUnit = (amount, unit, unitDisplay) =>
  new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, unitDisplay }).format(amount);

/** Seconds as 1:02:03 or 02:03, with the days before them when there are some. */
export function clockText(seconds) {
  const hours = Math.floor(seconds / 3600);
  const rest = `${pad(Math.floor((seconds % 3600) / 60))}:${pad(seconds % 60)}`;
  if (hours >= 24) return `${inUnit(Math.floor(hours / 24), "day", "short")} ${pad(hours % 24)}:${rest}`;
  return hours ? `${hours}:${rest}` : rest;
}

function spokenText(seconds) {
  const unit = seconds >= 60 ? "minute" : "second";
  const amount = unit === "minute" ? Math.round(seconds / 60) : seconds;
  return inUnit(amount, unit, "long");
}

function show(element, seconds) {
  element.querySelector("[data-countdown-time]").textContent = clockText(seconds);
  element.toggleAttribute("data-urgent", seconds <= URGENT_SECONDS);
  if (SPOKEN_SECONDS.has(seconds)) announce(element.dataset.announce.replace("__TIME__", spokenText(seconds)));
}

function end(element) {
  announce(element.dataset.ended, "assertive");
  element.dispatchEvent(new CustomEvent("countdown:end", { bubbles: true }));
}

function start(element) {
  if (running.has(element)) return;
  running.add(element);
  const offset = Date.parse(element.dataset.now) - Date.now();
  let timer;
  const tick = () => {
    if (!element.isConnected) return clearInterval(timer);
    const left = Math.max(0, Math.ceil((Date.parse(element.dataset.countdown) - Date.now() - offset) / 1000));
    show(element, left);
    if (left > 0) return undefined;
    clearInterval(timer);
    return end(element);
  };
  timer = setInterval(tick, 1000);
  tick();
}

function startAll() {
  for (const element of document.querySelectorAll("[data-countdown]")) start(element);
}

/** Start the countdowns of the page, and those that htmx brings later. */
export function watchCountdowns() {
  startAll();
  document.addEventListener("htmx:afterSwap", startAll);
}
