// The parts of a call's page, of which one is shown at a time, and its clock, which is the server's.
export const root = document.querySelector("[data-call]");
const offset = Date.parse(root.dataset.now) - Date.now();
const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** Seconds from now, by the server's clock, to a moment in ISO 8601. */
export const secondsUntil = (moment) => (Date.parse(moment) - Date.now() - offset) / 1000;

export const part = (name) => root.querySelector(`[data-call-part="${name}"]`);

/** Which part is shown. */
export const shown = () => root.querySelector("[data-call-part]:not([hidden])")?.dataset.callPart;

/** In the room nothing else can be reached: it fills the screen. */
function setAlone(alone) {
  document.documentElement.classList.toggle("overflow-hidden", alone);
  for (const other of document.querySelectorAll("body > :is(header, footer)")) other.inert = alone;
}

function swap(name) {
  for (const one of root.querySelectorAll("[data-call-part]")) one.hidden = one.dataset.callPart !== name;
  setAlone(name === "room");
  part(name).querySelector("h1, h2")?.focus();
  root.dispatchEvent(new CustomEvent("call:part"));
}

/** Show one part of the page and move the focus to its heading. The room comes at once: a picture of it would be a still. */
export function show(name) {
  const isRoom = [name, shown()].includes("room");
  if (isRoom || calm.matches || !document.startViewTransition) return swap(name);
  // A transition that is skipped, in a window that nobody sees, still swaps the parts.
  return document.startViewTransition(() => swap(name)).ready.catch(() => {});
}
