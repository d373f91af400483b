// What the two browsers hand each other through the server until they can talk directly.
import { Speaker } from "./dom.js";

const REOPEN_MS = 5000;
const LARGEST_PAYLOAD = 28000; // bytes of JSON; the server takes 32 kB

/**
 * Fires "item" ({from, item}), one by one in order, and "news" when somebody came, went, or the room changed.
 * The stream of events wakes it; without the stream it looks each second.
 */
export class Mailbox extends Speaker {
  #server;
  #session = null;
  #address = "";
  #source = null;
  #openedAt = 0;
  #after = 0;
  #outbox = [];
  #isSending = false;
  #isLooking = false;
  #lookAgain = false;

  constructor(server) {
    super();
    this.#server = server;
  }

  /** Begin with a new session; what was under way for the old one is dropped. */
  open({ session, events_url: address }) {
    this.close();
    this.#session = session;
    this.#address = address;
    this.#connect();
    this.#look();
  }

  /** End. */
  close() {
    this.#source?.close();
    this.#source = null;
    this.#session = null;
    this.#after = 0;
    this.#outbox = [];
  }

  /** The network is another one: the stream may be dead without knowing it. */
  reopen() {
    if (!this.#session) return;
    this.#connect();
    this.#look();
  }

  /** Called each second; `isUrgent` while the two are being connected. */
  tick(isUrgent) {
    if (!this.#session) return;
    const state = this.#source?.readyState;
    if (state === EventSource.CLOSED && Date.now() - this.#openedAt > REOPEN_MS) this.#connect();
    if (state !== EventSource.OPEN || isUrgent) this.#look();
    this.#flush();
  }

  /** Hand an item to the other's session; it goes out in order, and again after a loss. */
  send(to, item) {
    this.#outbox.push({ to, item });
    this.#flush();
  }

  #connect() {
    this.#source?.close();
    this.#openedAt = Date.now();
    const source = new EventSource(this.#address);
    this.#source = source;
    source.addEventListener("open", () => this.#look());
    source.addEventListener("resync", () => this.#news());
    source.addEventListener("call", (event) => this.#told(JSON.parse(event.data)));
  }

  #told({ what, to }) {
    if (what !== "signal") this.#news();
    else if (to === this.#session) this.#look();
  }

  #news() {
    this.#look();
    this.tell("news");
  }

  async #look() {
    this.#lookAgain = this.#isLooking;
    if (this.#isLooking || !this.#session) return;
    this.#isLooking = true;
    const session = this.#session;
    const { signals } = await this.#server.signals(session, this.#after).catch(() => ({ signals: [] }));
    this.#isLooking = false;
    if (session === this.#session) signals.forEach((signal) => this.#take(signal));
    if (this.#lookAgain) this.#look();
  }

  #take({ id, from, payload }) {
    this.#after = Math.max(this.#after, id);
    for (const item of payload.items ?? []) this.tell("item", { from, item });
  }

  async #flush() {
    if (this.#isSending) return;
    this.#isSending = true;
    const session = this.#session;
    while (this.#outbox.length && session && session === this.#session) {
      const batch = this.#batch();
      try {
        await this.#server.send(session, batch[0].to, { items: batch.map(({ item }) => item) });
      } catch (refusal) {
        if (refusal.isTemporary || refusal.status === 401) break; // again with the next tick
      }
      this.#outbox = this.#outbox.filter((entry) => !batch.includes(entry));
    }
    this.#isSending = false;
  }

  /** The next items for one session that fit into one message: candidates come in bursts. */
  #batch() {
    const [{ to }] = this.#outbox;
    const batch = [];
    let size = 0;
    for (const entry of this.#outbox) {
      size += JSON.stringify(entry.item).length;
      if (entry.to !== to || (batch.length && size > LARGEST_PAYLOAD)) break;
      batch.push(entry);
    }
    return batch;
  }
}
