// Our place in the room: entered, kept by a sign of life every few seconds, taken again after a loss.
import { Speaker } from "./dom.js";

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 4000;
const AWAY_MS = 12000; // without a sign of life for longer than this, the server has given our place up
const ONCE_MS = 60000;
const MOST_PROBLEMS = 20;

/**
 * Fires "joined" (the server's answer), "other" (who else is here), "line" (does the server answer?),
 * "refusal" (why the server refuses) and "over" (why there is no place any more).
 */
export class Place extends Speaker {
  session = null;
  #server;
  #isOpen = false;
  #isBusy = false;
  #askAgain = false;
  #next = 0;
  #wait = FIRST_WAIT_MS;
  #every = 5000;
  #heard = 0;
  #rejoined = -Infinity;
  #problems = [];

  constructor(server) {
    super();
    this.#server = server;
  }

  /** Enter, and go on trying until the server says no. */
  enter() {
    this.#isOpen = true;
    this.now();
  }

  /** Ask the server at once: something has changed. */
  now() {
    this.#next = 0;
    this.#askAgain = this.#isBusy;
    this.tick();
  }

  /** Called each second. */
  tick() {
    if (this.#isOpen && !this.#isBusy && Date.now() >= this.#next) this.#ask();
  }

  /** Something went wrong with the call: the next sign of life tells it. */
  note(kind, more = {}) {
    this.#problems = [...this.#problems, { kind, ...more }].slice(-MOST_PROBLEMS);
  }

  /** Go. */
  leave() {
    if (this.session) this.#server.leave(this.session);
    this.#close();
  }

  async #ask() {
    this.#isBusy = true;
    try {
      await (this.session ? this.#beat() : this.#join());
      if (this.session) this.#answered();
    } catch (refusal) {
      this.#failed(refusal);
    }
    this.#isBusy = false;
    if (!this.#askAgain) return;
    this.#askAgain = false;
    this.now();
  }

  async #join() {
    const entry = await this.#server.join();
    if (!this.#isOpen) return this.#server.leave(entry.session);
    this.session = entry.session;
    this.#every = (entry.beat_seconds ?? 5) * 1000;
    this.#heard = Date.now();
    return this.tell("joined", entry);
  }

  async #beat() {
    const problems = this.#problems;
    this.#problems = [];
    const { session } = this;
    let answer;
    try {
      answer = await this.#server.beat(session, problems);
    } catch (refusal) {
      this.#problems = [...problems, ...this.#problems].slice(-MOST_PROBLEMS);
      throw refusal;
    }
    if (session !== this.session) return;
    if (!answer.here) return this.#lostPlace(answer);
    this.#heard = Date.now();
    this.tell("other", answer.other);
  }

  /** Away for too long: come back, unless that was a moment ago. Otherwise the person has joined somewhere else. */
  #lostPlace(answer) {
    const ended = answer.ended ?? (Date.now() - this.#heard > AWAY_MS ? "lost" : "replaced");
    this.session = null;
    const mayReturn = ended === "lost" && Date.now() - this.#rejoined > ONCE_MS;
    if (!mayReturn) return this.#end(ended === "lost" ? "replaced" : ended);
    this.#rejoined = Date.now();
    this.#askAgain = true;
    return undefined;
  }

  #answered() {
    this.#wait = FIRST_WAIT_MS;
    this.#next = Date.now() + this.#every;
    this.tell("line", true);
  }

  #failed(refusal) {
    if (!this.#isOpen) return;
    this.#next = Date.now() + this.#wait;
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT_MS);
    if (refusal.isTemporary) return void this.tell("line", false);
    this.#close();
    this.tell("refusal", refusal);
  }

  #end(why) {
    this.#close();
    this.tell("over", why);
  }

  #close() {
    this.#isOpen = false;
    this.session = null;
  }
}
