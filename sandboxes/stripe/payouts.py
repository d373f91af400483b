"""Payouts from an account's balance to its bank; they settle in about ten seconds."""

from typing import Any

from sandboxes.stripe import banks, currencies, events, external_accounts, ledger, repo
from sandboxes.stripe.context import Context, Json
from sandboxes.stripe.params.rules import merged_metadata
from sandboxes.stripe.wire import lists
from sandboxes.stripe.wire.call import Call
from sandboxes.stripe.wire.errors import invalid
from sandboxes.stripe.wire.ids import new_id

_ON_ITS_WAY = ("pending", "in_transit")
_TRANSIT_SECONDS = 4
_ARRIVAL_SECONDS = 6
_POOR = (
    "You have insufficient funds in your Stripe account for this transfer. Your card balance is too low. You can use "
    "the /v1/balance endpoint to view your Stripe balance (for more details, see stripe.com/docs/api#balance)."
)


def retrieve(ctx: Context, call: Call) -> Json:
    """GET /v1/payouts/:id"""
    return repo.get(ctx, call.account, "payout", call.id)


def listed(ctx: Context, call: Call) -> Json:
    """GET /v1/payouts"""
    found = repo.every(ctx, call.account, "payout")
    return lists.page(found, call.params, "/v1/payouts", filters=("status", "destination"))


def create(ctx: Context, call: Call) -> Json:
    """POST /v1/payouts"""
    params = call.params
    currency = currencies.check_currency(params["currency"])
    if params["amount"] < 1:
        message = "This value must be greater than or equal to 1."
        raise invalid(message, code="parameter_invalid_integer", param="amount")
    if params.get("method") == "instant":
        raise invalid("Instant payouts are not available for this account.", code="instant_payouts_unsupported",
                      param="method")  # fmt: skip
    bank = _destination(ctx, call, currency)
    ledger.require(ctx, call.account, params["amount"], currency, pending_counts=False, message=_POOR)
    payout = _new(ctx, call, currency, bank)
    transaction = _post(ctx, call.account, payout, "payout", -payout["amount"])
    payout["balance_transaction"] = transaction["id"]
    repo.save(ctx, call.account, payout)
    events.emit(ctx, call.account, "payout.created", payout)
    _later(ctx, call.account, payout["id"], "send_payout", _TRANSIT_SECONDS)
    return payout


def update(ctx: Context, call: Call) -> Json:
    """POST /v1/payouts/:id"""
    payout = repo.get(ctx, call.account, "payout", call.id)
    after = payout | {"metadata": merged_metadata(payout["metadata"], call.params.get("metadata"))}
    return events.save_and_emit(ctx, call.account, "payout.updated", payout, after)


def cancel(ctx: Context, call: Call) -> Json:
    """POST /v1/payouts/:id/cancel"""
    payout = repo.get(ctx, call.account, "payout", call.id)
    if payout["status"] != "pending":
        message = f"Payouts can be canceled only while they are pending; this one is {payout['status']}."
        raise invalid(message, code="payout_cannot_be_canceled")
    transaction = _post(ctx, call.account, payout, "payout_cancel", payout["amount"])
    payout |= {"status": "canceled", "failure_balance_transaction": transaction["id"]}
    repo.save(ctx, call.account, payout)
    events.emit(ctx, call.account, "payout.canceled", payout)
    return payout


def send(ctx: Context, account: str, payout_id: str) -> None:
    """A pending payout leaves for the bank."""
    payout = repo.find(ctx, account, "payout", payout_id)
    if payout is None or payout["status"] != "pending":
        return
    events.save_and_emit(ctx, account, "payout.updated", payout, payout | {"status": "in_transit"})
    _later(ctx, account, payout_id, "arrive_payout", _ARRIVAL_SECONDS)


def arrive(ctx: Context, account: str, payout_id: str) -> None:
    """The bank takes it, or what its account number says."""
    payout = repo.find(ctx, account, "payout", payout_id)
    if payout is None or payout["status"] != "in_transit":
        return
    bank = external_accounts.find(ctx, account, payout["destination"])
    failure = banks.FAILING_PAYOUTS.get(bank["_number"]) if bank else "no_account"
    if failure:
        fail(ctx, account, payout_id, failure)
    else:
        pay(ctx, account, payout_id)


