"""Objects as the API shows them: without our own keys, with what depends on the time of asking."""

from sandboxes.stripe import repo
from sandboxes.stripe.context import Context, Json

_SHOWN_INSIDE = 10


def shown(ctx: Context, document: Json) -> Json:
    """The public form of a stored object, and of the objects inside its lists."""
    if document.get("object") == "list":
        return {**document, "data": [shown(ctx, each) for each in document["data"]]}
    public: Json = {name: _inner(ctx, each) for name, each in document.items() if not name.startswith("_")}
    if public.get("object") == "balance_transaction":
        public["status"] = "available" if public["available_on"] <= ctx.now() else "pending"
    if public.get("object") == "dispute":
        public["evidence_details"] = _evidence_details(ctx, public)
    if public.get("object") == "account":
        banks = {**document["external_accounts"], "data": repo.every(ctx, public["id"], "bank_account")[::-1]}
        public["external_accounts"] = inside(ctx, banks)
    return public


def inside(ctx: Context, whole: Json) -> Json:
    """A list as it is shown inside another object: its newest, the rest is asked for at the list's address."""
    more = len(whole["data"]) > _SHOWN_INSIDE
    return shown(ctx, {**whole, "data": whole["data"][:_SHOWN_INSIDE], "has_more": more})


def for_browser(intent: Json) -> Json:
    """A payment intent as the publishable key may see it."""
    return {name: intent[name] for name in _PUBLIC_INTENT if name in intent}


def _inner(ctx: Context, value: object) -> object:
    return inside(ctx, value) if isinstance(value, dict) and value.get("object") == "list" else value


def _evidence_details(ctx: Context, dispute: Json) -> Json:
    details: Json = dispute["evidence_details"]
    due_by = details["due_by"]
    return {**details, "past_due": due_by is not None and due_by < ctx.now()}


_PUBLIC_INTENT = (
    "id",
    "object",
    "amount",
    "amount_details",
    "automatic_payment_methods",
    "canceled_at",
    "cancellation_reason",
    "capture_method",
    "client_secret",
    "confirmation_method",
    "created",
    "currency",
    "description",
    "last_payment_error",
    "livemode",
    "next_action",
    "payment_method",
    "payment_method_configuration_details",
    "payment_method_types",
    "processing",
    "receipt_email",
    "setup_future_usage",
    "shipping",
    "source",
    "status",
)
