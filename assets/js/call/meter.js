// The level of a microphone, as bars and as words; how a voice is told from silence.
const LOOK_MS = 80;
const WORDS_MS = 1000;
const SILENT_MS = 6000;
// Loudness in decibels below the loudest possible: a quiet room is at -60, a voice before a laptop at -30.
const QUIET_DB = -56;
const LOUD_DB = -12;
const VOICE_BARS = 4;

function decibels(analyser, samples) {
  analyser.getFloatTimeDomainData(samples);
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  return 10 * Math.log10(power + 1e-10);
}

class Meter {
  #element;
  #told;
  #context = null;
  #timer = 0;
  #heard = false;
  #since = 0;
  #spokenAt = 0;
  #loudest = 0;

  constructor(element, told) {
    this.#element = element;
    this.#told = told;
  }

  /** Measure a stream that has sound. */
  start(stream) {
    this.stop();
    if (!stream.getAudioTracks().length) return;
    this.#context = new AudioContext();
    this.#context.resume();
    const analyser = new AnalyserNode(this.#context, { fftSize: 1024 });
    this.#context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.#heard = false;
    this.#since = performance.now();
    this.#told("waiting");
    this.#timer = setInterval(() => this.#show(decibels(analyser, samples)), LOOK_MS);
  }

  stop() {
    clearInterval(this.#timer);
    this.#context?.close();
    this.#context = null;
  }

  #show(level) {
    const bars = [...this.#element.children];
    const share = Math.min(1, Math.max(0, (level - QUIET_DB) / (LOUD_DB - QUIET_DB)));
    const lit = Math.round(share * bars.length);
    bars.forEach((bar, index) => bar.toggleAttribute("data-lit", index < lit));
    this.#judge(lit);
    this.#say(lit, bars.length);
  }

  #judge(lit) {
    if (lit >= VOICE_BARS && !this.#heard) {
      this.#heard = true;
      this.#told("yes");
    }
    if (!this.#heard && performance.now() - this.#since > SILENT_MS) this.#told("no");
  }

  /** A screen reader is told once a second, of the loudest since: who speaks pauses, and is not silent for that. */
  #say(lit, all) {
    this.#loudest = Math.max(this.#loudest, lit);
    const now = performance.now();
    if (now - this.#spokenAt < WORDS_MS) return;
    const { textQuiet, textGood, textLoud } = this.#element.dataset;
    const level = this.#loudest;
    this.#element.setAttribute("aria-valuenow", level);
    this.#element.setAttribute("aria-valuetext", level < VOICE_BARS ? textQuiet : level < all ? textGood : textLoud);
    this.#spokenAt = now;
    this.#loudest = 0;
  }
}

/** A meter in an element of bars; `told` hears `waiting`, `yes` once a voice was heard, `no` after some silence. */
export const meterIn = (element, told) => new Meter(element, told);
