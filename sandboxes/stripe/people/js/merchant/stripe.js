/** One publishable key's view of the sandbox: what `Stripe(key, options)` returns. */
class StripeClient {
  #key;
  #options;
  #controller = null;

  constructor(key, options) {
    requireThat(typeof key === "string" && key !== "", "Please call Stripe() with your publishable key.");
    requireThat(!/^(sk|rk)_/.test(key), "You should not use your secret key with Stripe.js. Please pass a publishable key instead.");
    requireThat(key.startsWith("pk_"), "Invalid value for Stripe(): apiKey should be a publishable key (pk_...).");
    this.#key = key;
    this.#options = options;
  }

  elements(options = {}) {
    return new Elements(this, { locale: this.locale(), ...options });
  }

  async confirmPayment(options) {
    return confirmAndSettle(this, confirmation(options));
  }

  async retrievePaymentIntent(clientSecret) {
    intentIdOf(clientSecret);
    return this.callController("retrieve", { clientSecret, locale: this.locale() });
  }

  async handleNextAction({ clientSecret } = {}) {
    const found = await this.retrievePaymentIntent(clientSecret);
    return found.error ? found : settleNextAction(this, found.paymentIntent, this.locale());
  }

  locale() {
    return this.#options.locale ?? "auto";
  }

  credentials() {
    return { key: this.#key, account: this.#options.stripeAccount ?? null };
  }

  /** Calls the API from a hidden frame of the sandbox's own origin: no CORS, no merchant code in between. */
  callController(method, params) {
    this.#controller ??= this.#openController();
    return this.#controller.call(method, params);
  }

  #openController() {
    const frame = new Frame("/v3/frames/controller", {
      title: "Stripe sandbox controller",
      styles: { display: "none" },
      options: this.credentials(),
    });
    frame.node.setAttribute("aria-hidden", "true");
    frame.node.tabIndex = -1;
    document.body.append(frame.node);
    return frame;
  }
}

window.Stripe = Object.assign((key, options = {}) => new StripeClient(key, options), { version: "sandbox" });
