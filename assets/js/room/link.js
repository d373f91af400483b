// The way to the other person, whatever connections it takes: a new one for each of their sessions, and when one is stuck.
import { Speaker } from "./dom.js";
import { KINDS, Peer } from "./peer.js";

/** Fires what its present peer fires: "track", "connection", "channel", "message"; and "closed" when there is none. */
export class Link extends Speaker {
  peer = null;
  #send;
  #session = null;
  #left = null;
  #isExpected = false;
  #polite = false;
  #iceServers = [];
  #tracks = Object.fromEntries(KINDS.map((kind) => [kind, null]));

  /** @param {(to: string, item: object) => void} send hands an item to a session of the other through the server */
  constructor(send) {
    super();
    this.#send = send;
  }

  get isConnected() {
    return Boolean(this.peer?.isConnected);
  }

  /** Whether the other is here, as far as the server or the connection knows. */
  get isHere() {
    return Boolean(this.#session);
  }

  /** We have a new session of our own: earlier connections are not continued. */
  configure({ polite, ice_servers: iceServers }) {
    this.#polite = polite;
    this.#iceServers = iceServers;
    this.close();
  }

  /** The other's session, null when they are not here. A connection that works outlives a lost session. */
  meet(session) {
    this.#isExpected = Boolean(session);
    if (!session && !this.isConnected) this.close();
    if (session && session !== this.#session && session !== this.#left) this.#begin(session);
  }

  /** The other said goodbye: their session is over, whatever the server still thinks. */
  bye() {
    this.#left = this.#session;
    this.close();
  }

  /** Take an item that the other's browser handed over. One from a new connection of theirs needs a new one of ours. */
  receive(from, item) {
    const isNew = this.peer?.theirs && item.pc !== this.peer.theirs && !item.for;
    if (from === this.#left) return;
    if (from !== this.#session || isNew) this.#begin(from);
    this.peer.receive(item);
  }

  /** Send another track of a kind, now and in later connections. */
  async replace(kind, track) {
    this.#tracks[kind] = track;
    await this.peer?.replace(kind, track);
  }

  say(message) {
    return this.peer?.say(message) ?? false;
  }

  tick() {
    this.peer?.tick();
  }

  /** The network is another one. */
  repair() {
    this.peer?.repair();
  }

  close() {
    const had = this.peer;
    this.#session = null;
    this.peer = null;
    had?.close();
    if (had) this.tell("closed");
  }

  #isLost() {
    return !this.#isExpected && ["disconnected", "failed"].includes(this.peer.state);
  }

  #begin(session) {
    this.peer?.close();
    this.#session = session;
    const peer = new Peer({
      polite: this.#polite,
      iceServers: this.#iceServers,
      tracks: this.#tracks,
      send: (item) => this.#send(session, item),
    });
    this.peer = peer;
    for (const name of ["track", "connection", "channel", "message"]) {
      peer.on(name, (detail) => this.peer === peer && this.tell(name, detail));
    }
    peer.on("connection", () => this.peer === peer && this.#isLost() && this.close());
    peer.on("stuck", () => this.peer === peer && this.#begin(session));
    this.tell("connection", peer.state);
    peer.start();
  }
}
