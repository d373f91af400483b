// The devices somebody chose, remembered by the browser for the next call; the built-in room reads the same key.
const KEY = "callastar.devices";

/** `{ camera, microphone, speaker }`: ids, each of which may be missing. A browser may refuse to remember. */
export function chosen() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

/** Remember one of them. */
export function choose(kind, id) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...chosen(), [kind]: id }));
  } catch {
    // Private windows of some browsers keep nothing: the choice holds for this page.
  }
}
