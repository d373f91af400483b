import { confirmIntent, retrieveIntent } from "./api.js";
import { applyAppearance, loadFonts } from "./appearance.js";
import { mergeBilling } from "./billing.js";
import { CardForm } from "./card-form.js";
import { serve } from "./channel.js";
import { validationError } from "./errors.js";
import { SepaForm } from "./sepa-form.js";
import { Tabs } from "./tabs.js";
import { languageOf, textsFor, writeTexts } from "./texts.js";

const MAIN = document.querySelector("main");
const CONFIRMABLE = ["requires_payment_method", "requires_confirmation", "requires_action"];

let options = {};
let send = () => {};
let lastChange = "";
const forms = Object.fromEntries([CardForm, SepaForm].map((Form) => new Form(() => announceChange())).map((form) => [form.type, form]));
const tabs = new Tabs(showPanel);

const texts = () => textsFor(options.locale);
const context = () => ({ credentials: options, texts: texts() });
const selectedForm = () => forms[tabs.selected];
const visibleFields = (form) => Object.values(form.fields).filter((field) => !field.isHidden());

function showPanel(method) {
  for (const form of Object.values(forms)) form.panel.hidden = form.type !== method;
  if (!MAIN.hasAttribute("aria-busy")) announceChange();
}

/** Tells the merchant when emptiness, completeness or the method changed, not at every key. */
function announceChange() {
  const form = selectedForm();
  const fields = form ? visibleFields(form) : [];
  const change = {
    empty: fields.every((field) => field.input.value === ""),
    complete: fields.length > 0 && fields.every((field) => !field.problem()),
    collapsed: !form,
    value: { type: tabs.selected ?? "" },
  };
  if (JSON.stringify(change) === lastChange) return;
  lastChange = JSON.stringify(change);
  send("change", change);
}

/** Puts language, look and the merchant's wishes on the page; safe to repeat. */
function present() {
  const language = languageOf(options.locale);
  writeTexts(document, texts(), options.locale);
  for (const form of Object.values(forms)) {
    form.configure({ texts: texts(), language, element: options.element });
    for (const field of Object.values(form.fields)) field.translate(texts());
  }
  for (const control of document.querySelectorAll("input, select")) control.disabled = options.element?.readOnly ?? false;
  send("scheme", { scheme: applyAppearance(options.appearance) });
}

/** What the intent offers of what the sandbox can take; an error when it can no longer be paid. */
async function offeredMethods() {
  if (!options.clientSecret) return { methods: options.paymentMethodTypes ?? ["card"] };
  const { paymentIntent, error } = await retrieveIntent(options.clientSecret, context());
  if (error) return { error };
  if (!CONFIRMABLE.includes(paymentIntent.status)) return { error: terminalState(paymentIntent) };
  return { methods: paymentIntent.payment_method_types };
}

function terminalState(paymentIntent) {
  const code = "payment_intent_unexpected_state";
  return { type: "invalid_request_error", code, message: texts().errors[code], payment_intent: paymentIntent };
}

function inWantedOrder(methods) {
  const order = options.element?.paymentMethodOrder ?? [];
  const known = methods.filter((method) => method in forms);
  return [...known].sort((one, other) => rank(order, one) - rank(order, other));
}

const rank = (order, method) => (order.includes(method) ? order.indexOf(method) : order.length);

async function load() {
  send("loaderstart");
  const { methods, error } = await offeredMethods();
  if (error) {
    document.getElementById("load-error").textContent = error.message;
    document.getElementById("load-error").hidden = false;
    document.getElementById("skeleton").hidden = true;
    return send("loaderror", { error });
  }
  tabs.offer(inWantedOrder(methods));
  MAIN.removeAttribute("aria-busy");
  send("ready");
}

async function start(given, sendEvent) {
  options = given;
  send = sendEvent;
  new ResizeObserver(() => send("size", { height: Math.ceil(MAIN.getBoundingClientRect().height) })).observe(MAIN);
  await loadFonts(options.fonts);
  present();
  await load();
}

/** Shows every problem of the chosen method; the first one as an error, or null. */
function check() {
  const form = selectedForm();
  if (!form) return validationError("incomplete_payment_details", texts());
  const faulty = visibleFields(form).filter((field) => field.showProblem(texts()));
  faulty[0]?.input.focus();
  return faulty.length ? validationError(faulty[0].code, texts()) : null;
}

function submit() {
  const error = check();
  return error ? { error } : { selectedPaymentMethod: tabs.selected };
}

async function confirm({ clientSecret, confirmParams }) {
  const problem = check();
  if (problem) return { error: problem };
  const form = selectedForm();
  const typed = form.methodData();
  const given = confirmParams.payment_method_data ?? {};
  const methodData = { ...given, ...typed, billing_details: mergeBilling(typed.billing_details, given.billing_details) };
  const answer = await confirmIntent(clientSecret, { ...form.mandate(), ...confirmParams }, methodData, context());
  if (answer.error?.type === "card_error") form.fieldOfError(answer.error).showMessage(answer.error.message);
  return answer;
}

function update({ group = {}, element = {} }) {
  options = { ...options, ...group, element: { ...options.element, ...element } };
  present();
}

async function fetchUpdates() {
  const { methods, error } = await offeredMethods();
  if (error) return { error };
  tabs.offer(inWantedOrder(methods));
  return {};
}

function clear() {
  for (const field of Object.values(selectedForm()?.fields ?? {})) field.clear();
  announceChange();
}

document.addEventListener("focusin", () => send("focus"));
document.addEventListener("focusout", ({ relatedTarget }) => relatedTarget ?? send("blur"));
document.addEventListener("keydown", ({ key }) => key === "Escape" && send("escape"));

serve(
  {
    submit,
    confirm,
    update,
    fetchUpdates,
    clear,
    focus: () => visibleFields(selectedForm() ?? { fields: {} })[0]?.input.focus(),
    blur: () => document.activeElement?.blur(),
    collapse: () => tabs.select(null),
  },
  start,
);
