/** Origin the script was served from: frames, API and challenge pages all live there. */
const SANDBOX_ORIGIN = new URL(document.currentScript.src).origin;

/** A mistake in the merchant's integration: thrown, never returned. */
class IntegrationError extends Error {
  constructor(message) {
    super(message);
    this.name = "IntegrationError";
  }
}

function requireThat(condition, message) {
  if (!condition) throw new IntegrationError(message);
}

/** "pi_123_secret_456" names the intent it opens. */
function intentIdOf(clientSecret) {
  const match = /^(pi_[A-Za-z0-9]+)_secret_[A-Za-z0-9]+$/.exec(String(clientSecret));
  requireThat(
    match,
    `Invalid value for clientSecret: value should be a client secret of the form \${id}_secret_\${secret}. ` +
      `You specified: ${clientSecret}.`,
  );
  return match[1];
}

/** Listeners by event name, as Elements offer them: on, off, once. */
class Emitter {
  #listeners = new Map();

  on(event, handler) {
    requireThat(typeof handler === "function", `The handler of "${event}" should be a function.`);
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), handler]);
    return this;
  }

  off(event, handler) {
    const kept = (this.#listeners.get(event) ?? []).filter((each) => handler && each !== handler);
    this.#listeners.set(event, kept);
    return this;
  }

  once(event, handler) {
    const onlyOnce = (payload) => {
      this.off(event, onlyOnce);
      handler(payload);
    };
    return this.on(event, onlyOnce);
  }

  emit(event, payload) {
    for (const handler of this.#listeners.get(event) ?? []) handler(payload);
  }
}
