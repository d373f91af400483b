// The own microphone, camera and screen: what is on, what is wrong, and the tracks that are sent.

const CONSTRAINTS = {
  microphone: { audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true } },
  camera: { video: { width: { ideal: 1280 }, height: { ideal: 720 }, facingMode: "user" } },
};
const KIND = { microphone: "audio", camera: "video" };
const PROBLEMS = {
  NotAllowedError: "error_blocked",
  SecurityError: "error_blocked",
  NotFoundError: "error_missing",
  OverconstrainedError: "error_missing",
  NotReadableError: "error_busy",
  AbortError: "error_busy",
};

/** The key of the text that explains why a device could not be used. */
export function problemOf(error) {
  return PROBLEMS[error.name] ?? "error_other";
}

async function obtain(constraints) {
  if (!navigator.mediaDevices?.getUserMedia) throw new DOMException("no access", "InsecureAccess");
  return navigator.mediaDevices.getUserMedia(constraints);
}

/** Fires "change" whenever something is switched, "problem" with a text key when a device fails. */
export class Devices extends EventTarget {
  /** The stream all peers get for microphone and camera; its id never changes. */
  stream = new MediaStream();
  screen = null;
  wanted = { microphone: true, camera: true };
  problems = {};

  constructor({ microphone, camera }) {
    super();
    this.wanted = { microphone, camera };
  }

  track(device) {
    return this.stream.getTracks().find((track) => track.kind === KIND[device]) ?? null;
  }

  isOn(device) {
    const track = this.track(device);
    return Boolean(track && track.enabled && track.readyState === "live");
  }

  /** What the others are told. */
  state() {
    return {
      microphone: this.isOn("microphone"),
      camera: this.isOn("camera"),
      screen: this.screen?.id ?? null,
    };
  }

  /** Starts what is wanted: both at once (one question to the person), else each for itself. */
  async start() {
    this.problems = {};
    const devices = ["microphone", "camera"].filter((device) => this.wanted[device] && !this.isOn(device));
    if (devices.length === 2) {
      const together = { ...CONSTRAINTS.microphone, ...CONSTRAINTS.camera };
      if (await this.#tryToStart(devices, together)) return this.#changed();
      if (Object.values(this.problems)[0] === "error_blocked") return this.#changed();
      this.problems = {};
    }
    for (const device of devices) await this.#tryToStart([device], CONSTRAINTS[device]);
    this.#changed();
  }

  async #tryToStart(devices, constraints) {
    try {
      const stream = await obtain(constraints);
      for (const track of stream.getTracks()) this.#adopt(track);
      return true;
    } catch (error) {
      const problem = error.name === "InsecureAccess" ? "error_insecure" : problemOf(error);
      for (const device of devices) this.problems[device] = problem;
      return false;
    }
  }

  #adopt(track) {
    for (const old of this.stream.getTracks().filter((each) => each.kind === track.kind)) {
      old.stop();
      this.stream.removeTrack(old);
    }
    track.addEventListener("ended", () => this.#changed());
    this.stream.addTrack(track);
  }

  /** Microphones are muted; cameras are really stopped, so that their light goes out. */
  async toggle(device) {
    const turnOn = !this.isOn(device);
    this.wanted[device] = turnOn;
    const track = this.track(device);
    if (!turnOn) this.#turnOff(device, track);
    else if (track?.readyState === "live") track.enabled = true;
    else {
      this.problems = {};
      await this.#tryToStart([device], CONSTRAINTS[device]);
    }
    this.#changed();
  }

  #turnOff(device, track) {
    if (device === "microphone") {
      track.enabled = false;
      return;
    }
    track.stop();
    this.stream.removeTrack(track);
  }

  async startScreen() {
    this.screen = await navigator.mediaDevices.getDisplayMedia({ video: true, audio: true });
    this.screen.getVideoTracks()[0].addEventListener("ended", () => this.stopScreen());
    this.#changed();
  }

  stopScreen() {
    this.screen?.getTracks().forEach((track) => track.stop());
    this.screen = null;
    this.#changed();
  }

  /** Lets go of everything, the lights go out. */
  stop() {
    this.stream.getTracks().forEach((track) => {
      track.stop();
      this.stream.removeTrack(track);
    });
    this.stopScreen();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

/** Draws the loudness of a stream as the width of a bar; returns how to stop. */
export function showLevel(stream, bar) {
  if (!stream.getAudioTracks().length) return () => {};
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let frame = requestAnimationFrame(function draw() {
    analyser.getFloatTimeDomainData(samples);
    const loudness = Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
    bar.style.width = `${Math.min(100, Math.round(loudness * 300))}%`;
    frame = requestAnimationFrame(draw);
  });
  return () => {
    cancelAnimationFrame(frame);
    bar.style.width = "0";
    if (context.state !== "closed") context.close();
  };
}
