"""Confirming a payment intent: one attempt to pay, and what becomes of it."""

from sandboxes.stripe import banks, cards, charges, events, payment_methods, render, repo
from sandboxes.stripe.context import Context, Json
from sandboxes.stripe.objects.charge import declined
from sandboxes.stripe.params.rules import check_email, check_url
from sandboxes.stripe.wire.call import Call
from sandboxes.stripe.wire.errors import ApiError, invalid, missing, unexpected_state

_CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
_NO_METHOD = (
    "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "
    "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment "
    "method or ConfirmationToken."
)
_NO_RETURN_URL = (
    "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these "
    "payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don't "
    "want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and "
    "`automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents."
)
_USED_UP = (
    "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a "
    "connected account without Customer attachment, or was detached from a Customer. It may not be used again. To "
    "use a PaymentMethod multiple times, you must attach it to a Customer first."
)
_NOT_AUTHENTICATED = {
    "code": "payment_intent_authentication_failure",
    "doc_url": "https://stripe.com/docs/error-codes/payment-intent-authentication-failure",
    "message": "We are unable to authenticate your payment method. Please choose a different payment method and try "
    "again.",
    "type": "invalid_request_error",
}
_DEBIT_SECONDS = 5


def confirm(ctx: Context, call: Call, intent: Json) -> Json:
    """Try to pay; gives the intent, or raises ApiError: 402 for a declined card (recorded all the same)."""
    _refuse_state(intent)
    method = given_method(ctx, call) or _kept_method(ctx, call, intent)
    _check(call, intent, method)
    _note(intent, call.params, method)
    error = _attempt(ctx, call, intent, method)
    if error is not None:
        details = {name: each for name, each in error.items() if name not in ("type", "message", "doc_url")}
        details["payment_intent"] = render.shown(ctx, intent)
        raise ApiError(402, error["message"], type=error["type"], keeps_effect=True, **details)
    return intent


def given_method(ctx: Context, call: Call) -> Json | None:
    """The payment method named or described in the parameters."""
    if "payment_method_data" in call.params:
        data = call.params["payment_method_data"]
        return payment_methods.from_data(
            ctx, call.account, data, browser=call.publishable, at="payment_method_data"
        )
    id = call.params.get("payment_method")
    return payment_methods.named(ctx, call.account, id) if id else None


def authenticated(ctx: Context, account: str, intent: Json, *, ok: bool) -> Json:
    """Go on after the bank's challenge; gives the intent."""
    method = repo.get(ctx, account, "payment_method", intent["payment_method"])
    intent["next_action"] = None
    if not ok:
        error = {**_NOT_AUTHENTICATED, "payment_method": render.shown(ctx, method)}
        return _fail(ctx, account, intent, error)
    card = cards.by_number(method["_number"])
    if card.decline:
        _decline(ctx, account, intent, method, card, authenticated=True)
        return intent
    return _pay(ctx, account, intent, method, authenticated=True)


def finish_debit(ctx: Context, account: str, intent_id: str, *, ok: bool | None = None) -> Json | None:
    """A direct debit comes back from the bank; ``ok`` overrides what the account number says.

    Gives the intent, None if it was not processing.
    """
    intent = repo.find(ctx, account, "payment_intent", intent_id)
    if intent is None or intent["status"] != "processing":
        return None
    method = repo.get(ctx, account, "payment_method", intent["payment_method"])
    charge = repo.get(ctx, account, "charge", intent["latest_charge"])
    succeeds = ok if ok is not None else method["_number"] != banks.FAILING_DEBIT
    if succeeds:
        return charges.succeed(ctx, account, intent, charge)
    error = {
        "charge": charge["id"],
        "code": "payment_intent_payment_attempt_failed",
        "doc_url": "https://stripe.com/docs/error-codes/payment-intent-payment-attempt-failed",
        "message": "The payment failed.",
        "payment_method": render.shown(ctx, method),
        "type": "card_error",
    }
    charges.fail(ctx, account, charge, code="insufficient_funds", message="The customer's account has insufficient "
                 "funds to cover this payment.", outcome=declined("insufficient_funds"))  # fmt: skip
    return _fail(ctx, account, intent, error)


def _refuse_state(intent: Json) -> None:
    if intent["status"] == "succeeded":
        message = (
            "You cannot confirm this PaymentIntent because it has already succeeded after being confirmed."
        )
        raise unexpected_state(message, intent)
    if intent["status"] not in _CONFIRMABLE:
        message = (
            f"You cannot confirm this PaymentIntent because it has a status of {intent['status']}. Only a "
            "PaymentIntent with one of the following statuses may be confirmed: requires_confirmation, requires_action."
        )
        raise unexpected_state(message, intent)


def _kept_method(ctx: Context, call: Call, intent: Json) -> Json:
    if intent["payment_method"] is None:
        raise unexpected_state(_NO_METHOD, intent)
    return repo.get(ctx, call.account, "payment_method", intent["payment_method"])


