// One RTCPeerConnection to the other browser: https://www.w3.org/TR/webrtc/ section 10.7, "perfect negotiation".
//
// Three transceivers stand from the first offer on, and a data channel. Whoever mutes, switches a camera off or shows a
// screen exchanges tracks and says so through the channel: nothing is negotiated again but new ways through the network.
import { Speaker } from "./dom.js";

export const KINDS = ["microphone", "camera", "screen"];
const MEDIA = { microphone: "audio", camera: "video", screen: "video" };
const DISCONNECTED_MS = 3000;
const POLITE_MS = 1500; // lets the impolite one begin, so that the two do not collide each time
const AGAIN_MS = 6000;
const GIVE_UP_MS = 25000;

/**
 * Fires "track" ({kind, track}), "connection" (the state), "channel" (open or not), "message" (from the channel),
 * and "stuck" when only a new connection helps.
 */
export class Peer extends Speaker {
  id = crypto.getRandomValues(new Uint32Array(2)).join("-");
  theirs = null;
  #polite;
  #send;
  #pc;
  #channel;
  #stream = new MediaStream();
  #tracks;
  #makingOffer = false;
  #ignoring = false;
  #settingAnswer = false;
  #chain = Promise.resolve();
  #troubledSince = Date.now();
  #repairedAt = 0;
  #timer = 0;

  /**
   * @param {object} options
   * @param {boolean} options.polite gives way when both offer at once; the impolite one makes the first offer
   * @param {RTCIceServer[]} options.iceServers
   * @param {(item: object) => void} options.send hands an item to the other through the server
   * @param {Record<string, MediaStreamTrack|null>} options.tracks what is sent at first, by kind
   */
  constructor({ polite, iceServers, send, tracks }) {
    super();
    this.#polite = polite;
    this.#send = send;
    this.#tracks = { ...tracks };
    this.#pc = new RTCPeerConnection({ iceServers });
    this.#pc.onnegotiationneeded = () => this.#offer();
    this.#pc.onicecandidate = ({ candidate }) => candidate && this.#hand({ candidate });
    this.#pc.ontrack = ({ transceiver, track }) => this.tell("track", { kind: this.#kindOf(transceiver), track });
    this.#pc.onconnectionstatechange = () => this.#changed();
    this.#openChannel();
  }

  get state() {
    return this.#pc.connectionState;
  }

