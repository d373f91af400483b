/** Room around the fields inside the frame, so that focus rings are not cut off. */
const FRAME_GUTTER_PX = 4;
/** Height of the card form before the frame has measured itself. */
const FIRST_HEIGHT_PX = 254;

const FORWARDED_EVENTS = ["loaderstart", "change", "focus", "blur", "escape"];

let isPressed = false;
const afterPress = new Set();
for (const [type, pressed] of [["pointerdown", true], ["pointerup", false], ["pointercancel", false]]) {
  addEventListener(
    type,
    () => {
      isPressed = pressed;
      if (!pressed) setTimeout(catchUp);
    },
    true,
  );
}

function catchUp() {
  for (const act of afterPress) act();
  afterPress.clear();
}

/**
 * Acts now, or after the click: leaving a field by pressing a button can take a message away, and a button that moves
 * between press and release is not clicked.
 */
function withoutMovingUnderPress(act) {
  if (isPressed) afterPress.add(act);
  else act();
}

/** The Payment Element: a frame that holds the fields, and the methods a merchant calls on it. */
class PaymentElement extends Emitter {
  #group;
  #options;
  #frame = null;
  #destroyed = false;
  /** "light" or "dark", as the fields are; the challenge follows. */
  scheme = "light";

  constructor(group, options) {
    super();
    this.#group = group;
    this.#options = options;
  }

  mount(target) {
    requireThat(!this.#destroyed, "This Element has already been destroyed. Please create a new one.");
    const container = typeof target === "string" ? document.querySelector(target) : target;
    requireThat(
      container instanceof HTMLElement,
      `The selector you specified (${target}) applies to no DOM elements that are currently on the page. ` +
        "Make sure the element exists on the page before calling mount().",
    );
    if (this.#frame?.node.parentNode === container) return;
    this.unmount();
    this.#frame = this.#openFrame();
    container.classList.add("StripeElement");
    container.replaceChildren(this.#frame.node);
  }

  unmount() {
    this.#frame?.node.parentNode?.classList.remove("StripeElement");
    this.#frame?.remove();
    this.#frame = null;
  }

  destroy() {
    this.unmount();
    this.#destroyed = true;
    this.#group.forget(this);
  }

  update(options) {
    this.#options = { ...this.#options, ...options };
    this.#frame?.call("update", { element: options });
  }

  focus() {
    this.#frame?.node.focus();
    this.#frame?.call("focus");
  }

  blur() {
    this.#frame?.call("blur");
    this.#frame?.node.blur();
  }

  clear() {
    this.#frame?.call("clear");
  }

  collapse() {
    this.#frame?.call("collapse");
  }

  /** The frame, for the calls that need what was typed into it. */
  mountedFrame() {
    requireThat(
      this.#frame?.node.isConnected,
      "We could not retrieve data from the specified Element. " +
        "Please make sure the Element you are attempting to use is still mounted.",
    );
    return this.#frame;
  }

  /** Hands changed settings of the group to the frame, when there is one. */
  refresh(group) {
    this.#frame?.call("update", { group });
  }

  fetchUpdates() {
    return this.#frame ? this.#frame.call("fetchUpdates") : Promise.resolve({});
  }

  #openFrame() {
    const frame = new Frame("/v3/frames/payment", {
      title: this.#group.isFrench() ? "Cadre de saisie sécurisé pour le paiement" : "Secure payment input frame",
      options: { ...this.#group.settings(), element: this.#options },
      styles: {
        display: "block",
        width: `calc(100% + ${2 * FRAME_GUTTER_PX}px)`,
        margin: `-${FRAME_GUTTER_PX}px`,
        height: `${FIRST_HEIGHT_PX}px`,
        "min-width": "0",
        "max-width": "none",
        "user-select": "none",
      },
    });
    this.#relay(frame);
    return frame;
  }

  #relay(frame) {
    for (const event of FORWARDED_EVENTS) {
      frame.on(event, (payload) => this.emit(event, { elementType: "payment", ...payload }));
    }
    frame.on("ready", () => this.emit("ready", { elementType: "payment" }));
    frame.on("size", ({ height }) =>
      withoutMovingUnderPress(() => applyStyles(frame.node, { height: `${height}px` })),
    );
    frame.on("scheme", ({ scheme }) => {
      this.scheme = scheme;
      applyStyles(frame.node, { "color-scheme": scheme });
    });
    const failed = (error) => this.emit("loaderror", { elementType: "payment", error });
    frame.on("loaderror", ({ error }) => failed(error));
    frame.connected.catch(failed);
  }
}
