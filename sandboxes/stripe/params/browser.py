"""What Stripe.js sends with the publishable key: card numbers, and where the page was."""

from functools import cache

from sandboxes.stripe.params.checkers import Flag, Hash, Text, Texts, Word
from sandboxes.stripe.params.schemas import schema

_TELEMETRY = {
    name: Text()
    for name in ("guid", "muid", "sid", "payment_user_agent", "referrer", "time_on_page", "pasted_fields")
} | {"client_attribution_metadata": Texts()}


@cache
def card_schema() -> Hash:
    """A card as it is typed."""
    return Hash(
        {"number": Text(), "exp_month": Text(), "exp_year": Text(), "cvc": Text()},
        frozenset({"number", "exp_month", "exp_year"}),
    )


@cache
def payment_method_schema() -> Hash:
    """POST /v1/payment_methods from a browser."""
    return schema("PaymentMethodCreateParams").extended(
        frozenset({"type"}), **_TELEMETRY, type=Text(), card=card_schema()
    )


@cache
def confirm_schema() -> Hash:
    """POST /v1/payment_intents/:id/confirm from a browser."""
    confirm = schema("PaymentIntentConfirmParams")
    browser = {name: confirm.fields[name] for name in _BROWSER_PARAMS}
    return Hash(
        {
            **browser,
            "payment_method_data": payment_method_schema().without("expand", "payment_method", "customer"),
            "mandate_data": _mandate_schema(),
            "client_secret": Text(),
            "expected_payment_method_type": Text(),
            "client_context": Texts(),
            "client_attribution_metadata": Texts(),
        },
        frozenset({"client_secret"}),
    )


def _mandate_schema() -> Hash:
    """A mandate accepted in the page: who and where from is read off the request."""
    online = Hash({"infer_from_client": Flag(), "ip_address": Text(), "user_agent": Text()})
    acceptance = Hash({"type": Word(("online",)), "online": online}, frozenset({"type", "online"}))
    return Hash({"customer_acceptance": acceptance}, frozenset({"customer_acceptance"}))


@cache
def retrieve_schema() -> Hash:
    """GET /v1/payment_intents/:id from a browser."""
    return schema("PaymentIntentRetrieveParams").extended(
        frozenset({"client_secret"}), client_secret=Text(), is_stripe_sdk=Text()
    )


_BROWSER_PARAMS = (
    "expand",
    "payment_method",
    "payment_method_options",
    "receipt_email",
    "return_url",
    "setup_future_usage",
    "shipping",
    "use_stripe_sdk",
)
