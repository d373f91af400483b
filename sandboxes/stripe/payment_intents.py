"""Payment intents: create, change, cancel, list; confirming is in :mod:`.confirmation`."""

import hmac
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from sandboxes.stripe import charges, confirmation, currencies, events, intent_rules, repo
from sandboxes.stripe.context import Context, Json
from sandboxes.stripe.objects.payment_intent import new_payment_intent
from sandboxes.stripe.params.rules import merged_metadata
from sandboxes.stripe.wire import lists
from sandboxes.stripe.wire.call import Call
from sandboxes.stripe.wire.errors import ApiError, invalid, unexpected_state

_OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
_CANCELABLE = ("requires_payment_method", "requires_capture", "requires_confirmation", "requires_action")
_ALWAYS_CHANGEABLE = {"metadata", "description", "receipt_email", "expand", "transfer_group"}
_COPIED = [
    "allowed_payment_method_types",
    "application_fee_amount",
    "capture_method",
    "confirmation_method",
    "description",
    "excluded_payment_method_types",
    "on_behalf_of",
    "receipt_email",
    "setup_future_usage",
    "shipping",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_data",
    "transfer_group",
]
_NOT_OF_THIS_INTENT = (
    "The client_secret provided does not match any associated PaymentIntent on this account. Ensure the publishable "
    "key used is associated with the same account that created the PaymentIntent."
)


def create(ctx: Context, call: Call) -> Json:
    """POST /v1/payment_intents"""
    _refuse_direct(ctx, call)
    params = call.params
    currency = currencies.check_currency(params["currency"])
    intent = new_payment_intent(ctx, amount=params["amount"], currency=currency)
    _apply(ctx, intent, params)
    if not params.get("automatic_payment_methods", {"enabled": True})["enabled"]:
        intent["automatic_payment_methods"] = None
    elif "allow_redirects" in params.get("automatic_payment_methods", {}):
        intent["automatic_payment_methods"]["allow_redirects"] = params["automatic_payment_methods"][
            "allow_redirects"
        ]
    return _finish_create(ctx, call, intent)


def _finish_create(ctx: Context, call: Call, intent: Json) -> Json:
    intent["payment_method_types"] = intent_rules.method_types(ctx, intent)
    intent["payment_method_options"] = _options(intent, call.params)
    intent_rules.check(ctx, intent, given=call.params)
    confirming = call.params.get("confirm", False)
    if "return_url" in call.params and not confirming:
        raise invalid("The parameter return_url cannot be passed when creating a PaymentIntent unless `confirm` is "
                      "set to true.", param="return_url")  # fmt: skip
    if not confirming:
        _set_method(ctx, call, intent)
    repo.save(ctx, call.account, intent)
    events.emit(ctx, call.account, "payment_intent.created", intent)
    return confirmation.confirm(ctx, call, intent) if confirming else intent


def retrieve(ctx: Context, call: Call) -> Json:
    """GET /v1/payment_intents/:id, with the client secret when it comes from a browser."""
    return _named(ctx, call)


def listed(ctx: Context, call: Call) -> Json:
    """GET /v1/payment_intents"""
    intents = repo.every(ctx, call.account, "payment_intent")
    return lists.page(intents, call.params, "/v1/payment_intents", filters=("customer",))


def update(ctx: Context, call: Call) -> Json:
    """POST /v1/payment_intents/:id"""
    intent = _named(ctx, call)
    _refuse_late_change(intent, call.params)
    _apply(ctx, intent, call.params)
    if "currency" in call.params:
        intent["currency"] = currencies.check_currency(call.params["currency"])
    intent["amount"] = call.params.get("amount", intent["amount"])
    if intent["status"] in _OPEN:
        intent["payment_method_types"] = intent_rules.method_types(ctx, intent)
        intent["payment_method_options"] = _options(intent, call.params)
        intent_rules.check(ctx, intent, given=call.params)
        _set_method(ctx, call, intent)
    return repo.save(ctx, call.account, intent)


def confirm(ctx: Context, call: Call) -> Json:
    """POST /v1/payment_intents/:id/confirm"""
    return confirmation.confirm(ctx, call, _named(ctx, call))


