"""Transfers that the platform makes itself, from what is available on its balance."""

from sandboxes.stripe import currencies, destinations, events, ledger, regions, repo
from sandboxes.stripe.context import Context, Json
from sandboxes.stripe.objects.charge import for_transfer
from sandboxes.stripe.objects.movements import new_transfer
from sandboxes.stripe.params.rules import merged_metadata
from sandboxes.stripe.wire.call import Call
from sandboxes.stripe.wire.errors import invalid, missing

_POOR = (
    "You have insufficient available funds in your Stripe account. Try adding funds directly to your available "
    "balance by creating Charges using the 4000000000000077 test card. See: "
    "https://stripe.com/docs/testing#available-balance"
)
_NOT_FROM_A_CHARGE = (
    "This stand-in makes transfers from the available balance only, not from a source_transaction."
)


def create(ctx: Context, call: Call) -> Json:
    """POST /v1/transfers: available to the connected account at once."""
    transfer = _checked(ctx, call)
    payment = for_transfer(ctx, transfer)
    transfer |= {
        "balance_transaction": _post(ctx, call.account, transfer, "transfer", -transfer["amount"]),
        "destination_payment": payment["id"],
    }
    received = _post(ctx, transfer["destination"], payment, "payment", payment["amount"])
    repo.save(ctx, transfer["destination"], payment | {"balance_transaction": received})
    repo.save(ctx, call.account, transfer)
    events.emit(ctx, call.account, "transfer.created", transfer)
    return transfer


def update(ctx: Context, call: Call) -> Json:
    """POST /v1/transfers/:id"""
    transfer = repo.get(ctx, call.account, "transfer", call.id)
    after = transfer | {"metadata": merged_metadata(transfer["metadata"], call.params.get("metadata"))}
    if "description" in call.params:
        after["description"] = call.params["description"]
    return events.save_and_emit(ctx, call.account, "transfer.updated", transfer, after)


def _checked(ctx: Context, call: Call) -> Json:
    """The transfer that is asked for; raises ApiError for one that Stripe would not make."""
    params = call.params
    currency = currencies.check_currency(params["currency"])
    if "source_transaction" in params:
        raise invalid(_NOT_FROM_A_CHARGE, param="source_transaction")
    if "amount" not in params:
        raise missing("amount")
    if params["amount"] < 1:
        message = "This value must be greater than or equal to 1."
        raise invalid(message, code="parameter_invalid_integer", param="amount")
    account = destinations.find(ctx, params["destination"], param="destination")
    if not regions.same_region(ctx.country, account["country"]):
        message = (
            f"Funds can't be sent to accounts located in {account['country']} because it's restricted outside of your "
            "platform's region. Learn more here: https://stripe.com/docs/connect/account-capabilities#transfers-cross-border"
        )
        raise invalid(message, code="transfers_not_allowed", param="destination")
    ledger.require(ctx, call.account, params["amount"], currency, pending_counts=False, message=_POOR)
    return new_transfer(
        ctx,
        amount=params["amount"],
        currency=currency,
        destination=account["id"],
        description=params.get("description"),
        metadata=merged_metadata({}, params.get("metadata")),
        source_type=params.get("source_type", "card"),
        transfer_group=params.get("transfer_group"),
    )


def _post(ctx: Context, account: str, source: Json, type: str, amount: int) -> str:
    """Book one side; gives the balance transaction's id."""
    transaction = ledger.post(
        ctx,
        account,
        type=type,
        amount=amount,
        currency=source["currency"],
        source=source["id"],
        available_on=ctx.now(),
        description=source["description"],
    )
    return str(transaction["id"])
