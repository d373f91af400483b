const FRAME_TIMEOUT_MS = 10_000;

/** Styles go through the CSSOM, which a `style-src 'self'` policy allows. */
function applyStyles(node, styles) {
  for (const [name, value] of Object.entries(styles)) node.style.setProperty(name, value, "important");
}

/**
 * An iframe of the sandbox and a private channel to it.
 * Card data stays on the other side: only answers and events cross.
 */
class Frame extends Emitter {
  #port = null;
  #calls = new Map();
  #lastCall = 0;

  constructor(path, { title, styles = {}, options = {} }) {
    super();
    this.node = document.createElement("iframe");
    this.node.src = `${SANDBOX_ORIGIN}${path}`;
    this.node.title = title;
    this.node.allow = "payment *";
    applyStyles(this.node, { border: "0", "color-scheme": "light", ...styles });
    this.connected = this.#connect(options);
    this.connected.catch(() => {});
  }

  /** Settles when the page inside has answered: rejects when it never does. */
  #connect(options) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(connectionError()), FRAME_TIMEOUT_MS);
      this.once("connected", () => {
        clearTimeout(timer);
        resolve();
      });
      this.node.addEventListener("load", () => this.#greet(options));
      this.node.addEventListener("error", () => reject(connectionError()));
    });
  }

  #greet(options) {
    const channel = new MessageChannel();
    this.#port = channel.port1;
    this.#port.onmessage = ({ data }) => this.#receive(data);
    this.node.contentWindow.postMessage({ type: "connect", options }, SANDBOX_ORIGIN, [channel.port2]);
  }

  #receive({ event, payload, call, result }) {
    if (event) return this.emit(event, payload);
    this.#calls.get(call)?.(result);
    this.#calls.delete(call);
  }

  /** Asks the page inside to do something; resolves with its answer. */
  async call(method, params = {}) {
    try {
      await this.connected;
    } catch (error) {
      return { error };
    }
    const call = ++this.#lastCall;
    return new Promise((resolve) => {
      this.#calls.set(call, resolve);
      this.#port.postMessage({ call, method, params });
    });
  }

  remove() {
    for (const resolve of this.#calls.values()) resolve({ error: unmountedError() });
    this.#calls.clear();
    this.#port?.close();
    this.node.remove();
  }
}

function connectionError() {
  return { type: "api_connection_error", message: "We are experiencing issues connecting to our payments provider." };
}

function unmountedError() {
  return {
    type: "invalid_request_error",
    message: "The Element was unmounted before the operation could complete.",
  };
}
