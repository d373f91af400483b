const GROUP_OPTIONS = ["appearance", "locale", "amount", "currency", "mode", "paymentMethodTypes", "setupFutureUsage"];

/** What `stripe.elements()` returns: one intent, one look, one Payment Element. */
class Elements {
  #stripe;
  #options;
  #element = null;

  constructor(stripe, options) {
    requireThat(
      Boolean(options.clientSecret) !== Boolean(options.mode),
      "In order to create a payment element, you must pass a clientSecret or mode when creating the Elements group.",
    );
    if (options.clientSecret) intentIdOf(options.clientSecret);
    this.#stripe = stripe;
    this.#options = options;
  }

  create(type, options = {}) {
    requireThat(type === "payment", `A valid Element type must be provided. The sandbox knows "payment", not "${type}".`);
    requireThat(!this.#element, "Can only create one Element of type payment.");
    this.#element = new PaymentElement(this, options);
    return this.#element;
  }

  getElement(type) {
    return type === "payment" || type === PaymentElement ? this.#element : null;
  }

  update(options) {
    for (const name of Object.keys(options)) {
      requireThat(GROUP_OPTIONS.includes(name), `Unrecognized elements.update() parameter: ${name}.`);
    }
    this.#options = { ...this.#options, ...options };
    this.#element?.refresh(options);
  }

  /** Reads the intent again and shows what changed; `{}` or `{error}`. */
  fetchUpdates() {
    return this.#element ? this.#element.fetchUpdates() : Promise.resolve({});
  }

  /** Checks the fields and shows what is wrong; `{selectedPaymentMethod}` or `{error}`. */
  submit() {
    return this.paymentFrame().call("submit");
  }

  paymentFrame() {
    requireThat(
      this.#element,
      "Missing required Element: create a payment element and mount it before submitting or confirming.",
    );
    return this.#element.mountedFrame();
  }

  clientSecret() {
    return this.#options.clientSecret;
  }

  isFrench() {
    const locale = this.#options.locale ?? "auto";
    return (locale === "auto" ? navigator.language : locale).toLowerCase().startsWith("fr");
  }

  settings() {
    return { ...this.#stripe.credentials(), ...this.#options };
  }

  forget(element) {
    if (this.#element === element) this.#element = null;
  }
}