def capture(ctx: Context, call: Call) -> Json:
    """POST /v1/payment_intents/:id/capture"""
    intent = _named(ctx, call)
    if intent["status"] != "requires_capture":
        message = (
            f"This PaymentIntent could not be captured because it has a status of {intent['status']}. Only a "
            "PaymentIntent with one of the following statuses may be captured: requires_capture."
        )
        raise unexpected_state(message, intent)
    given = "amount_to_capture" in call.params
    amount = call.params["amount_to_capture"] if given else intent["amount_capturable"]
    if not 0 < amount <= intent["amount_capturable"]:
        message = "The amount to capture must be positive and no more than the amount capturable."
        raise invalid(message, code="amount_too_large", param="amount_to_capture")
    if "application_fee_amount" in call.params:
        intent["application_fee_amount"] = call.params["application_fee_amount"]
        intent_rules.check(ctx, intent, given={})
    return charges.capture(ctx, call.account, intent, amount)


def cancel(ctx: Context, call: Call) -> Json:
    """POST /v1/payment_intents/:id/cancel"""
    intent = _named(ctx, call)
    if intent["status"] not in _CANCELABLE:
        message = (
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}. Only a "
            f"PaymentIntent with one of the following statuses may be canceled: {', '.join(_CANCELABLE)}."
        )
        raise unexpected_state(message, intent)
    if intent["status"] == "requires_capture":
        charges.release(ctx, call.account, intent)
    intent |= {
        "status": "canceled",
        "canceled_at": ctx.now(),
        "cancellation_reason": call.params.get("cancellation_reason"),
        "next_action": None,
        "amount_capturable": 0,
    }
    repo.save(ctx, call.account, intent)
    events.emit(ctx, call.account, "payment_intent.canceled", intent)
    return intent


def authenticate(ctx: Context, intent_id: str, *, ok: bool) -> str | None:
    """What the bank's challenge page leads to: pays the intent, or fails the attempt.

    Gives the merchant's return address with Stripe's three parameters, None when there is none. An intent that no
    longer waits is left as it is. Raises LookupError for an unknown intent.
    """
    with ctx.store.transaction():
        intent = repo.find(ctx, ctx.platform, "payment_intent", intent_id)
        if intent is None:
            raise LookupError(f"there is no payment intent {intent_id}")
        address = intent["_return_url"]
        if intent["status"] == "requires_action":
            intent = confirmation.authenticated(ctx, ctx.platform, intent, ok=ok)
        return _with_outcome(address, intent) if address else None


def _with_outcome(address: str, intent: Json) -> str:
    parts = urlsplit(address)
    outcome = {
        "payment_intent": intent["id"],
        "payment_intent_client_secret": intent["client_secret"],
        "redirect_status": "failed" if intent["status"] == "requires_payment_method" else "succeeded",
    }
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *outcome.items()])
    return urlunsplit(parts._replace(query=query))


def _named(ctx: Context, call: Call) -> Json:
    intent = repo.get(ctx, call.account, "payment_intent", call.id)
    secret = call.params.get("client_secret")
    if secret is not None and not hmac.compare_digest(secret.encode(), intent["client_secret"].encode()):
        raise invalid(_NOT_OF_THIS_INTENT, code="resource_missing", param="client_secret")
    return intent


def _apply(ctx: Context, intent: Json, params: Json) -> None:
    """Copy parameters; an empty one unsets."""
    for name in _COPIED:
        if name in params:
            intent[name] = None if params[name] in ("", []) else params[name]
    intent["metadata"] = merged_metadata(intent["metadata"], params.get("metadata"))


def _options(intent: Json, params: Json) -> Json:
    defaults: Json = {
        "card": {
            "installments": None,
            "mandate_options": None,
            "network": None,
            "request_three_d_secure": "automatic",
        },
        "sepa_debit": {},
    }
    given = params.get("payment_method_options") or {}
    old = intent["payment_method_options"]
    return {
        name: {**defaults[name], **old.get(name, {}), **(given.get(name) or {})}
        for name in intent["payment_method_types"]
    }


def _set_method(ctx: Context, call: Call, intent: Json) -> None:
    """A payment method given in advance makes the intent wait for its confirmation."""
    method = confirmation.given_method(ctx, call)
    if method is not None:
        intent |= {"payment_method": method["id"], "status": "requires_confirmation"}


def _refuse_late_change(intent: Json, params: Json) -> None:
    late = sorted(params.keys() - _ALWAYS_CHANGEABLE)
    if late and intent["status"] not in _OPEN:
        message = (
            f"This PaymentIntent's {late[0]} could not be updated because it has a status of {intent['status']}. You "
            f"may only update the {late[0]} of a PaymentIntent with one of the following statuses: {', '.join(_OPEN)}."
        )
        raise unexpected_state(message, intent, param=late[0])


def _refuse_direct(ctx: Context, call: Call) -> None:
    if call.account != ctx.platform:
        message = "Direct charges are not activated for this platform: send payments without a Stripe-Account header."
        raise ApiError(400, message)