def _check(call: Call, intent: Json, method: Json) -> None:
    params = call.params
    if method["type"] not in intent["payment_method_types"]:
        message = f"The PaymentMethod provided ({method['type']}) is not allowed for this PaymentIntent."
        raise invalid(message, code="payment_intent_incompatible_payment_method", param="payment_method")
    if method["_used"]:
        raise invalid(_USED_UP, param="payment_method")
    if method["type"] == "card" and intent["statement_descriptor"]:
        message = "Card payments take no `statement_descriptor`; use `statement_descriptor_suffix` instead."
        raise invalid(message, param="statement_descriptor")
    if method["type"] == "sepa_debit" and not params.get("mandate_data"):
        raise missing("mandate_data")
    if "return_url" in params:
        check_url(params["return_url"], param="return_url")
    elif _may_redirect(intent) and not params.get("use_stripe_sdk"):
        raise invalid(_NO_RETURN_URL, param="return_url")
    if params.get("receipt_email"):
        check_email(params["receipt_email"], param="receipt_email")


def _may_redirect(intent: Json) -> bool:
    automatic = intent["automatic_payment_methods"]
    return automatic is not None and automatic["allow_redirects"] == "always" and not intent["_return_url"]


def _note(intent: Json, params: Json, method: Json) -> None:
    """What the confirmation adds to the intent."""
    intent["payment_method"] = method["id"]
    intent["_return_url"] = params.get("return_url", intent["_return_url"])
    for name in ("receipt_email", "shipping", "setup_future_usage", "capture_method"):
        if name in params:
            intent[name] = params[name] or None
    if intent["transfer_data"] and intent["transfer_group"] is None:
        intent["transfer_group"] = "group_" + intent["id"]
    intent["next_action"] = None


def _attempt(ctx: Context, call: Call, intent: Json, method: Json) -> Json | None:
    """Pay with the method; the error if it is declined."""
    if method["type"] == "sepa_debit":
        _debit(ctx, call.account, intent, method)
        return None
    card = cards.by_number(method["_number"])
    asked = intent["payment_method_options"]["card"].get("request_three_d_secure")
    if card.behaviour == "decline":
        return _decline(ctx, call.account, intent, method, card)
    if card.behaviour == "authenticate" or asked in ("any", "challenge"):
        return _challenge(ctx, call, intent, method)
    _pay(ctx, call.account, intent, method)
    return None


def _pay(ctx: Context, account: str, intent: Json, method: Json, *, authenticated: bool = False) -> Json:
    repo.save(ctx, account, method | {"_used": True})
    charge = charges.begin(ctx, account, intent, method, authenticated=authenticated)
    if intent["capture_method"] == "manual":
        return charges.authorise(ctx, account, intent, charge)
    return charges.succeed(ctx, account, intent, charge)


def _debit(ctx: Context, account: str, intent: Json, method: Json) -> None:
    repo.save(ctx, account, method | {"_used": True})
    charge = charges.begin(ctx, account, intent, method)
    intent |= {"status": "processing", "latest_charge": charge["id"], "last_payment_error": None}
    repo.save(ctx, account, intent)
    events.emit(ctx, account, "charge.pending", charge)
    events.emit(ctx, account, "payment_intent.processing", intent)
    payload = {"account": account, "intent_id": intent["id"]}
    ctx.timers.at(ctx.clock.now() + _DEBIT_SECONDS, "finish_debit", payload, id="debit_" + intent["id"])


def _challenge(ctx: Context, call: Call, intent: Json, method: Json) -> Json | None:
    """Send the payer to the bank; an error where nobody is there to go."""
    if call.params.get("off_session") or call.params.get("error_on_requires_action"):
        card = cards.TestCard(method["_number"], behaviour="decline", decline="authentication_required")
        return _decline(ctx, call.account, intent, method, card)
    address = f"{ctx.public_url}/3ds/{intent['id']}"
    intent |= {"status": "requires_action", "last_payment_error": None}
    if call.params.get("use_stripe_sdk"):
        sdk = {"type": "three_d_secure_redirect", "stripe_js": address, "source": "src_" + intent["id"][3:]}
        intent["next_action"] = {"type": "use_stripe_sdk", "use_stripe_sdk": sdk}
    else:
        redirect = {"return_url": intent["_return_url"], "url": address}
        intent["next_action"] = {"type": "redirect_to_url", "redirect_to_url": redirect}
    repo.save(ctx, call.account, intent)
    events.emit(ctx, call.account, "payment_intent.requires_action", intent)
    return None


def _decline(
    ctx: Context,
    account: str,
    intent: Json,
    method: Json,
    card: cards.TestCard,
    *,
    authenticated: bool = False,
) -> Json:
    """Record a refused charge; gives the error."""
    charge = charges.begin(ctx, account, intent, method, authenticated=authenticated)
    reason = card.decline or "generic_decline"
    charges.fail(ctx, account, charge, code=card.error_code, message=card.message, outcome=declined(reason))
    error = {
        "charge": charge["id"],
        "code": card.error_code,
        "decline_code": reason,
        "doc_url": "https://stripe.com/docs/error-codes/" + card.error_code.replace("_", "-"),
        "message": card.message,
        "payment_method": render.shown(ctx, method),
        "type": "card_error",
    }
    _fail(ctx, account, intent | {"latest_charge": charge["id"]}, error)
    intent |= repo.get(ctx, account, "payment_intent", intent["id"])
    return error


def _fail(ctx: Context, account: str, intent: Json, error: Json) -> Json:
    """The attempt is over; the intent waits for another payment method."""
    failed = intent | {
        "status": "requires_payment_method",
        "payment_method": None,
        "last_payment_error": error,
        "next_action": None,
        "processing": None,
    }
    repo.save(ctx, account, failed)
    events.emit(ctx, account, "payment_intent.payment_failed", failed)
    return failed
