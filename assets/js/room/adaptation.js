// Measures the line every few seconds and sends as much picture as it carries.
import { Speaker } from "./dom.js";
import { LEVELS, SOUND_ONLY, START, isHeard, next, sampleOf } from "./quality.js";

const EVERY_SECONDS = 3;
const BESIDE_A_SCREEN = 2; // the face is small then

/** Fires "quality" ({level, isPoor, isPaused}) when it changes. */
export class Adaptation extends Speaker {
  isSharing = false;
  #peer = null;
  #state = START;
  #before = null;
  #seconds = 0;
  #said = "";
  #applied = "";

  /** Each connection begins anew. */
  watch(peer) {
    this.#peer = peer;
    this.#state = START;
    this.#before = null;
    this.#applied = "";
    this.#seconds = 0;
    this.#say(false);
  }

  /** Called each second. */
  tick() {
    this.#seconds += 1;
    if (this.#peer?.isConnected && this.#seconds % EVERY_SECONDS === 0) this.#measure(this.#peer);
  }

  async #measure(peer) {
    const now = [...(await peer.getStats())];
    if (peer !== this.#peer) return;
    const sample = sampleOf(this.#before, now);
    this.#before = now;
    this.#state = next(this.#state, sample);
    this.#say(this.#state.isPoor || isHeard(sample.received));
    await this.apply();
  }

  /** Set what is sent, if it is not set yet. */
  async apply() {
    const peer = this.#peer;
    const level = this.isSharing ? Math.max(this.#state.level, BESIDE_A_SCREEN) : this.#state.level;
    const wanted = `${level} ${this.isSharing} ${this.#state.level}`;
    if (!peer?.isConnected || wanted === this.#applied) return;
    this.#applied = wanted;
    const { maxBitrate, active } = LEVELS[this.#state.level];
    await Promise.all([
      limit(peer.sender("camera"), { ...LEVELS[level], priority: "low" }, "balanced"),
      limit(peer.sender("screen"), { maxBitrate: Math.max(maxBitrate, 400_000), active: active || this.isSharing, priority: "medium" }, "maintain-resolution"),
      limit(peer.sender("microphone"), { priority: "high", networkPriority: "high" }),
    ]);
  }

  #say(isPoor) {
    const { level } = this.#state;
    const detail = { level, isPoor, isPaused: level === SOUND_ONLY };
    const said = JSON.stringify({ ...detail, level: 0 });
    if (said === this.#said) return;
    this.#said = said;
    this.tell("quality", detail);
  }
}

async function limit(sender, encoding, preference) {
  const parameters = sender?.getParameters();
  if (!parameters?.encodings?.length) return;
  Object.assign(parameters.encodings[0], encoding);
  if (preference) parameters.degradationPreference = preference;
  try {
    await sender.setParameters(parameters);
  } catch {
    // A browser that does not know one of the settings sends as it sees fit.
  }
}
