// The page's parts and texts, and what its modules tell each other.

/** The element that carries `data-room-<name>`. */
export const part = (name) => document.querySelector(`[data-room-${name}]`);

/** The media element that shows `who`: other, screen or self. */
export const video = (who) => document.querySelector(`[data-video="${who}"]`);

const texts = new Map();
for (const line of document.getElementById("texts").content.querySelectorAll("[data-text]")) {
  texts.set(line.dataset.text, line.textContent);
}

/** A text of the page, with a name put in. */
export function text(key, { name = "" } = {}) {
  return (texts.get(key) ?? "").replaceAll("__NAME__", () => name);
}

/** Write into an element only what is new, so that nothing is read out twice. */
export function write(element, line) {
  if (element.textContent !== line) element.textContent = line;
}

/** An EventTarget whose events carry a detail. */
export class Speaker extends EventTarget {
  /** Tell whoever listens to `name`. */
  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /** Listen: `handle` gets the detail. */
  on(name, handle) {
    this.addEventListener(name, (event) => handle(event.detail));
    return this;
  }
}

/** Tell the page around the frame, if there is one, what has become of the call. */
export function tellParent(type, more = {}) {
  if (window.parent !== window) window.parent.postMessage({ callastar: "room", type, what: type, ...more }, location.origin);
}
