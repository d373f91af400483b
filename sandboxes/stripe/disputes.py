"""Disputes: opened by a test card or a control, answered with evidence, won or lost."""

from sandboxes.stripe import currencies, events, ledger, repo, settlement
from sandboxes.stripe.context import Context, Json
from sandboxes.stripe.params.rules import merged_metadata
from sandboxes.stripe.wire import lists
from sandboxes.stripe.wire.call import Call
from sandboxes.stripe.wire.errors import invalid
from sandboxes.stripe.wire.ids import new_id

REASONS = [
    "bank_cannot_process",
    "check_returned",
    "credit_not_processed",
    "customer_initiated",
    "debit_not_authorized",
    "duplicate",
    "fraudulent",
    "general",
    "incorrect_account_details",
    "insufficient_funds",
    "product_not_received",
    "product_unacceptable",
    "subscription_canceled",
    "unrecognized",
]
_EVIDENCE = [
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
]
_DAYS_TO_ANSWER = 7
_DECISION_SECONDS = 10
_OUTCOMES = {"winning_evidence": "won", "losing_evidence": "lost"}


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
    if dispute["status"] != "needs_response" and params.keys() - {"metadata", "expand"}:
        raise invalid("This dispute is already closed or under review; its evidence cannot be changed.")
    given = {name: each or None for name, each in (params.get("evidence") or {}).items()}
    after = {**dispute, "metadata": merged_metadata(dispute["metadata"], params.get("metadata"))}
    after["evidence"] = {**dispute["evidence"], **given}
    has_evidence = any(after["evidence"][name] for name in _EVIDENCE)
    after["evidence_details"] = {**dispute["evidence_details"], "has_evidence": has_evidence}
    if has_evidence and params.get("submit", "evidence" in params):
        _submit(ctx, call.account, after)
    return events.save_and_emit(ctx, call.account, "charge.dispute.updated", dispute, after)


def close(ctx: Context, call: Call) -> Json:
    """POST /v1/disputes/:id/close: give in."""
    dispute = repo.get(ctx, call.account, "dispute", call.id)
    if dispute["status"] in ("won", "lost"):
        raise invalid("This dispute is already closed.", code="dispute_already_closed")
    return decide(ctx, call.account, dispute["id"], "lost")


def open_dispute(
    ctx: Context, account: str, charge_id: str, reason: str = "fraudulent", amount: int | None = None
) -> Json:
    """The payer's bank takes the money back; gives the dispute, the one that is there if there is one.

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
    charge = settlement.settle_now(ctx, account, charge_id)
    dispute = _new(ctx, charge, reason, amount or left)
    fee = currencies.DISPUTE_FEE.get(charge["currency"], 1500)
    _book(ctx, account, dispute, -dispute["amount"], fee)
    repo.save(ctx, account, charge | {"disputed": True})
    events.emit(ctx, account, "charge.dispute.created", dispute)
    events.emit(ctx, account, "charge.dispute.funds_withdrawn", dispute)
    payload = {"account": account, "dispute_id": dispute["id"]}
    ctx.timers.at(dispute["evidence_details"]["due_by"], "expire_dispute", payload, id="due_" + dispute["id"])
    return dispute


def decide(ctx: Context, account: str, dispute_id: str, status: str) -> Json:
    """The bank decides: won gives the money back, lost keeps it; gives the dispute. A decision stands.

    Raises LookupError for an unknown dispute, ValueError for another word.
    """
    dispute = repo.find(ctx, account, "dispute", dispute_id)
    if dispute is None:
        raise LookupError(f"there is no dispute {dispute_id}")
    if status not in ("won", "lost"):
        raise ValueError('status must be "won" or "lost"')
    if dispute["status"] in ("won", "lost"):
        return dispute
    dispute |= {"status": status, "_decision": None}
    if status == "won":
        fee = -dispute["balance_transactions"][0]["fee"]
        _book(ctx, account, dispute, dispute["amount"], fee)
        events.emit(ctx, account, "charge.dispute.funds_reinstated", dispute)
    repo.save(ctx, account, dispute)
    events.emit(ctx, account, "charge.dispute.closed", dispute)
    ctx.timers.cancel("due_" + dispute_id)
    return dispute


def expire(ctx: Context, account: str, dispute_id: str) -> None:
    """Nobody answered in time."""
    dispute = repo.find(ctx, account, "dispute", dispute_id)
    if dispute is not None and dispute["status"] == "needs_response":
        decide(ctx, account, dispute_id, "lost")


def _submit(ctx: Context, account: str, dispute: Json) -> None:
    dispute["status"] = "under_review"
    count = dispute["evidence_details"]["submission_count"] + 1
    dispute["evidence_details"] |= {"submission_count": count, "submission_method": "manual"}
    outcome = _OUTCOMES.get(dispute["evidence"]["uncategorized_text"] or "")
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


def _new(ctx: Context, charge: Json, reason: str, amount: int) -> Json:
    brand = charge["payment_method_details"].get("card", {}).get("brand")
    details = {"card": {"brand": brand, "case_type": "chargeback", "network": brand, "network_reason_code": "10.4"},
               "type": "card"} if brand else {"type": charge["payment_method_details"]["type"]}  # fmt: skip
    return {
        "id": new_id("du"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": ctx.now(),
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(_EVIDENCE), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": ctx.now() + _DAYS_TO_ANSWER * 24 * 3600,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "intended_submission_method": None,
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": details,
        "reason": reason,
        "status": "needs_response",
    }
