"""Disputes: opened by a test card or a control, answered with evidence, won or lost."""

from sandboxes.stripe import currencies, events, ledger, repo, settlement
from sandboxes.stripe.context import Context, Json
from sandboxes.stripe.objects.dispute import EVIDENCE, REASONS, answer_due, new_dispute
from sandboxes.stripe.params.rules import merged_metadata
from sandboxes.stripe.wire import lists
from sandboxes.stripe.wire.call import Call
from sandboxes.stripe.wire.errors import invalid

INQUIRY = "warning_needs_response"
CLOSED = ("won", "lost", "warning_closed")
_ANSWERABLE = ("needs_response", INQUIRY)
_NOT_REFUNDABLE = ("needs_response", "under_review", "lost")
_INQUIRY_DAYS = 120
_DECISION_SECONDS = 10
_OUTCOMES = {"winning_evidence": "won", "losing_evidence": "lost"}
_INQUIRY_OUTCOMES = {"winning_evidence": "warning_closed", "escalate_inquiry_evidence": "needs_response"}


def retrieve(ctx: Context, call: Call) -> Json:
    """GET /v1/disputes/:id"""
    return repo.get(ctx, call.account, "dispute", call.id)


def listed(ctx: Context, call: Call) -> Json:
    """GET /v1/disputes"""
    found = repo.every(ctx, call.account, "dispute")
    return lists.page(found, call.params, "/v1/disputes", filters=("charge", "payment_intent"))


def update(ctx: Context, call: Call) -> Json:
    """POST /v1/disputes/:id: evidence, submitted unless ``submit`` is false."""
    dispute = repo.get(ctx, call.account, "dispute", call.id)
    params = call.params
    if dispute["status"] not in _ANSWERABLE and params.keys() - {"metadata", "expand"}:
        raise invalid("This dispute is already closed or under review; its evidence cannot be changed.")
    given = {name: each or None for name, each in (params.get("evidence") or {}).items()}
    after = {**dispute, "metadata": merged_metadata(dispute["metadata"], params.get("metadata"))}
    after["evidence"] = {**dispute["evidence"], **given}
    has_evidence = any(after["evidence"][name] for name in EVIDENCE)
    after["evidence_details"] = {**dispute["evidence_details"], "has_evidence": has_evidence}
    if has_evidence and params.get("submit", "evidence" in params):
        _submit(ctx, call.account, after)
    return events.save_and_emit(ctx, call.account, "charge.dispute.updated", dispute, after)


def close(ctx: Context, call: Call) -> Json:
    """POST /v1/disputes/:id/close: give in."""
    dispute = repo.get(ctx, call.account, "dispute", call.id)
    if dispute["status"] in CLOSED:
        raise invalid("This dispute is already closed.", code="dispute_already_closed")
    if is_inquiry(dispute):
        raise invalid("This dispute is an inquiry; it cannot be closed. Refund the charge to resolve it.")
    return decide(ctx, call.account, dispute["id"], "lost")


def is_inquiry(dispute: Json) -> bool:
    """Whether the bank only asks: no money has gone."""
    return str(dispute["status"]).startswith("warning_")


def forbids_refund(ctx: Context, account: str, charge: Json) -> bool:
    """Whether the charge's money is with its payer's bank; what was won, or only asked about, can be refunded."""
    if not charge["disputed"]:
        return False
    found = (each for each in repo.every(ctx, account, "dispute") if each["charge"] == charge["id"])
    return any(each["status"] in _NOT_REFUNDABLE for each in found)


def open_dispute(
    ctx: Context,
    account: str,
    charge_id: str,
    reason: str = "fraudulent",
    amount: int | None = None,
    status: str = "needs_response",
) -> Json:
    """The payer's bank takes the money back, or only asks about it (``warning_needs_response``).

    Gives the dispute, the one that is there if there is one.

    Raises LookupError for an unknown charge, ValueError for one that cannot be disputed.
    """
    charge = repo.find(ctx, account, "charge", charge_id)
    if charge is None:
        raise LookupError(f"there is no charge {charge_id}")
    if charge["disputed"]:
        return next(each for each in repo.every(ctx, account, "dispute") if each["charge"] == charge_id)
    left = charge["amount_captured"] - charge["amount_refunded"]
    if reason not in REASONS or not charge["paid"] or not 0 < (amount or left) <= left:
        raise ValueError("needs a paid charge, an amount not yet refunded and a reason of Stripe's")
    if status not in _ANSWERABLE:
        raise ValueError(f"status must be one of {', '.join(_ANSWERABLE)}")
    charge = settlement.settle_now(ctx, account, charge_id)
    dispute = new_dispute(ctx, charge, reason, amount or left, status)
    repo.save(ctx, account, charge | {"disputed": True})
    if is_inquiry(dispute):
        repo.save(ctx, account, dispute)
        events.emit(ctx, account, "charge.dispute.created", dispute)
        _expire_at(ctx, account, dispute, ctx.now() + _INQUIRY_DAYS * 24 * 3600)
        return dispute
    _withdraw(ctx, account, dispute)
    events.emit(ctx, account, "charge.dispute.created", dispute)
    events.emit(ctx, account, "charge.dispute.funds_withdrawn", dispute)
    return dispute


