// A call: our place in the room, the way to the other, and what is known of both. Draws itself after every change.
import { announce } from "../lib/live.js";
import { Adaptation } from "./adaptation.js";
import { Chat } from "./chat.js";
import { Speaker, part, tellParent, text, video, write } from "./dom.js";
import { Link } from "./link.js";
import { Mailbox } from "./mailbox.js";
import { showProblems } from "./notes.js";
import { Place } from "./place.js";
import { FRESH, draw, play } from "./stage.js";

const SHOWN = { camera: video("other"), screen: video("screen"), microphone: document.querySelector('[data-audio="other"]') };

/** Fires "over" ({why, detail}) when we are outside. */
export class Call extends Speaker {
  state = FRESH;
  #devices;
  #place;
  #mailbox;
  #link;
  #adaptation = new Adaptation();
  #noted = new Set();
  #lostAt = 0;

  /**
   * @param {import("./server.js").Server} server
   * @param {import("./devices.js").Devices} devices
   */
  constructor(server, devices) {
    super();
    this.#devices = devices;
    this.#place = new Place(server);
    this.#mailbox = new Mailbox(server);
    this.#link = new Link((to, item) => this.#mailbox.send(to, item));
    this.chat = new Chat((message) => this.#link.say(message));
    this.#listen();
  }

  /** Enter, or enter again. */
  enter() {
    this.state = { ...FRESH, mine: this.state.mine };
    this.#place.enter();
    this.#devicesChanged();
  }

  /** Go, and let everybody know. */
  leave() {
    this.#place.leave();
    this.#stop("left");
  }

  /** Called each second. */
  tick() {
    this.#place.tick();
    this.#mailbox.tick(this.#link.isHere && !this.#link.isConnected);
    this.#link.tick();
    this.#adaptation.tick();
  }

  /** The page is seen again, or the network is there again: do not wait for the next second. */
  wake({ isNewNetwork = false } = {}) {
    this.#place.now();
    if (!isNewNetwork) return;
    this.#mailbox.reopen();
    this.#link.repair();
  }

  /** The browser says that there is no network. */
  offline() {
    if (this.state.joined) this.#line(false);
  }

  #listen() {
    this.#place
      .on("joined", (entry) => this.#joined(entry))
      .on("other", (other) => this.#meet(other.session))
      .on("line", (isUp) => this.#line(isUp))
      .on("refusal", (refusal) => this.#refused(refusal))
      .on("over", (why) => this.#stop(why));
    this.#mailbox.on("news", () => this.#place.now()).on("item", ({ from, item }) => this.#link.receive(from, item));
    this.#link
      .on("connection", () => this.#connection())
      .on("closed", () => this.#connection())
      .on("channel", (isOpen) => this.#channel(isOpen))
      .on("track", ({ kind, track }) => play(SHOWN[kind], track))
      .on("message", (message) => this.#message(message));
    this.#adaptation.on("quality", (quality) => this.#quality(quality));
    this.#devices.on("change", () => this.#devicesChanged()).on("lost", (kind) => this.#place.note("device", { detail: `${kind} ended` }));
  }

  #set(patch) {
    this.state = { ...this.state, ...patch };
    draw(this.state);
  }

  #joined(entry) {
    const { name } = entry.other;
    this.chat.name = name;
    write(part("title"), text("title", { name }));
    document.title = document.title.replace(/^.* – /, `${text("title", { name })} – `);
    this.#mailbox.open(entry);
    this.#link.configure(entry);
    this.#set({ joined: true, name });
    tellParent("joined");
    this.#meet(entry.other.session);
    if (!this.state.isHere) announce(text("not_here", this.state));
  }

  #meet(session) {
    this.#link.meet(session);
    this.#connection();
  }

  /** Bring what is shown in line with what is: who is here, and whether we hear each other. */
  #connection() {
    const { isHere, isConnected } = this.#link;
    const before = this.state;
    const knows = isConnected && (before.isConnected || before.theirs.since === this.#link.peer.id);
    if (isHere === before.isHere && knows === before.isConnected) return;
    const theirs = isHere ? before.theirs : FRESH.theirs;
    const wasConnected = knows || (isHere && before.wasConnected);
    this.#set({ isHere, isConnected: knows, theirs, wasHere: isHere || before.wasHere, wasConnected });
    this.#tellOfConnection(before);
  }

  #tellOfConnection(before) {
    const { isConnected, isHere } = this.state;
    if (isConnected && !before.isConnected) this.#connected();
    else if (!isConnected && before.isConnected && isHere) this.#interrupted();
    else if (isHere !== before.isHere) announce(text(isHere ? "here" : "gone", this.state));
  }

  #connected() {
    announce(text(this.#lostAt ? "reconnected" : "connected", this.state));
    if (this.#lostAt) this.#place.note("back", { seconds: Math.round((Date.now() - this.#lostAt) / 1000) });
    this.#lostAt = 0;
    tellParent("connected");
  }

  #interrupted() {
    this.#lostAt = Date.now();
    this.#place.note("lost", { detail: this.#link.peer?.state ?? "" });
    announce(text("other_reconnecting", this.state), "assertive");
    tellParent("reconnecting");
  }

  #line(isUp) {
    if (isUp === this.state.isLineUp) return;
    this.#set({ isLineUp: isUp });
    if (!isUp) {
      announce(text("server_reconnecting"), "assertive");
      return tellParent("reconnecting");
    }
    this.#mailbox.reopen();
    announce(text("reconnected"));
    return tellParent(this.state.isConnected ? "connected" : "joined");
  }

  #channel(isOpen) {
    if (!isOpen) {
      this.#connection();
      return this.#place.now();
    }
    this.#adaptation.watch(this.#link.peer);
    this.#sayState();
    return this.chat.resend();
  }

  #message(message) {
    if (message.kind === "state") this.#theirs(message);
    else if (message.kind === "bye") this.#link.bye();
    else if (message.kind?.startsWith("chat")) this.chat.receive(message);
  }

  #theirs({ microphone, camera, screen, isPoor, isPaused }) {
    const before = this.state;
    const theirs = { microphone, camera, screen, isPoor, isPaused, since: this.#link.peer.id };
    this.#set({ theirs });
    this.#connection();
    if (!before.isConnected) return;
    if (before.theirs.microphone !== microphone) announce(text(microphone ? "unmuted" : "muted", before));
    if (!before.theirs.screen && screen) announce(text("shares", before));
  }

  #sayState() {
    const { mine, isPoor, isPaused } = this.state;
    this.#link.say({ kind: "state", ...mine, isPoor, isPaused });
  }

  #quality({ isPoor, isPaused, level }) {
    if (isPoor && !this.state.isPoor) this.#place.note("poor", { detail: `level ${level}` });
    this.#set({ isPoor, isPaused });
    this.#sayState();
  }

  #devicesChanged() {
    const { tracks, problems } = this.#devices;
    const mine = Object.fromEntries(Object.keys(FRESH.mine).map((kind) => [kind, this.#devices.isOn(kind)]));
    for (const [kind, track] of Object.entries(tracks)) this.#link.replace(kind, track);
    play(video("self"), tracks.camera);
    this.#adaptation.isSharing = mine.screen;
    this.#adaptation.apply();
    this.#set({ mine });
    this.#sayState();
    showProblems(problems);
    for (const [kind, name] of Object.entries(problems)) this.#noteOnce(`${kind} ${name}`);
  }

  #noteOnce(detail) {
    if (!this.#noted.has(detail)) this.#place.note("device", { detail });
    this.#noted.add(detail);
  }

  #refused({ code, message }) {
    tellParent("problem", { code });
    this.#stop(code === "room_moved" ? "moved" : "refused", message);
  }

  /** Outside. The room that was closed may have been replaced: the page around knows. */
  #stop(why, detail = "") {
    const what = why === "meeting" || why === "window" ? "moved" : why;
    this.#link.close();
    this.#mailbox.close();
    this.#devices.stop();
    for (const element of Object.values(SHOWN)) play(element, null);
    this.#set({ ...FRESH });
    if (what !== "refused") tellParent(what);
    this.tell("over", { why: what, detail });
  }
}
