// The pictures of the others: one tile for each person, one more for a shared screen.
import { element, initials, text } from "./texts.js";

const icon = (name) =>
  `<svg class="icon" aria-hidden="true"><use href="/_assets/icons.svg#${name}"/></svg>`;

function build(className) {
  const tile = document.createElement("figure");
  tile.className = `tile ${className}`;
  tile.innerHTML = `<video autoplay playsinline></video><span class="initials" aria-hidden="true"></span>
    <p class="tile-note" hidden></p>
    <figcaption class="tile-name"><span class="muted-mark" hidden>${icon("microphone-off")}<span class="visually-hidden"></span></span><span data-name></span></figcaption>`;
  tile.querySelector(".muted-mark .visually-hidden").textContent = text("muted");
  return tile;
}

function attach(video, stream) {
  if (video.srcObject === (stream ?? null)) return;
  video.srcObject = stream ?? null;
  if (stream) video.play().catch((error) => offerToPlay(error));
}

// Browsers may want a touch before they make a sound.
function offerToPlay(error) {
  if (error.name !== "NotAllowedError") return;
  const button = element("play");
  button.hidden = false;
  button.onclick = () => {
    button.hidden = true;
    document.querySelectorAll("#tiles video").forEach((video) => video.play());
  };
}

/** What is seen of one other person. */
export class Tiles {
  constructor() {
    this.person = build("person");
    this.screen = build("screen");
    this.screen.querySelector(".initials").remove();
  }

  /** Draws this person: {name, state, away, virtual}, their connection and their streams. */
  draw(member, peer) {
    const { state } = member;
    const streams = peer ? [...peer.streams.values()] : [];
    const shared = state.screen ? peer?.streams.get(state.screen) : null;
    this.#drawPerson(member, peer, streams.find((stream) => stream.id !== state.screen && stream.active));
    if (shared) this.#drawScreen(member, shared);
    else this.screen.remove();
  }

  #drawPerson(member, peer, stream) {
    const { person } = this;
    attach(person.querySelector("video"), stream);
    person.classList.toggle("without-picture", !member.state.camera);
    person.dataset.microphone = member.state.microphone ? "on" : "off";
    person.dataset.camera = member.state.camera ? "on" : "off";
    person.dataset.connected = String(Boolean(peer?.connected));
    person.querySelector(".initials").textContent = initials(member.name);
    person.querySelector("[data-name]").textContent = member.name;
    person.querySelector(".muted-mark").hidden = member.state.microphone;
    this.#note(member, peer);
    if (!person.isConnected) element("tiles").append(person);
  }

  #note(member, peer) {
    const note = this.person.querySelector(".tile-note");
    const hasMedia = member.state.camera || member.state.microphone;
    if (member.away) note.textContent = text("peer_away", { name: member.name });
    else if (hasMedia && peer && !peer.connected) note.textContent = text("connecting");
    else note.textContent = "";
    note.hidden = !note.textContent;
  }

  #drawScreen(member, stream) {
    attach(this.screen.querySelector("video"), stream);
    this.screen.querySelector(".muted-mark").hidden = true;
    this.screen.querySelector("[data-name]").textContent = text("is_sharing", { name: member.name });
    if (!this.screen.isConnected) element("tiles").prepend(this.screen);
  }

  remove() {
    for (const tile of [this.person, this.screen]) {
      tile.querySelector("video").srcObject = null;
      tile.remove();
    }
  }
}
