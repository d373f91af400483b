"""Application fees and their refunds."""

from sandboxes.stripe import events, ledger, repo
from sandboxes.stripe.context import Context, Json
from sandboxes.stripe.objects.movements import new_fee_refund
from sandboxes.stripe.wire import lists
from sandboxes.stripe.wire.call import Call
from sandboxes.stripe.wire.errors import no_such


def retrieve(ctx: Context, call: Call) -> Json:
    """GET /v1/application_fees/:id"""
    return repo.get(ctx, call.account, "application_fee", call.id)


def listed(ctx: Context, call: Call) -> Json:
    """GET /v1/application_fees"""
    found = repo.every(ctx, call.account, "application_fee")
    return lists.page(found, call.params, "/v1/application_fees", filters=("charge",))


def list_refunds(ctx: Context, call: Call) -> Json:
    """GET /v1/application_fees/:id/refunds"""
    fee = repo.get(ctx, call.account, "application_fee", call.id)
    return lists.page(fee["refunds"]["data"][::-1], call.params, fee["refunds"]["url"])


def retrieve_refund(ctx: Context, call: Call) -> Json:
    """GET /v1/application_fees/:id/refunds/:refund"""
    fee = repo.get(ctx, call.account, "application_fee", call.id)
    found = next((each for each in fee["refunds"]["data"] if each["id"] == call.path["refund"]), None)
    if found is None:
        raise no_such("fee refund", call.path["refund"], param="id")
    return dict(found)


def give_back(ctx: Context, account: str, fee: Json, amount: int) -> None:
    """Take part of a fee from the platform; the connected account's side is booked by the caller."""
    refund = new_fee_refund(ctx, fee=fee, amount=amount)
    transaction = ledger.post(
        ctx,
        account,
        type="application_fee_refund",
        amount=-amount,
        currency=fee["currency"],
        source=refund["id"],
        available_on=ledger.along_with(ctx, account, fee["balance_transaction"]),
    )
    refund["balance_transaction"] = transaction["id"]
    repo.save(ctx, account, refund)
    returned = fee["amount_refunded"] + amount
    refunds = {**fee["refunds"], "data": [refund, *fee["refunds"]["data"]]}
    after = fee | {"amount_refunded": returned, "refunded": returned == fee["amount"], "refunds": refunds}
    repo.save(ctx, account, after)
    events.emit(ctx, account, "application_fee.refunded", after)
