// What one must know inside the room, above it: the connection, another room. One notice at a time.
import { announce } from "../lib/live.js";
import { root } from "./page.js";

const STAY_MS = 8000;
const all = () => root.querySelectorAll("[data-call-notice]");
let timer = 0;

/** Take the notice away. */
export function unnotice() {
  clearTimeout(timer);
  for (const one of all()) one.hidden = true;
}

/** Show and say one notice; `passing` ones leave by themselves. */
export function notice(name, { passing = false } = {}) {
  unnotice();
  const one = root.querySelector(`[data-call-notice="${name}"]`);
  one.hidden = false;
  announce((one.querySelector("span") ?? one).textContent.trim(), passing ? "polite" : "assertive");
  if (passing) timer = setTimeout(unnotice, STAY_MS);
}