def pay(ctx: Context, account: str, payout_id: str) -> Json:
    """The money has arrived; gives the payout. Raises LookupError, ValueError once it is over."""
    payout = _in_state(ctx, account, payout_id, _ON_ITS_WAY)
    paid = payout | {"status": "paid", "reconciliation_status": "not_applicable"}
    paid["trace_id"] = {"status": "supported", "value": payout_id[-12:]}
    repo.save(ctx, account, paid)
    events.emit(ctx, account, "payout.paid", paid)
    return paid


def fail(ctx: Context, account: str, payout_id: str, code: str = "could_not_process") -> Json:
    """The bank sends it back, perhaps days after Stripe called it paid; gives the payout.

    Raises LookupError, ValueError for one that has failed or was canceled.
    """
    payout = _in_state(ctx, account, payout_id, (*_ON_ITS_WAY, "paid"))
    if code not in banks.FAILURE_MESSAGES:
        raise ValueError(f"failure_code must be one of {', '.join(banks.FAILURE_MESSAGES)}")
    transaction = _post(ctx, account, payout, "payout_failure", payout["amount"])
    failed = payout | {
        "status": "failed",
        "failure_code": code,
        "failure_message": banks.FAILURE_MESSAGES[code],
        "failure_balance_transaction": transaction["id"],
    }
    repo.save(ctx, account, failed)
    if code in banks.UNUSABLE_AFTER:
        external_accounts.mark_errored(ctx, account, payout["destination"])
    events.emit(ctx, account, "payout.failed", failed)
    return failed


def _in_state(ctx: Context, account: str, payout_id: str, states: tuple[str, ...]) -> Json:
    payout = repo.find(ctx, account, "payout", payout_id)
    if payout is None:
        raise LookupError(f"there is no payout {payout_id}")
    if payout["status"] not in states:
        raise ValueError(f"the payout is already {payout['status']}")
    return payout


def _destination(ctx: Context, call: Call, currency: str) -> Json:
    """The bank account to pay to; raises ApiError when there is none that can be used."""
    if call.account != ctx.platform and not repo.connected(ctx, call.account)["payouts_enabled"]:
        message = "Cannot create payouts: this account has payouts disabled until its requirements are met."
        raise invalid(message, code="payouts_not_allowed")
    bank = external_accounts.for_payout(ctx, call.account, currency, call.params.get("destination"))
    if bank["status"] == "errored":
        message = f"The bank account {bank['id']} cannot be used: an earlier payout to it failed."
        raise invalid(message, code="bank_account_unusable", param="destination")
    return bank


def _new(ctx: Context, call: Call, currency: str, bank: Json) -> Json:
    params = call.params
    return {
        "id": new_id("po"),
        "object": "payout",
        "amount": params["amount"],
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": ctx.now() + _TRANSIT_SECONDS + _ARRIVAL_SECONDS,
        "automatic": False,
        "balance_transaction": None,
        "created": ctx.now(),
        "currency": currency,
        "description": params.get("description"),
        "destination": bank["id"],
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": merged_metadata({}, params.get("metadata")),
        "method": "standard",
        "original_payout": None,
        "payout_method": None,
        "reconciliation_status": "not_applicable",
        "reversed_by": None,
        "source_type": params.get("source_type", "card"),
        "statement_descriptor": params.get("statement_descriptor"),
        "status": "pending",
        "trace_id": {"status": "pending", "value": None},
        "type": "bank_account",
    }


def _post(ctx: Context, account: str, payout: Json, type: str, amount: int) -> Json:
    return ledger.post(
        ctx,
        account,
        type=type,
        amount=amount,
        currency=payout["currency"],
        source=payout["id"],
        available_on=ctx.now(),
        description="STRIPE PAYOUT",
    )


def _later(ctx: Context, account: str, payout_id: str, name: str, seconds: int) -> None:
    payload: dict[str, Any] = {"account": account, "payout_id": payout_id}
    ctx.timers.at(ctx.clock.now() + seconds, name, payload, id=f"{name}_{payout_id}")
