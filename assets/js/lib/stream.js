// Live events with a safety net: where the stream of server-sent events is cut off, the page asks every five seconds.
const POLL_MS = 5000;
const PATIENCE_MS = 3000;
const AGAIN_MS = 20000;

/** Asks an address for JSON; resolves with null while nothing has changed since the last answer. */
export function conditional(address) {
  let etag = "";
  return async () => {
    const headers = { Accept: "application/json", ...(etag && { "If-None-Match": etag }) };
    const response = await fetch(address, { headers, cache: "no-store" });
    if (response.status === 304) return null;
    if (!response.ok) throw new Error(`${address}: ${response.status}`);
    etag = response.headers.get("ETag") ?? "";
    return response.json();
  };
}

class Watch {
  #address;
  #events;
  #poll;
  #source = null;
  #timer = 0;
  #isPolling = false;
  #wasCut = false;

  constructor(address, { events, poll }) {
    this.#address = address;
    this.#events = events;
    this.#poll = poll;
  }

  open() {
    this.close();
    this.#source = new EventSource(this.#address);
    this.#source.addEventListener("open", () => this.#opened());
    this.#source.addEventListener("error", () => this.#cut());
    this.#source.addEventListener("resync", () => this.#look());
    for (const [name, handle] of Object.entries(this.#events)) {
      this.#source.addEventListener(name, (event) => handle(JSON.parse(event.data)));
    }
    this.#timer = setTimeout(() => this.#pollAgain(), PATIENCE_MS);
  }

  close() {
    clearTimeout(this.#timer);
    this.#isPolling = false;
    this.#source?.close();
    this.#source = null;
  }

  #opened() {
    clearTimeout(this.#timer);
    this.#isPolling = false;
    if (this.#wasCut) this.#look();
    this.#wasCut = false;
  }

  /** Told at every vain attempt to connect again: polling goes on at its own pace. */
  #cut() {
    this.#wasCut = true;
    if (!this.#isPolling) this.#pollAgain();
    if (this.#source?.readyState === EventSource.CLOSED) setTimeout(() => this.#reopen(), AGAIN_MS);
  }

  #reopen() {
    if (this.#source?.readyState === EventSource.CLOSED) this.open();
  }

  async #pollAgain() {
    clearTimeout(this.#timer);
    this.#isPolling = Boolean(this.#source) && this.#source.readyState !== EventSource.OPEN;
    if (!this.#isPolling) return;
    await this.#look();
    this.#timer = setTimeout(() => this.#pollAgain(), POLL_MS);
  }

  /** One failed look is no news: the next one comes. */
  async #look() {
    await Promise.resolve(this.#poll()).catch(() => {});
  }
}

/**
 * Watch a stream: `events` maps names to handlers of their data, `poll` looks by itself when the stream is not there.
 * The stream is let go with the page and taken up again when the visitor comes back to it.
 */
export function watch(address, { events, poll }) {
  const one = new Watch(address, { events, poll });
  one.open();
  addEventListener("pagehide", () => one.close());
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    one.open();
    poll();
  });
  return one;
}
