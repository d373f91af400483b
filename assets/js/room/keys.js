// Whether single keys work: WCAG 2.1.4 asks for a way to turn them off. The browser remembers.
const KEY = "callastar.room-keys";

/** Whether M and V do something. */
export function keysWork() {
  try {
    return localStorage.getItem(KEY) !== "off";
  } catch {
    return true; // storage is closed to us
  }
}

/** Turn them on or off. */
export function setKeys(on) {
  try {
    localStorage.setItem(KEY, on ? "on" : "off");
  } catch {
    // Private windows of some browsers keep nothing.
  }
}
