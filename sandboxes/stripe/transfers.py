"""Transfers to connected accounts and their reversals."""

from sandboxes.stripe import currencies, events, fees, ledger, repo
from sandboxes.stripe.context import Context, Json
from sandboxes.stripe.objects.movements import new_refund, new_reversal
from sandboxes.stripe.params.rules import merged_metadata
from sandboxes.stripe.wire import lists
from sandboxes.stripe.wire.call import Call
from sandboxes.stripe.wire.errors import invalid, no_such

_POOR = (
    "The connected account {account} does not have enough balance to reverse this transfer. It is only possible to "
    "reverse a transfer if the connected account's balance is greater than the reversal amount."
)


def retrieve(ctx: Context, call: Call) -> Json:
    """GET /v1/transfers/:id"""
    return repo.get(ctx, call.account, "transfer", call.id)


def listed(ctx: Context, call: Call) -> Json:
    """GET /v1/transfers"""
    found = repo.every(ctx, call.account, "transfer")
    return lists.page(found, call.params, "/v1/transfers", filters=("destination", "transfer_group"))


def list_reversals(ctx: Context, call: Call) -> Json:
    """GET /v1/transfers/:id/reversals"""
    transfer = repo.get(ctx, call.account, "transfer", call.id)
    return lists.page(transfer["reversals"]["data"][::-1], call.params, transfer["reversals"]["url"])


def retrieve_reversal(ctx: Context, call: Call) -> Json:
    """GET /v1/transfers/:id/reversals/:reversal"""
    transfer = repo.get(ctx, call.account, "transfer", call.id)
    id = call.path["reversal"]
    found = next((each for each in transfer["reversals"]["data"] if each["id"] == id), None)
    if found is None:
        raise no_such("transfer reversal", id, param="id")
    return dict(found)


def create_reversal(ctx: Context, call: Call) -> Json:
    """POST /v1/transfers/:id/reversals"""
    transfer = repo.get(ctx, call.account, "transfer", call.id)
    remaining = transfer["amount"] - transfer["amount_reversed"]
    amount = call.params.get("amount", remaining)
    if remaining == 0:
        raise invalid(f"Transfer {transfer['id']} is already fully reversed.")
    if not 0 < amount <= remaining:
        currency = transfer["currency"]
        message = (
            f"Reversal amount ({currencies.written(amount, currency)}) must be positive and no more than the "
            f"unreversed amount on the transfer ({currencies.written(remaining, currency)})."
        )
        raise invalid(message, param="amount")
    fee = _fee_of(ctx, call.account, transfer)
    returned = _fee_share(fee, transfer, amount) if fee and call.params.get("refund_application_fee") else 0
    metadata = merged_metadata({}, call.params.get("metadata"))
    return reverse(ctx, call.account, transfer, amount, fee=fee, fee_amount=returned, metadata=metadata)


def reverse(
    ctx: Context,
    account: str,
    transfer: Json,
    amount: int,
    *,
    fee: Json | None,
    fee_amount: int,
    metadata: Json | None = None,
    source_refund: str | None = None,
) -> Json:
    """Take money back from the connected account, and give it its share of the fee; gives the reversal.

    Raises ApiError ``balance_insufficient`` when the account does not have it.
    """
    check_covered(ctx, transfer, amount - fee_amount)
    reversal = new_reversal(
        ctx, transfer=transfer, amount=amount, metadata=metadata or {}, source_refund=source_refund
    )
    received = ledger.post(
        ctx,
        account,
        type="transfer_refund",
        amount=amount,
        currency=transfer["currency"],
        source=reversal["id"],
        available_on=ledger.along_with(ctx, account, transfer["balance_transaction"]),
    )
    reversal |= {"balance_transaction": received["id"], "_with_fee": fee_amount > 0}
    reversal["destination_payment_refund"] = _take_back(ctx, transfer, amount, fee_amount)["id"]
    repo.save(ctx, account, reversal)
    _note(ctx, account, transfer, reversal)
    if fee and fee_amount:
        fees.give_back(ctx, account, fee, fee_amount)
    return reversal


def check_covered(ctx: Context, transfer: Json, amount: int) -> None:
    """Raise ApiError ``balance_insufficient`` unless the connected account can give the amount back."""
    message = _POOR.format(account=transfer["destination"])
    ledger.require(
        ctx, transfer["destination"], amount, transfer["currency"], pending_counts=True, message=message
    )


def _fee_share(fee: Json, transfer: Json, amount: int) -> int:
    """The part of the fee that belongs to a part of the transfer, such that all parts together are the fee."""
    before = sum(each["amount"] for each in transfer["reversals"]["data"] if each.get("_with_fee"))
    share = currencies.part(fee["amount"], amount, transfer["amount"], before=before)
    return min(share, int(fee["amount"] - fee["amount_refunded"]))


def _take_back(ctx: Context, transfer: Json, amount: int, fee_amount: int) -> Json:
    """The refund of the payment on the connected account's side."""
    destination = transfer["destination"]
    payment = repo.get(ctx, destination, "charge", transfer["destination_payment"])
    refund = new_refund(ctx, charge=payment, amount=amount)
    refund.pop("destination_details")
    details = []
    if fee_amount:
        details = [
            ledger.fee_detail(-fee_amount, transfer["currency"], type="application_fee",
                              description="application fee refund", application=ctx.keys.application)
        ]  # fmt: skip
    transaction = ledger.post(
        ctx,
        destination,
        type="payment_refund",
        amount=-amount,
        currency=transfer["currency"],
        source=refund["id"],
        available_on=ledger.along_with(ctx, destination, payment["balance_transaction"]),
        fee_details=details,
    )
    returned = payment["amount_refunded"] + amount
    repo.save(
        ctx,
        destination,
        payment | {"amount_refunded": returned, "refunded": returned == payment["amount"]},
    )
    return repo.save(ctx, destination, refund | {"balance_transaction": transaction["id"]})


def _note(ctx: Context, account: str, transfer: Json, reversal: Json) -> None:
    returned = transfer["amount_reversed"] + reversal["amount"]
    reversals = {**transfer["reversals"], "data": [reversal, *transfer["reversals"]["data"]]}
    transfer |= {
        "amount_reversed": returned,
        "reversed": returned == transfer["amount"],
        "reversals": reversals,
    }
    repo.save(ctx, account, transfer)
    events.emit(ctx, account, "transfer.reversed", transfer)


def _fee_of(ctx: Context, account: str, transfer: Json) -> Json | None:
    if transfer["source_transaction"] is None:
        return None
    charge = repo.get(ctx, account, "charge", transfer["source_transaction"])
    return charge["application_fee"] and repo.get(ctx, account, "application_fee", charge["application_fee"])
