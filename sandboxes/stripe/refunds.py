"""Refunds of charges, with what they take back from the connected account."""

from sandboxes.stripe import cards, currencies, disputes, events, fees, ledger, repo, settlement, transfers
from sandboxes.stripe.context import Context, Json
from sandboxes.stripe.objects.movements import new_refund
from sandboxes.stripe.params.rules import merged_metadata
from sandboxes.stripe.wire import lists
from sandboxes.stripe.wire.call import Call
from sandboxes.stripe.wire.errors import invalid

_FINISH_SECONDS = 5
_REFERENCE_SECONDS = 1


def retrieve(ctx: Context, call: Call) -> Json:
    """GET /v1/refunds/:id"""
    return repo.get(ctx, call.account, "refund", call.id)


def listed(ctx: Context, call: Call) -> Json:
    """GET /v1/refunds"""
    found = repo.every(ctx, call.account, "refund")
    return lists.page(found, call.params, "/v1/refunds", filters=("charge", "payment_intent"))


def update(ctx: Context, call: Call) -> Json:
    """POST /v1/refunds/:id"""
    refund = repo.get(ctx, call.account, "refund", call.id)
    after = refund | {"metadata": merged_metadata(refund["metadata"], call.params.get("metadata"))}
    return events.save_and_emit(ctx, call.account, "refund.updated", refund, after)


def create(ctx: Context, call: Call) -> Json:
    """POST /v1/refunds"""
    charge = _charge(ctx, call)
    amount = _amount(charge, call.params)
    charge = settlement.settle_now(ctx, call.account, charge["id"])
    transfer, fee, returned = _parts(ctx, call, charge, amount)
    refund = new_refund(
        ctx,
        charge=charge,
        amount=amount,
        metadata=merged_metadata({}, call.params.get("metadata")),
        reason=call.params.get("reason"),
        _with_fee=fee is not None,
    )
    if transfer:
        taken = _transfer_share(ctx, call.account, transfer, charge, amount)
        reversal = transfers.reverse(
            ctx, call.account, transfer, taken, fee=fee, fee_amount=returned, source_refund=refund["id"]
        )
        refund["transfer_reversal"] = reversal["id"]
    elif fee and returned:
        fees.give_back(ctx, call.account, fee, returned)
        _return_fee(ctx, fee, returned)
    return _book(ctx, call.account, charge, refund)


def fail(ctx: Context, account: str, refund_id: str, reason: str = "expired_or_canceled_card") -> Json:
    """The money came back from the payer's bank; gives the refund. Raises LookupError."""
    refund = repo.find(ctx, account, "refund", refund_id)
    if refund is None:
        raise LookupError(f"there is no refund {refund_id}")
    if refund["status"] == "failed":
        return refund
    transaction = ledger.post(
        ctx,
        account,
        type="refund_failure",
        amount=refund["amount"],
        currency=refund["currency"],
        source=refund["id"],
        available_on=ctx.now(),
    )
    after = refund | {
        "status": "failed",
        "failure_reason": reason,
        "failure_balance_transaction": transaction["id"],
    }
    charge = repo.get(ctx, account, "charge", refund["charge"])
    less = charge["amount_refunded"] - refund["amount"]
    repo.save(ctx, account, charge | {"amount_refunded": less, "refunded": False})
    events.save_and_emit(ctx, account, "refund.updated", refund, after)
    events.emit(ctx, account, "refund.failed", after)
    return after


def finish(ctx: Context, account: str, refund_id: str) -> None:
    """A pending refund has arrived, or an arrived one has its bank reference."""
    refund = repo.find(ctx, account, "refund", refund_id)
    if refund is None or refund["status"] not in ("pending", "succeeded"):
        return
    details = refund["destination_details"]
    if details["type"] == "card":
        card = {**details["card"], "reference": "65432100", "reference_status": "available"}
        details = {**details, "card": card}
    after = refund | {"status": "succeeded", "destination_details": details}
    if after != refund:
        events.save_and_emit(ctx, account, "refund.updated", refund, after)