def escalate(ctx: Context, account: str, dispute_id: str) -> Json:
    """The bank takes the money that it had only asked about; gives the dispute.

    Raises LookupError for an unknown dispute, ValueError for one that is no open inquiry.
    """
    before = _known(ctx, account, dispute_id)
    if not is_inquiry(before) or before["status"] in CLOSED:
        raise ValueError("only an open inquiry can become a dispute")
    dispute = before | {
        "evidence_details": {**before["evidence_details"], "due_by": answer_due(ctx)},
        "is_charge_refundable": False,
        "status": "needs_response",
    }
    if "card" in dispute["payment_method_details"]:
        card = {**dispute["payment_method_details"]["card"], "case_type": "chargeback"}
        dispute["payment_method_details"] = {**dispute["payment_method_details"], "card": card}
    _withdraw(ctx, account, dispute)
    events.save_and_emit(ctx, account, "charge.dispute.updated", before, dispute)
    events.emit(ctx, account, "charge.dispute.funds_withdrawn", dispute)
    return dispute


def decide(ctx: Context, account: str, dispute_id: str, status: str) -> Json:
    """The bank decides: won gives the money back, lost keeps it; gives the dispute. A decision stands.

    An inquiry is won too, but called ``warning_closed``; to be lost it must be escalated first.
    Raises LookupError for an unknown dispute, ValueError for another word.
    """
    dispute = _known(ctx, account, dispute_id)
    if dispute["status"] in CLOSED:
        return dispute
    words = ("won", "warning_closed") if is_inquiry(dispute) else ("won", "lost")
    if status not in words:
        raise ValueError(f"status must be one of {', '.join(words)}")
    final = "warning_closed" if is_inquiry(dispute) else status
    dispute |= {"status": final, "is_charge_refundable": final != "lost"}
    if final == "won":
        fee = -dispute["balance_transactions"][0]["fee"]
        _book(ctx, account, dispute, dispute["amount"], fee)
        events.emit(ctx, account, "charge.dispute.funds_reinstated", dispute)
    repo.save(ctx, account, dispute)
    events.emit(ctx, account, "charge.dispute.closed", dispute)
    ctx.timers.cancel("due_" + dispute_id)
    return dispute


def expire(ctx: Context, account: str, dispute_id: str) -> None:
    """Nobody answered in time; an inquiry that nobody pursued is closed."""
    dispute = repo.find(ctx, account, "dispute", dispute_id)
    if dispute is None:
        return
    if is_inquiry(dispute):
        decide(ctx, account, dispute_id, "warning_closed")
    elif dispute["status"] == "needs_response":
        decide(ctx, account, dispute_id, "lost")


def follow_evidence(ctx: Context, account: str, dispute_id: str, status: str) -> None:
    """The bank has read the evidence, and does what the test's words told it to, if it has not decided before."""
    dispute = repo.find(ctx, account, "dispute", dispute_id)
    if dispute is None or not dispute["status"].endswith("under_review"):
        return
    if status == "needs_response":
        escalate(ctx, account, dispute_id)
    else:
        decide(ctx, account, dispute_id, status)


def _known(ctx: Context, account: str, dispute_id: str) -> Json:
    dispute = repo.find(ctx, account, "dispute", dispute_id)
    if dispute is None:
        raise LookupError(f"there is no dispute {dispute_id}")
    return dispute


def _withdraw(ctx: Context, account: str, dispute: Json) -> None:
    """Take the disputed money and Stripe's fee, and wait for an answer."""
    fee = currencies.DISPUTE_FEE.get(dispute["currency"], 1500)
    _book(ctx, account, dispute, -dispute["amount"], fee)
    _expire_at(ctx, account, dispute, dispute["evidence_details"]["due_by"])


def _expire_at(ctx: Context, account: str, dispute: Json, moment: int) -> None:
    payload = {"account": account, "dispute_id": dispute["id"]}
    ctx.timers.at(moment, "expire_dispute", payload, id="due_" + dispute["id"])


def _submit(ctx: Context, account: str, dispute: Json) -> None:
    outcomes = _INQUIRY_OUTCOMES if is_inquiry(dispute) else _OUTCOMES
    dispute["status"] = "warning_under_review" if is_inquiry(dispute) else "under_review"
    count = dispute["evidence_details"]["submission_count"] + 1
    dispute["evidence_details"] |= {"submission_count": count, "submission_method": "manual"}
    outcome = outcomes.get(dispute["evidence"]["uncategorized_text"] or "")
    if outcome:
        payload = {"account": account, "dispute_id": dispute["id"], "status": outcome}
        ctx.timers.at(ctx.clock.now() + _DECISION_SECONDS, "decide_dispute", payload)


def _book(ctx: Context, account: str, dispute: Json, amount: int, fee: int) -> None:
    details = [ledger.fee_detail(fee, dispute["currency"], type="stripe_fee", description="Dispute fee")]
    transaction = ledger.post(
        ctx,
        account,
        type="adjustment",
        amount=amount,
        currency=dispute["currency"],
        source=dispute["id"],
        available_on=ctx.now(),
        fee_details=details,
        description=f"Chargeback {'withdrawal' if amount < 0 else 'reversal'} for {dispute['charge']}",
        reporting_category="dispute" if amount < 0 else "dispute_reversal",
    )
    dispute["balance_transactions"] = [*dispute["balance_transactions"], transaction]
    repo.save(ctx, account, dispute)
