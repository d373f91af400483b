"""Objects by account: what one account owns, another does not see.

A stored object is the JSON of Stripe's object plus keys of our own that begin with ``_``.
"""

from sandboxes.stripe.context import Context, Json
from sandboxes.stripe.wire.errors import no_access, no_such

PARAM_OF = {
    "payment_intent": "intent",
    "refund": "refund",
    "transfer": "transfer",
    "payout": "payout",
    "dispute": "dispute",
    "webhook_endpoint": "webhook_endpoint",
    "payment_method": "payment_method",
}
_WORDS = {
    "application_fee": "application fee",
    "balance_transaction": "balance transaction",
    "payment_method": "PaymentMethod",
    "webhook_endpoint": "webhook endpoint",
}


def save(ctx: Context, account: str, document: Json) -> Json:
    """Store an object of the account; gives it back."""
    ctx.store.put(f"{document['object']}@{account}", document["id"], document)
    return document


def find(ctx: Context, account: str, kind: str, id: str) -> Json | None:
    """The account's object, or None."""
    return ctx.store.get(f"{kind}@{account}", id)


def get(
    ctx: Context, account: str, kind: str, id: str, *, param: str | None = None, status: int = 404
) -> Json:
    """The account's object; raises ApiError ``resource_missing``."""
    found = find(ctx, account, kind, id)
    if found is None:
        raise no_such(_WORDS.get(kind, kind), id, param=param or PARAM_OF.get(kind, "id"), status=status)
    return found


def every(ctx: Context, account: str, kind: str) -> list[Json]:
    """The account's objects of a kind, oldest first."""
    return ctx.store.all(f"{kind}@{account}")


def delete(ctx: Context, account: str, kind: str, id: str) -> None:
    """Forget an object."""
    ctx.store.delete(f"{kind}@{account}", id)


def connected(ctx: Context, id: str) -> Json:
    """A connected account of the platform; raises 403 as Stripe does for one that is not ours."""
    found = find(ctx, ctx.platform, "account", id)
    if found is None or found["_deauthorized"]:
        raise no_access(ctx.keys.secret, id)
    return found


def accounts(ctx: Context) -> list[Json]:
    """Every connected account, oldest first."""
    return [each for each in every(ctx, ctx.platform, "account") if not each["_deauthorized"]]


def locate(ctx: Context, kind: str, id: str) -> tuple[str, Json]:
    """An object of whichever account: ``(account, object)``; raises LookupError."""
    for account in (ctx.platform, *(each["id"] for each in accounts(ctx))):
        found = find(ctx, account, kind, id)
        if found is not None:
            return account, found
    raise LookupError(f"there is no {kind} {id}")
