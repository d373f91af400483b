// The WebSocket to the room: enters, comes back after a loss, and tells when the line is dead.

const FIRST_WAIT = 400;
const LONGEST_WAIT = 4000;
const PING_EVERY = 4000;
const SILENCE = 10000;

/** Fires a CustomEvent of each message's type, plus "down" when the line is lost. */
export class Connection extends EventTarget {
  #socket = null;
  #session = null;
  #finished = false;
  #wait = FIRST_WAIT;
  #retry = 0;
  #pulse = 0;
  #heard = 0;

  constructor(entry) {
    super();
    this.entry = entry;
    addEventListener("online", this.#now);
    addEventListener("offline", this.#drop);
  }

  open() {
    clearTimeout(this.#retry);
    const address = new URL("/_rtc/ws", location.href);
    address.protocol = address.protocol.replace("http", "ws");
    const socket = new WebSocket(address);
    this.#socket = socket;
    this.#heard = Date.now();
    socket.onopen = () => socket.send(JSON.stringify(this.#greeting()));
    socket.onmessage = (event) => this.#receive(JSON.parse(event.data));
    socket.onclose = () => this.#lost(socket);
    clearInterval(this.#pulse);
    this.#pulse = setInterval(() => this.#check(socket), PING_EVERY);
  }

  #greeting() {
    return this.#session ? { type: "resume", ...this.#session } : { type: "join", ...this.entry };
  }

  #receive(message) {
    if (this.#finished) return;
    this.#heard = Date.now();
    if (message.type === "joined" || message.type === "resumed") {
      this.#session = { session_id: message.session_id, resume_key: message.resume_key };
      this.#wait = FIRST_WAIT;
    }
    if (message.type === "ended" && message.reason === "lost") {
      this.#session = null; // away for too long, but the person is still here: enter anew
      return;
    }
    if (message.type === "ended" || message.type === "refused") this.close();
    this.dispatchEvent(new CustomEvent(message.type, { detail: message }));
  }

  send(message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** Says goodbye; nothing is tried again afterwards. */
  leave() {
    this.send({ type: "leave" });
    this.close();
  }

  close() {
    this.#finished = true;
    clearInterval(this.#pulse);
    clearTimeout(this.#retry);
    removeEventListener("online", this.#now);
    removeEventListener("offline", this.#drop);
    this.#socket?.close();
  }

  #check(socket) {
    if (Date.now() - this.#heard > SILENCE) this.#drop();
    else if (socket.readyState === WebSocket.OPEN) this.send({ type: "ping" });
  }

  #drop = () => {
    const socket = this.#socket;
    if (!socket) return;
    socket.onclose = socket.onmessage = socket.onopen = null;
    socket.close();
    this.#lost(socket);
  };

  #now = () => {
    if (!this.#finished && !this.#socket) this.open();
  };

  #lost(socket) {
    if (this.#finished || this.#socket !== socket) return;
    this.#socket = null;
    clearInterval(this.#pulse);
    this.dispatchEvent(new Event("down"));
    this.#retry = setTimeout(() => this.open(), this.#wait * (0.7 + Math.random() * 0.6));
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
  }
}
