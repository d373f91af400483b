// Paying with Stripe's Payment Element. What the browser learns here decides nothing: the page we go on to asks the server.
import { post } from "./lib/api.js";
import { announce } from "./lib/live.js";
import { watch } from "./lib/stream.js";
import { appearance, onThemeChange } from "./lib/stripe-look.js";

const root = document.querySelector("[data-pay]");
const { pay: booking, returnUrl, token, failedText, busyText } = root.dataset;
const form = root.querySelector("form");
const button = form.querySelector("button[type=submit]");
const retry = root.querySelector("[data-pay-retry]");
const error = root.querySelector("[data-pay-error]");
const lapsed = root.querySelector("[data-pay-lapsed]");
const PAID = new Set(["succeeded", "processing", "requires_capture"]);
const MOVED_ON = new Set(["already_paid", "hold_lapsed", "booking_cancelled", "booking_not_found"]);
let isPaying = false;
let isOver = false;
let payment = null;

const goOn = () => location.replace(returnUrl);

function showError(text, { canRetry = false } = {}) {
  error.querySelector("[data-pay-error-text]").textContent = text;
  error.hidden = false;
  retry.hidden = !canRetry;
  error.scrollIntoView({ block: "nearest" });
}

function setPaying(paying) {
  isPaying = paying;
  button.disabled = paying;
  button.toggleAttribute("data-waiting", paying);
  if (paying) button.setAttribute("aria-busy", "true");
  else button.removeAttribute("aria-busy");
}

/** The time is over: nothing can be paid any more, unless a payment is under way, whose end decides. */
function end() {
  isOver = true;
  if (isPaying) return;
  for (const part of root.querySelectorAll("[data-pay-open]")) part.hidden = true;
  lapsed.hidden = false;
  lapsed.querySelector("h2").focus();
}

/** A payment that cannot be paid here any more has moved on in another window: the server knows where it stands. */
async function moveOn() {
  await post(`/api/bookings/${booking}/refresh`).catch(() => {});
  goOn();
}

function show(stripe, clientSecret) {
  const { name, email } = root.dataset;
  const elements = stripe.elements({ clientSecret, appearance: appearance(), locale: document.documentElement.lang });
  payment = elements.create("payment", { layout: "tabs", defaultValues: { billingDetails: { name, email } } });
  payment.on("ready", () => {
    root.querySelector("[data-pay-loading]").hidden = true;
    button.disabled = false;
  });
  payment.on("loaderror", ({ error: trouble }) => {
    if (trouble.code === "payment_intent_unexpected_state") moveOn();
    else showError(trouble.message ?? failedText, { canRetry: true });
  });
  payment.on("change", () => {
    error.hidden = true;
  });
  payment.mount(root.querySelector("[data-pay-element]"));
  onThemeChange(() => elements.update({ appearance: appearance() }));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!isPaying && !isOver) confirm(stripe, elements);
  });
}

async function confirm(stripe, elements) {
  setPaying(true);
  error.hidden = true;
  announce(busyText);
  const confirmParams = { return_url: new URL(returnUrl, location.href).href };
  const answer = await stripe.confirmPayment({ elements, confirmParams, redirect: "if_required" });
  if (PAID.has(answer.paymentIntent?.status)) return goOn();
  setPaying(false);
  if (isOver) return end();
  return refused(answer.error);
}

function refused(trouble) {
  if (trouble?.code === "payment_intent_unexpected_state") return moveOn();
  // What is wrong with a field stands beside the field already.
  if (trouble?.type === "validation_error") return payment.focus();
  showError(trouble?.message ?? failedText);
  return error.focus();
}

async function start() {
  error.hidden = true;
  try {
    if (!window.Stripe) throw new Error(failedText);
    const { client_secret: secret, publishable_key: key } = await post("/api/payments/create-intent", { booking_id: booking });
    show(window.Stripe(key, { locale: document.documentElement.lang }), secret);
  } catch (problem) {
    if (MOVED_ON.has(problem.code)) return goOn();
    showError(problem.message, { canRetry: true });
  }
}

retry.addEventListener("click", () => location.reload());
document.addEventListener("countdown:end", end);
watch(`/api/bookings/${booking}/events?token=${encodeURIComponent(token)}`, {
  events: {
    booking: ({ status }) => {
      if (status === "CANCELLED") end();
      else if (status !== "PENDING") goOn();
    },
  },
  poll: () => {},
});
start();
