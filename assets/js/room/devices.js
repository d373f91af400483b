// Camera, microphone, screen. What is missing or forbidden never keeps anybody out of the call.
import { choose, chosen } from "../call/chosen.js";
import { Speaker } from "./dom.js";

const WANTED = {
  microphone: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
  camera: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 }, facingMode: "user" },
};
const MEDIA = { microphone: "audio", camera: "video" };

/** Fires "change" when a track, a state or a problem changed: look at the properties. */
export class Devices extends Speaker {
  tracks = { microphone: null, camera: null, screen: null };
  wants = { microphone: true, camera: true };
  problems = {};
  #isStarting = false;
  #uses = 0;

  constructor() {
    super();
    navigator.mediaDevices?.addEventListener("devicechange", () => this.#plugged());
    this.#watchPermissions();
  }

  /** Whether the other hears or sees something of this kind. */
  isOn(kind) {
    return Boolean(this.tracks[kind]) && (this.wants[kind] ?? true);
  }

  /** Get what is missing; afterwards `problems` names what could not be had, and why. */
  async start() {
    if (this.#isStarting) return;
    this.#isStarting = true;
    const uses = this.#uses;
    const wanted = Object.keys(MEDIA).filter((kind) => !this.tracks[kind]);
    const denied = await deniedKinds(wanted);
    for (const kind of denied) this.problems[kind] = "NotAllowedError";
    await this.#getEach(wanted.filter((kind) => !denied.includes(kind)));
    if (uses !== this.#uses) return;
    this.#isStarting = false;
    this.tell("change");
  }

  /** Switch on or off. A camera is let go when it is off, so that its light goes out. */
  async toggle(kind) {
    if (!this.tracks[kind] && this.problems[kind]) return this.start();
    this.wants[kind] = !this.wants[kind];
    if (kind === "microphone") this.#silence();
    else await this.#switchCamera();
    return this.tell("change");
  }

  /** Use another device from now on; keeps the old one if that fails. */
  async choose(kind, id) {
    choose(kind, id);
    if (kind === "camera" && !this.wants.camera) return;
    const before = this.tracks[kind];
    before?.stop(); // several phones open one camera at a time only
    this.tracks[kind] = null;
    await this.#get([kind]).catch((error) => this.#failed(kind, error));
    this.tell("change");
  }

  /** Show the screen; rejects if the browser does not, or nothing was chosen. */
  async startScreen() {
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 15 } }, audio: false });
    const [track] = stream.getVideoTracks();
    track.contentHint = "detail";
    track.addEventListener("ended", () => this.stopScreen());
    this.tracks.screen = track;
    this.tell("change");
  }

  stopScreen() {
    this.tracks.screen?.stop();
    this.tracks.screen = null;
    this.tell("change");
  }

  /** Let everything go, also what is still being opened. */
  stop() {
    this.#uses += 1;
    this.#isStarting = false;
    this.problems = {};
    for (const kind of Object.keys(this.tracks)) {
      this.tracks[kind]?.stop();
      this.tracks[kind] = null;
    }
  }

  async #switchCamera() {
    if (this.wants.camera) return this.start();
    this.tracks.camera?.stop();
    this.tracks.camera = null;
    delete this.problems.camera;
    return undefined;
  }

  #silence() {
    if (this.tracks.microphone) this.tracks.microphone.enabled = this.wants.microphone;
  }

  /** Both with one question; if that fails, each by itself. */
  async #getEach(kinds) {
    if (!kinds.length) return;
    try {
      await this.#get(kinds);
    } catch (error) {
      if (kinds.length === 1) return void this.#failed(kinds[0], error);
      if (error.name === "NotAllowedError") for (const kind of kinds) this.#failed(kind, error);
      else for (const kind of kinds) await this.#getEach([kind]);
    }
  }

  #failed(kind, error) {
    this.problems[kind] = error.name;
  }

  async #get(kinds) {
    const wanted = Object.fromEntries(kinds.map((kind) => [MEDIA[kind], constraintsOf(kind)]));
    const uses = this.#uses;
    const stream = await navigator.mediaDevices.getUserMedia(wanted);
    for (const track of stream.getTracks()) {
      if (uses === this.#uses) this.#take(kinds.find((kind) => MEDIA[kind] === track.kind), track);
      else track.stop();
    }
  }

  #take(kind, track) {
    this.tracks[kind] = track;
    delete this.problems[kind];
    track.addEventListener("ended", () => this.#ended(kind, track));
    this.#silence();
    if (kind === "camera" && !this.wants.camera) this.#switchCamera();
  }

  /** Unplugged, or taken away by the browser: try another one. */
  #ended(kind, track) {
    if (this.tracks[kind] !== track) return;
    this.tracks[kind] = null;
    this.tell("lost", kind);
    this.start();
  }

  #plugged() {
    if (Object.values(this.problems).includes("NotFoundError")) this.start();
    this.tell("plugged");
  }

  async #watchPermissions() {
    for (const kind of Object.keys(MEDIA)) {
      const status = await permission(kind);
      status?.addEventListener("change", () => this.problems[kind] && status.state === "granted" && this.start());
    }
  }
}

function constraintsOf(kind) {
  const id = chosen()[kind];
  return id ? { ...WANTED[kind], facingMode: undefined, deviceId: { ideal: id } } : WANTED[kind];
}

/** What the browser says without asking the person; null where it does not say. */
async function permission(kind) {
  return navigator.permissions?.query({ name: kind }).catch(() => null) ?? null;
}

async function deniedKinds(kinds) {
  const states = await Promise.all(kinds.map(permission));
  return kinds.filter((_, index) => states[index]?.state === "denied");
}

/** The devices there are, by kind. */
export async function listDevices() {
  const kinds = { videoinput: "camera", audioinput: "microphone", audiooutput: "speaker" };
  const found = { camera: [], microphone: [], speaker: [] };
  for (const device of await navigator.mediaDevices.enumerateDevices()) {
    if (device.deviceId && device.deviceId !== "default") found[kinds[device.kind]]?.push(device);
  }
  return found;
}
