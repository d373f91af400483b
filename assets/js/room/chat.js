// Written messages, from browser to browser. Each is said again until the other has confirmed it: nothing is lost with a
// connection, and nothing is shown twice.
import { announce } from "../lib/live.js";
import { Speaker, part, text, write } from "./dom.js";

const LONGEST = 1000; // characters

/** Fires "opened" (whether the panel is open). */
export class Chat extends Speaker {
  #say;
  #name = "";
  #unread = 0;
  #unconfirmed = new Map();
  #seen = new Set();
  #panel = part("chat");
  #button = part("chat-button");
  #list = part("messages");
  #form = part("chat-form");

  /** @param {(message: object) => boolean} say through the data channel; false if it is not there */
  constructor(say) {
    super();
    this.#say = say;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#write();
    });
  }

  set name(name) {
    this.#name = name;
  }

  get isOpen() {
    return !this.#panel.hidden;
  }

  /** Open or close the panel, with the focus. */
  toggle(open = !this.isOpen) {
    this.#panel.hidden = !open;
    this.#button.setAttribute("aria-expanded", String(open));
    if (open) {
      this.#setUnread(0);
      this.#form.elements.text.focus();
      this.#scroll();
    } else {
      this.#button.focus();
    }
    this.tell("opened", open);
  }

  /** The channel is open (again): say what was not confirmed. */
  resend() {
    for (const { message } of this.#unconfirmed.values()) this.#say(message);
  }

  /** Take a message of the other's. */
  receive({ kind, id, text: written }) {
    if (kind === "chat-got") return this.#confirmed(id);
    this.#say({ kind: "chat-got", id });
    if (this.#seen.has(id)) return undefined;
    this.#seen.add(id);
    this.#show(this.#name, String(written).slice(0, LONGEST), "theirs");
    if (!this.isOpen) {
      this.#setUnread(this.#unread + 1);
      announce(`${this.#name}: ${String(written).slice(0, LONGEST)}`);
    }
    return undefined;
  }

  #write() {
    const field = this.#form.elements.text;
    const written = field.value.trim().slice(0, LONGEST);
    if (!written) return;
    field.value = "";
    const message = { kind: "chat", id: crypto.getRandomValues(new Uint32Array(2)).join("-"), text: written };
    const line = this.#show(text("you"), written, "mine");
    line.querySelector("small").textContent = text("on_its_way");
    this.#unconfirmed.set(message.id, { message, line });
    this.#say(message);
  }

  #confirmed(id) {
    this.#unconfirmed.get(id)?.line.querySelector("small").remove();
    this.#unconfirmed.delete(id);
  }

  #show(name, written, whose) {
    part("no-messages")?.remove();
    const line = document.createElement("div");
    line.className = `message message-${whose}`;
    const parts = { b: name, p: written, small: "" };
    for (const [tag, content] of Object.entries(parts)) {
      if (tag === "small" && whose === "theirs") continue;
      line.append(Object.assign(document.createElement(tag), { textContent: content }));
    }
    this.#list.append(line);
    this.#scroll();
    return line;
  }

  #scroll() {
    this.#list.scrollTop = this.#list.scrollHeight;
  }

  #setUnread(count) {
    this.#unread = count;
    const badge = part("unread");
    badge.hidden = !count;
    write(badge, String(count));
    badge.append(Object.assign(document.createElement("span"), { className: "sr-only", textContent: ` ${text("unread")}` }));
  }
}
