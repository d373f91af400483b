// One WebRTC connection to one other person, by perfect negotiation: either side may offer at any time,
// and when both do at once the polite one gives way. No STUN: the two are on the same machine or network.
// The very first offer is always the impolite one's: Chromium does not recover from giving way before it has a
// connection (its gathering of candidates hangs).

const PATIENCE = 3000;
const LONGEST_START = 8000;

/** Fires "streams" when media came or went, "connection" when its state changed. */
export class Peer extends EventTarget {
  streams = new Map();
  #senders = new Map();
  #making = false;
  #ignoring = false;
  #answering = false;
  #timer = 0;
  #watch = 0;

  constructor({ me, id, send }) {
    super();
    this.id = id;
    this.polite = me > id;
    this.send = send;
    this.pc = new RTCPeerConnection({ iceServers: [] });
    this.pc.onnegotiationneeded = () => this.#offer();
    this.pc.onicecandidate = ({ candidate }) => candidate && this.send({ candidate });
    this.pc.ontrack = (event) => this.#onTrack(event);
    this.pc.onconnectionstatechange = () => this.#onConnection();
    this.#watch = setInterval(() => this.#unstick(), LONGEST_START);
  }

  /** Begins with these tracks, see use(); without any it still asks for what the other side has. */
  async start(sources) {
    await this.use(sources);
    if (!this.polite && !this.pc.getTransceivers().length) {
      this.pc.addTransceiver("audio", { direction: "recvonly" });
    }
  }

  get connected() {
    return this.pc.connectionState === "connected";
  }

  /** Sends exactly these tracks: [[key, track or null, stream]]; a track may be exchanged without a new offer. */
  async use(sources) {
    const keys = new Set(sources.map(([key]) => key));
    for (const [key, sender] of this.#senders) {
      if (!keys.has(key)) {
        this.pc.removeTrack(sender);
        this.#senders.delete(key);
      }
    }
    for (const [key, track, stream] of sources) await this.#useOne(key, track, stream);
  }

  async #useOne(key, track, stream) {
    const sender = this.#senders.get(key);
    if (!sender && track) this.#senders.set(key, this.pc.addTrack(track, stream));
    else if (sender && sender.track !== track) await sender.replaceTrack(track);
  }

  async #offer() {
    if (this.polite && !this.pc.remoteDescription) return; // asked for again once the first offer is answered
    try {
      this.#making = true;
      await this.pc.setLocalDescription();
      this.send({ description: this.pc.localDescription });
    } finally {
      this.#making = false;
    }
  }

  /** Takes what the other side sent. */
  async receive({ description, candidate }) {
    if (this.pc.signalingState === "closed") return;
    if (description) await this.#onDescription(description);
    else if (candidate) await this.#onCandidate(candidate);
  }

  async #onDescription(description) {
    const ready = !this.#making && (this.pc.signalingState === "stable" || this.#answering);
    const collision = description.type === "offer" && !ready;
    this.#ignoring = !this.polite && collision;
    if (this.#ignoring) return;
    if (description.type === "answer" && this.pc.signalingState !== "have-local-offer") return;
    this.#answering = description.type === "answer"; // an offer right behind the answer is no collision
    try {
      await this.pc.setRemoteDescription(description);
    } finally {
      this.#answering = false;
    }
    if (description.type === "offer") {
      await this.pc.setLocalDescription();
      this.send({ description: this.pc.localDescription });
    }
  }

  async #onCandidate(candidate) {
    try {
      await this.pc.addIceCandidate(candidate);
    } catch (error) {
      if (!this.#ignoring && this.pc.remoteDescription) throw error;
    }
  }

  #onTrack({ streams: [stream] }) {
    if (!stream) return;
    this.streams.set(stream.id, stream);
    stream.onremovetrack = () => {
      if (!stream.getTracks().length) this.streams.delete(stream.id);
      this.dispatchEvent(new Event("streams"));
    };
    this.dispatchEvent(new Event("streams"));
  }

  #onConnection() {
    clearTimeout(this.#timer);
    const state = this.pc.connectionState;
    if (state === "failed") this.repair();
    if (state === "disconnected") this.#timer = setTimeout(() => this.repair(), PATIENCE);
    this.dispatchEvent(new Event("connection"));
  }

  /** After a loss of the signalling or the media: take back an offer nobody got, and look for a new way. */
  async repair() {
    if (this.pc.signalingState === "have-local-offer") await this.pc.setLocalDescription({ type: "rollback" });
    if (!this.polite && !this.connected && this.pc.remoteDescription) this.pc.restartIce();
  }

  #unstick() {
    if (["new", "connecting"].includes(this.pc.connectionState)) this.repair();
  }

  close() {
    clearTimeout(this.#timer);
    clearInterval(this.#watch);
    this.pc.close();
  }
}
