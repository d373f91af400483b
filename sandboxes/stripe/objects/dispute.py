"""A dispute as it begins."""

from sandboxes.stripe.context import Context, Json
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
EVIDENCE = [
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


def new_dispute(ctx: Context, charge: Json, reason: str, amount: int, status: str) -> Json:
    """A dispute of a charge, or an inquiry (``warning_needs_response``): then the money has not gone yet."""
    inquiry = status == "warning_needs_response"
    return {
        "id": new_id("du"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": ctx.now(),
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(EVIDENCE), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": answer_due(ctx),
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "intended_submission_method": None,
        "is_charge_refundable": inquiry,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": _method_details(charge, "inquiry" if inquiry else "chargeback"),
        "reason": reason,
        "status": status,
    }


def answer_due(ctx: Context) -> int:
    """Until when evidence is taken for what begins now."""
    return ctx.now() + _DAYS_TO_ANSWER * 24 * 3600


def _method_details(charge: Json, case_type: str) -> Json:
    details = charge["payment_method_details"]
    brand = details.get("card", {}).get("brand")
    if not brand:
        return {"type": details["type"]}
    card = {"brand": brand, "case_type": case_type, "network": brand, "network_reason_code": "10.4"}
    return {"card": card, "type": "card"}
