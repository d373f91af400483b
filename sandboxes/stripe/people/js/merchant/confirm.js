const FINISHED = ["succeeded", "processing", "requires_capture"];

/** What one call to confirmPayment works with, checked before anything is sent. */
function confirmation({ elements, clientSecret, confirmParams = {}, redirect = "always" } = {}) {
  const secret = clientSecret ?? elements?.clientSecret();
  intentIdOf(secret);
  requireThat(["always", "if_required"].includes(redirect), `Invalid value for redirect: "${redirect}".`);
  requireThat(
    !elements?.clientSecret() || elements.clientSecret() === secret,
    "The client secret you passed does not match the client secret of the Elements group.",
  );
  requireThat(
    redirect === "if_required" || confirmParams.return_url,
    "You must provide a confirmParams.return_url when redirect is 'always'.",
  );
  requireThat(
    elements || confirmParams.payment_method,
    "You must provide elements or confirmParams.payment_method to confirmPayment().",
  );
  return { elements, clientSecret: secret, confirmParams, redirect };
}

/** Sends the page to where the merchant wants it; the promise of the caller never settles. */
function leaveFor(url) {
  window.location.assign(url);
  return new Promise(() => {});
}

function returnAddress(returnUrl, intent, status) {
  const url = new URL(returnUrl);
  url.searchParams.set("payment_intent", intent.id);
  url.searchParams.set("payment_intent_client_secret", intent.client_secret);
  url.searchParams.set("redirect_status", status);
  return url.href;
}

/** Takes the person through whatever the intent still wants; answers `{paymentIntent}` or `{error}`. */
async function settleNextAction(stripe, intent, locale, scheme = "light") {
  const action = intent.status === "requires_action" ? intent.next_action : null;
  if (!action) return { paymentIntent: intent };
  if (action.type === "redirect_to_url") return leaveFor(action.redirect_to_url.url);
  const language = locale === "auto" ? navigator.language : locale;
  const url = new URL(new URL(action.use_stripe_sdk.stripe_js).pathname, SANDBOX_ORIGIN);
  url.searchParams.set("frame", "1");
  url.searchParams.set("locale", language);
  url.searchParams.set("scheme", scheme);
  await showChallenge(url.href, {
    title: language.toLowerCase().startsWith("fr") ? "Authentification 3D Secure" : "3D Secure authentication",
    scheme,
  });
  return stripe.callController("outcome", { clientSecret: intent.client_secret, locale });
}

async function confirmAndSettle(stripe, { elements, clientSecret, confirmParams, redirect }) {
  const locale = elements?.settings().locale ?? stripe.locale();
  const params = { clientSecret, confirmParams, locale };
  const answer = elements
    ? await elements.paymentFrame().call("confirm", params)
    : await stripe.callController("confirm", params);
  if (answer.error) return answer;
  const settled = await settleNextAction(stripe, answer.paymentIntent, locale, elements?.getElement("payment").scheme);
  if (settled.error || redirect === "if_required" || !FINISHED.includes(settled.paymentIntent.status)) return settled;
  return leaveFor(returnAddress(confirmParams.return_url, settled.paymentIntent, "succeeded"));
}
