"""The connected accounts that money can be sent to."""

from sandboxes.stripe import repo
from sandboxes.stripe.context import Context, Json
from sandboxes.stripe.wire.errors import invalid, no_such

_NO_TRANSFERS = (
    "Your destination account needs to have at least one of the following capabilities enabled: transfers, "
    "crypto_transfers, legacy_payments"
)


def find(ctx: Context, id: str, *, param: str) -> Json:
    """The account that ``param`` names; raises ApiError for one that is not ours or may not receive transfers."""
    account = repo.find(ctx, ctx.platform, "account", id)
    if account is None or account["_deauthorized"]:
        raise no_such("destination", id, param=param, status=400)
    if account["capabilities"].get("transfers") != "active":
        raise invalid(_NO_TRANSFERS, code="insufficient_capabilities_for_transfer", param=param)
    return account