def _charge(ctx: Context, call: Call) -> Json:
    """The charge to refund; raises ApiError where there is none or it cannot be."""
    params = call.params
    if "charge" not in params and "payment_intent" not in params:
        message = "One of the following params should be provided for this request: payment_intent or charge."
        raise invalid(message, code="parameter_missing", param="payment_intent")
    charge = repo.get(ctx, call.account, "charge", _charge_id(ctx, call), param="charge")
    if not charge["paid"] or not charge["captured"]:
        message = (
            f"This charge ({charge['id']}) has not succeeded or was not captured; there is nothing to refund."
        )
        raise invalid(message)
    if disputes.forbids_refund(ctx, call.account, charge):
        message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise invalid(message, code="charge_disputed")
    if charge["refunded"]:
        raise invalid(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    return charge


def _charge_id(ctx: Context, call: Call) -> str:
    if "payment_intent" not in call.params:
        return str(call.params["charge"])
    id = call.params["payment_intent"]
    intent = repo.get(ctx, call.account, "payment_intent", id, param="payment_intent")
    if intent["status"] != "succeeded":
        raise invalid(f"This PaymentIntent ({id}) does not have a successful charge to refund.")
    if call.params.get("charge", intent["latest_charge"]) != intent["latest_charge"]:
        raise invalid("The charge does not belong to the PaymentIntent.", param="charge")
    return str(intent["latest_charge"])


def _amount(charge: Json, params: Json) -> int:
    left = charge["amount"] - charge["amount_refunded"]
    amount = int(params.get("amount", left))
    if amount < 1:
        message = "This value must be greater than or equal to 1."
        raise invalid(message, code="parameter_invalid_integer", param="amount")
    if amount > left:
        currency = charge["currency"]
        message = (
            f"Refund amount ({currencies.written(amount, currency)}) is greater than unrefunded amount on charge "
            f"({currencies.written(left, currency)})"
        )
        raise invalid(message, param="amount")
    return amount


def _parts(ctx: Context, call: Call, charge: Json, amount: int) -> tuple[Json | None, Json | None, int]:
    """The transfer to reverse, the fee to give back and how much of it; raises ApiError."""
    account, params = call.account, call.params
    transfer = fee = None
    if params.get("reverse_transfer"):
        if not charge.get("transfer"):
            message = f"Charge {charge['id']} cannot be refunded with reverse_transfer: it has no associated transfer."
            raise invalid(message, param="reverse_transfer")
        transfer = repo.get(ctx, account, "transfer", charge["transfer"])
    if params.get("refund_application_fee"):
        if not charge["application_fee"]:
            message = f"Charge {charge['id']} has no application fee to refund."
            raise invalid(message, param="refund_application_fee")
        fee = repo.get(ctx, account, "application_fee", charge["application_fee"])
    return transfer, fee, _fee_share(ctx, account, charge, fee, amount) if fee else 0


def _fee_share(ctx: Context, account: str, charge: Json, fee: Json, amount: int) -> int:
    """Pro rata, and never more than is left of the fee; refunds of the whole that all give it back add up to it."""
    before = _refunded(ctx, account, charge, "_with_fee")
    share = currencies.part(fee["amount"], amount, charge["amount_captured"], before=before)
    return min(share, int(fee["amount"] - fee["amount_refunded"]))


def _transfer_share(ctx: Context, account: str, transfer: Json, charge: Json, amount: int) -> int:
    """Pro rata like the fee; raises ApiError when nothing is left to take back."""
    left = int(transfer["amount"] - transfer["amount_reversed"])
    if left == 0:
        message = f"Transfer {transfer['id']} is already fully reversed."
        raise invalid(message, param="reverse_transfer")
    before = _refunded(ctx, account, charge, "transfer_reversal")
    return min(currencies.part(transfer["amount"], amount, charge["amount_captured"], before=before), left)


def _refunded(ctx: Context, account: str, charge: Json, mark: str) -> int:
    """What earlier refunds of the charge that bear the mark come to; those that failed do not count."""
    earlier = (each for each in repo.every(ctx, account, "refund") if each["charge"] == charge["id"])
    return sum(each["amount"] for each in earlier if each.get(mark) and each["status"] != "failed")


def _return_fee(ctx: Context, fee: Json, amount: int) -> None:
    """The fee alone goes back to the connected account."""
    payment = repo.get(ctx, fee["account"], "charge", fee["charge"])
    ledger.post(
        ctx,
        fee["account"],
        type="application_fee_refund",
        amount=amount,
        currency=fee["currency"],
        source=fee["refunds"]["data"][0]["id"] if fee["refunds"]["data"] else fee["id"],
        available_on=ledger.along_with(ctx, fee["account"], payment["balance_transaction"]),
    )


def _book(ctx: Context, account: str, charge: Json, refund: Json) -> Json:
    """Take the money from the platform and tell everyone; gives the refund."""
    by_card = refund["id"].startswith("re_")
    transaction = ledger.post(
        ctx,
        account,
        type="refund" if by_card else "payment_refund",
        amount=-refund["amount"],
        currency=refund["currency"],
        source=refund["id"],
        available_on=ledger.along_with(ctx, account, charge["balance_transaction"]),
        description=f"REFUND FOR CHARGE ({charge['description']})" if charge["description"] else None,
    )
    refund["balance_transaction"] = transaction["id"]
    returned = charge["amount_refunded"] + refund["amount"]
    charge |= {"amount_refunded": returned, "refunded": returned == charge["amount"]}
    repo.save(ctx, account, charge)
    _schedule(ctx, account, charge, refund)
    repo.save(ctx, account, refund)
    events.emit(ctx, account, "refund.created", refund)
    events.emit(ctx, account, "charge.refunded", charge)
    return refund


def _schedule(ctx: Context, account: str, charge: Json, refund: Json) -> None:
    """What happens to the refund later: arrives, gets its reference, or fails (some test cards)."""
    method = repo.get(ctx, account, "payment_method", charge["payment_method"])
    by_card = method["type"] == "card"
    fate = cards.by_number(method["_number"]).refund if by_card else "pending"
    refund["status"] = "pending" if fate == "pending" else "succeeded"
    payload = {"account": account, "refund_id": refund["id"]}
    delay = _FINISH_SECONDS if fate else _REFERENCE_SECONDS
    ctx.timers.at(ctx.clock.now() + delay, "fail_refund" if fate == "fail" else "finish_refund", payload)
