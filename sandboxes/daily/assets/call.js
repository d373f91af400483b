// A call from entering to leaving: who is here, the connections to them, and what the page shows of it.
import { addLine, drawPeople } from "./chat.js";
import { Connection } from "./connection.js";
import { Peer } from "./peer.js";
import { announce, element, text } from "./texts.js";
import { Tiles } from "./tiles.js";

/** Fires "entered" once inside, "over" with a reason, "refused" with a reason. */
export class Call extends EventTarget {
  members = new Map();
  #peers = new Map();
  #tiles = new Map();
  #me = null;
  #ids = new Set();
  #started = 0;
  #ejectAt = null;
  #clock = 0;

  constructor({ entry, devices }) {
    super();
    this.devices = devices;
    this.connection = new Connection(entry);
    this.#listen();
    devices.addEventListener("change", this.#devicesChanged);
  }

  start() {
    this.connection.open();
  }

  leave() {
    this.connection.leave();
    this.#finish("left");
  }

  say(line) {
    return this.connection.send({ type: "chat", text: line });
  }

  #listen() {
    const on = (type, handler) => this.connection.addEventListener(type, ({ detail }) => handler(detail));
    on("joined", (message) => this.#entered(message));
    on("resumed", (message) => this.#resumed(message));
    on("refused", ({ reason }) => this.#refused(reason));
    on("ended", ({ reason }) => this.#finish(reason));
    on("down", () => this.#banner(text("reconnecting")));
    on("peer-joined", ({ peer }) => this.#joined(peer));
    on("peer-left", ({ id }) => this.#left(id));
    on("peer-away", ({ id }) => this.#presence(id, true));
    on("peer-back", ({ id }) => this.#presence(id, false));
    on("state", ({ id, state }) => this.#stateChanged(id, state));
    on("signal", ({ from, data }) => this.#peers.get(from)?.receive(data));
    on("recording", ({ running }) => this.#showRecording(running));
    on("chat", ({ line }) => addLine(line, { mine: this.#ids.has(line.from) }));
  }

  #entered(message) {
    for (const id of [...this.members.keys()]) this.#remove(id);
    this.#welcome(message);
    for (const peer of message.peers) this.#add(peer);
    for (const line of message.chat) addLine(line, { mine: this.#ids.has(line.from), quiet: true });
    this.#drawRoom();
    this.dispatchEvent(new CustomEvent("entered", { detail: message }));
    this.#shareState();
  }

  #resumed(message) {
    this.#welcome(message);
    const present = new Set(message.peers.map((peer) => peer.id));
    for (const id of [...this.members.keys()]) if (!present.has(id)) this.#remove(id);
    for (const peer of message.peers) this.#update(peer);
    for (const line of message.chat) addLine(line, { mine: this.#ids.has(line.from) });
    this.#shareState();
    announce(text("reconnected"));
  }

  #welcome(message) {
    this.#me = { id: message.session_id, name: message.name ?? text("guest") };
    this.#ids.add(message.session_id);
    this.#started = Date.now() - (message.now - message.joined_at) * 1000;
    this.#ejectAt = message.will_eject_at && Date.now() + (message.will_eject_at - message.now) * 1000;
    this.#banner("");
    this.#showRecording(message.recording);
    clearInterval(this.#clock);
    this.#clock = setInterval(() => this.#tick(), 1000);
    this.#tick();
  }

  #update(peer) {
    if (!this.members.has(peer.id)) {
      this.#add(peer);
      return;
    }
    this.members.set(peer.id, named(peer));
    this.#peers.get(peer.id)?.repair();
    this.#draw(peer.id);
  }

  #joined(member) {
    if (this.members.has(member.id)) return;
    this.#add(member);
    announce(text("joined", { name: this.members.get(member.id).name }));
    this.#shareState();
  }

  #add(member) {
    this.members.set(member.id, named(member));
    this.#tiles.set(member.id, new Tiles());
    if (!member.virtual) this.#connect(member.id);
    this.#draw(member.id);
  }

  #connect(id) {
    const send = (data) => this.connection.send({ type: "signal", to: id, data });
    const peer = new Peer({ me: this.#me.id, id, send });
    this.#peers.set(id, peer);
    peer.addEventListener("streams", () => this.#draw(id));
    peer.addEventListener("connection", () => this.#draw(id));
    peer.start(this.#sources());
  }

  #left(id) {
    const member = this.members.get(id);
    if (!member) return;
    this.#remove(id);
    announce(text("left", { name: member.name }));
  }

  #remove(id) {
    this.#peers.get(id)?.close();
    this.#tiles.get(id)?.remove();
    for (const map of [this.#peers, this.#tiles, this.members]) map.delete(id);
    this.#drawRoom();
  }

  #presence(id, away) {
    const member = this.members.get(id);
    if (!member) return;
    member.away = away;
    if (!away) this.#peers.get(id)?.repair();
    if (!away) this.#shareState();
    this.#draw(id);
  }

  #stateChanged(id, state) {
    const member = this.members.get(id);
    if (!member) return;
    if (member.state.microphone !== state.microphone && this.#peers.get(id)?.connected) {
      announce(text(state.microphone ? "now_unmuted" : "now_muted", { name: member.name }));
    }
    if (!member.state.screen && state.screen) announce(text("is_sharing", { name: member.name }));
    member.state = state;
    this.#draw(id);
  }

  #sources() {
    const { devices } = this;
    const own = ["microphone", "camera"].map((device) => [device, devices.track(device), devices.stream]);
    const shared = devices.screen?.getTracks() ?? [];
    return [...own, ...shared.map((track) => [track.id, track, devices.screen])];
  }

  #devicesChanged = () => {
    for (const peer of this.#peers.values()) peer.use(this.#sources());
    this.#shareState();
    this.#drawRoom();
  };

  #shareState() {
    this.connection.send({ type: "state", state: this.devices.state() });
  }

  #draw(id) {
    const member = this.members.get(id);
    if (!member) return;
    this.#tiles.get(id).draw(member, this.#peers.get(id));
    this.#drawRoom();
  }

  #drawRoom() {
    const { microphone, camera, screen } = this.devices.state();
    const me = { name: this.#me?.name ?? "", you: true, microphone, camera };
    const others = [...this.members.values()].map((member) => ({ ...member, ...member.state }));
    drawPeople([me, ...others]);
    element("waiting").hidden = others.length > 0;
    element("call").classList.toggle("alone", others.length === 0);
    element("call").classList.toggle("sharing", Boolean(screen) || others.some((other) => other.screen));
  }

  #banner(line) {
    element("banner").textContent = line;
    element("banner").hidden = !line;
  }

  #showRecording(running) {
    if (element("recording").hidden === !running) return;
    element("recording").hidden = !running;
    announce(text(running ? "recording_began" : "recording_ended"));
  }

  #tick() {
    element("elapsed").textContent = clockText(Date.now() - this.#started);
    const left = this.#ejectAt ? this.#ejectAt - Date.now() : Infinity;
    element("ending").hidden = left > 5 * 60 * 1000;
    element("ending").textContent = text("ends_in", { time: clockText(Math.max(0, left)) });
  }

  #refused(reason) {
    this.#stop();
    this.dispatchEvent(new CustomEvent("refused", { detail: reason }));
  }

  #finish(reason) {
    this.connection.close();
    this.#stop();
    this.dispatchEvent(new CustomEvent("over", { detail: reason }));
  }

  #stop() {
    clearInterval(this.#clock);
    this.devices.removeEventListener("change", this.#devicesChanged);
    for (const id of [...this.members.keys()]) this.#remove(id);
  }
}

function named(member) {
  return { ...member, name: member.name ?? text("guest") };
}

function clockText(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, "0"));
  return seconds < 3600 ? parts.join(":") : [Math.floor(seconds / 3600), ...parts].join(":");
}
