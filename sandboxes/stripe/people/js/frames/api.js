import { translateError } from "./errors.js";

const FROM_PARAMS = ["payment_method", "return_url", "receipt_email", "shipping", "mandate_data"];
const ALREADY_DONE = ["succeeded", "processing", "requires_capture"];

/** Form encoding with brackets, as the API reads it. */
export function encode(values, prefix = "", form = new URLSearchParams()) {
  for (const [name, value] of Object.entries(values)) {
    const key = prefix ? `${prefix}[${name}]` : name;
    if (value === null || value === undefined) continue;
    if (typeof value === "object") encode(value, key, form);
    else form.append(key, String(value));
  }
  return form;
}

async function request(path, { method = "GET", values, credentials, texts }) {
  const form = encode({ ...values, key: credentials.key });
  const headers = credentials.account ? { "Stripe-Account": credentials.account } : {};
  const target = method === "GET" ? `${path}?${form}` : path;
  try {
    const answer = await fetch(target, { method, headers, body: method === "GET" ? undefined : form });
    const body = await answer.json();
    return body.error ? { error: translateError(body.error, texts) } : { paymentIntent: body };
  } catch {
    return { error: { type: "api_connection_error", message: texts.errors.api_connection_error } };
  }
}

function pathOf(clientSecret) {
  return `/v1/payment_intents/${clientSecret.split("_secret_")[0]}`;
}

export function retrieveIntent(clientSecret, context) {
  return request(pathOf(clientSecret), { ...context, values: { client_secret: clientSecret } });
}

/** A confirmation whose answer was lost is refused the second time; what the payer wanted has happened. */
function orAlreadyDone(answer) {
  const intent = answer.error?.code === "payment_intent_unexpected_state" ? answer.error.payment_intent : null;
  return ALREADY_DONE.includes(intent?.status) ? { paymentIntent: intent } : answer;
}

/** Confirms with what was typed (`methodData`) or with a payment method the merchant names. */
export async function confirmIntent(clientSecret, confirmParams, methodData, context) {
  const values = { client_secret: clientSecret, use_stripe_sdk: true };
  for (const name of FROM_PARAMS) values[name] = confirmParams[name];
  if (methodData) values.payment_method_data = methodData;
  return orAlreadyDone(await request(`${pathOf(clientSecret)}/confirm`, { ...context, method: "POST", values }));
}

/** What the challenge led to: the intent, or the reason it failed with the intent inside. */
export async function challengeOutcome(clientSecret, context) {
  const found = await retrieveIntent(clientSecret, context);
  const intent = found.paymentIntent;
  if (!intent || intent.status !== "requires_payment_method") return found;
  const error = intent.last_payment_error ?? { type: "invalid_request_error", code: "payment_intent_authentication_failure" };
  return { error: translateError({ ...error, payment_intent: intent }, context.texts) };
}