  /** Whether the two hear each other. A channel that was closed tells sooner than the state that the other has gone. */
  get isConnected() {
    return this.state === "connected" && !["closing", "closed"].includes(this.#channel.readyState);
  }

  /** Begin: with an offer, or with the wish for one. */
  start() {
    if (this.#polite) return this.#hand({ hello: true });
    for (const kind of KINDS) this.#addKind(kind);
    return undefined;
  }

  /** Take what the other's connection sent. Items for an earlier connection are old news. */
  receive(item) {
    if (item.for && item.for !== this.id) return;
    this.theirs ??= item.pc;
    this.#chain = this.#chain.then(() => this.#take(item)).catch(() => this.repair());
  }

  /** Send another track of a kind, or none. */
  async replace(kind, track) {
    this.#tracks[kind] = track;
    await this.sender(kind)?.replaceTrack(track).catch(() => {});
  }

  /** What sends a kind; none before the first offer. */
  sender(kind) {
    return this.#pc.getTransceivers()[KINDS.indexOf(kind)]?.sender ?? null;
  }

  /** Say something through the data channel; answers whether it is on its way. */
  say(message) {
    if (this.#channel.readyState !== "open") return false;
    this.#channel.send(JSON.stringify(message));
    return true;
  }

  getStats() {
    return this.#pc.getStats();
  }

  /** Called each second: a connection that does not come about is helped, and given up in the end. */
  tick() {
    if (this.isConnected) return;
    const since = Date.now() - this.#troubledSince;
    if (since > GIVE_UP_MS) {
      this.#troubledSince = Date.now();
      this.tell("stuck");
    } else if (since > AGAIN_MS && Date.now() - this.#repairedAt > AGAIN_MS) {
      this.repair();
    }
  }

  /** Look for a new way through the network, or ask again for what was lost on the way. */
  repair() {
    if (this.#pc.signalingState === "closed") return;
    this.#repairedAt = Date.now();
    if (!this.#pc.remoteDescription && this.#polite) this.#hand({ hello: true });
    else if (this.#pc.signalingState === "have-local-offer") this.#hand({ description: this.#pc.localDescription });
    else this.#pc.restartIce();
  }

  close() {
    this.say({ kind: "bye" });
    clearTimeout(this.#timer);
    this.#channel.onclose = null;
    this.#pc.onconnectionstatechange = null;
    this.#pc.close();
  }

  #openChannel() {
    this.#channel = this.#pc.createDataChannel("room", { negotiated: true, id: 0 });
    this.#channel.onopen = () => this.tell("channel", true);
    this.#channel.onclose = () => this.#closed();
    this.#channel.onmessage = ({ data }) => this.tell("message", JSON.parse(data));
  }

  #closed() {
    this.#troubledSince = Date.now();
    this.tell("channel", false);
  }

  #addKind(kind) {
    const streams = kind === "screen" ? [] : [this.#stream];
    const { sender } = this.#pc.addTransceiver(MEDIA[kind], { direction: "sendrecv", streams });
    sender.replaceTrack(this.#tracks[kind] ?? null).catch(() => {});
  }

  /** The transceivers of the first offer become ours: the same kinds in the same order, in both directions. */
  async #adopt() {
    for (const [index, transceiver] of this.#pc.getTransceivers().entries()) {
      if (transceiver.direction !== "recvonly") continue;
      transceiver.direction = "sendrecv";
      if (KINDS[index] !== "screen") transceiver.sender.setStreams?.(this.#stream);
      await transceiver.sender.replaceTrack(this.#tracks[KINDS[index]] ?? null);
    }
  }

  #kindOf(transceiver) {
    return KINDS[this.#pc.getTransceivers().indexOf(transceiver)];
  }

  #hand(item) {
    this.#send({ pc: this.id, for: this.theirs, ...item });
  }

  async #offer() {
    if (this.#polite && !this.#pc.remoteDescription) return;
    try {
      this.#makingOffer = true;
      await this.#pc.setLocalDescription();
      this.#hand({ description: this.#pc.localDescription });
    } catch {
      // Closed, or overtaken by the other's offer: what is needed is asked for again.
    } finally {
      this.#makingOffer = false;
    }
  }

  async #take({ description, candidate }) {
    if (this.#pc.signalingState === "closed") return;
    if (description) await this.#describe(description);
    else if (candidate) await this.#addCandidate(candidate);
  }

  async #describe(description) {
    const isReady = !this.#makingOffer && (this.#pc.signalingState === "stable" || this.#settingAnswer);
    const collides = description.type === "offer" && !isReady;
    this.#ignoring = !this.#polite && collides;
    if (this.#ignoring) return;
    if (description.type === "answer" && this.#pc.signalingState !== "have-local-offer") return; // given twice
    this.#settingAnswer = description.type === "answer";
    try {
      await this.#pc.setRemoteDescription(description);
    } finally {
      this.#settingAnswer = false;
    }
    if (description.type !== "offer") return;
    await this.#adopt();
    await this.#pc.setLocalDescription();
    this.#hand({ description: this.#pc.localDescription });
  }

  async #addCandidate(candidate) {
    try {
      await this.#pc.addIceCandidate(candidate);
    } catch (error) {
      if (!this.#ignoring && this.#pc.remoteDescription) throw error;
    }
  }

  #changed() {
    clearTimeout(this.#timer);
    const { state } = this;
    if (state === "connected") this.#troubledSince = Infinity;
    else if (this.#troubledSince === Infinity) this.#troubledSince = Date.now();
    const delays = { failed: 0, disconnected: DISCONNECTED_MS };
    if (state in delays) this.#timer = setTimeout(() => this.repair(), delays[state] + (this.#polite ? POLITE_MS : 0));
    this.tell("connection", state);
  }
}
