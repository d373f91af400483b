// The way to the other person, whatever connections it takes: a new one for each page they open, and when one is stuck.
import { Speaker } from "./dom.js";
import { KINDS, Peer } from "./peer.js";

/** Fires what its present peer fires: "track", "connection", "channel", "message"; and "closed" when there is none. */
export class Link extends Speaker {
  peer = null;
  #send;
  #session = null;
  #left = null;
  #peerOf = null; // the session that the present peer was begun with or last heard from
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

  /** We have a new session of our own. A connection that works outlives the sessions of both. */
  configure({ polite, ice_servers: iceServers }) {
    this.#polite = polite;
    this.#iceServers = iceServers;
    if (!this.isConnected) this.close();
  }

  /** The other's session, null when they are not here. */
  meet(session) {
    this.#isExpected = Boolean(session);
    if (!session && !this.isConnected) this.close();
    if (!session || session === this.#session || session === this.#left) return;
    if (this.isConnected) this.#session = session;
    else this.#begin(session);
  }

  /** The other said goodbye: their session is over, whatever the server still thinks; unless they are elsewhere by now. */
  bye() {
    if (this.#peerOf !== this.#session) return this.#begin(this.#session);
    this.#left = this.#session;
    return this.close();
  }

  /** Take an item that the other's browser handed over. One from a new connection of theirs needs a new one of ours. */
  receive(from, item) {
    if (from === this.#left) return;
    const isStranger = from !== this.#session && !this.isConnected;
    const isNew = this.peer?.theirs && item.pc !== this.peer.theirs && !item.for;
    if (isStranger || isNew) this.#begin(from);
    this.#session = from;
    this.#peerOf = from;
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
    this.#peerOf = session;
    const peer = new Peer({
      polite: this.#polite,
      iceServers: this.#iceServers,
      tracks: this.#tracks,
      send: (item) => this.peer === peer && this.#send(this.#session, item),
    });
    this.peer = peer;
    for (const name of ["track", "connection", "channel", "message"]) {
      peer.on(name, (detail) => this.peer === peer && this.tell(name, detail));
    }
    peer.on("connection", () => this.peer === peer && this.#isLost() && this.close());
    peer.on("stuck", () => this.peer === peer && this.#begin(this.#session));
    this.tell("connection", peer.state);
    peer.start();
  }
}
