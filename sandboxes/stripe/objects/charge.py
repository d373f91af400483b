"""A charge as it begins, and how it tells of its payment method."""

from typing import Any

from sandboxes.stripe.context import Context, Json
from sandboxes.stripe.objects.payment_method import billing_details
from sandboxes.stripe.wire.ids import new_id, token

STATEMENT_PREFIX = "CALLASTAR"

APPROVED = {
    "advice_code": None,
    "network_advice_code": None,
    "network_decline_code": None,
    "network_status": "approved_by_network",
    "reason": None,
    "risk_level": "normal",
    "risk_score": 12,
    "seller_message": "Payment complete.",
    "type": "authorized",
}


def declined(reason: str) -> Json:
    """The outcome of a charge that the bank refused."""
    return APPROVED | {
        "network_status": "declined_by_network",
        "reason": reason,
        "seller_message": "The bank did not return any further details with this decline.",
        "type": "issuer_declined",
    }


def new_charge(ctx: Context, *, prefix: str, amount: int, currency: str, **given: Any) -> Json:
    """A charge nothing has happened to; ``given`` overrides."""
    id = new_id(prefix)
    return {
        "id": id,
        "object": "charge",
        "amount": amount,
        "amount_captured": 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": billing_details(),
        "calculated_statement_descriptor": STATEMENT_PREFIX,
        "captured": False,
        "created": ctx.now(),
        "currency": currency,
        "customer": None,
        "description": None,
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": {},
        "on_behalf_of": None,
        "outcome": None,
        "paid": False,
        "payment_intent": None,
        "payment_method": None,
        "payment_method_details": None,
        "receipt_email": None,
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": None,
        "source": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "pending",
        "transfer_data": None,
        "transfer_group": None,
        **given,
    }


def for_intent(ctx: Context, intent: Json, method: Json, *, authenticated: bool) -> Json:
    """The charge of an attempt to pay an intent."""
    copied = [
        "application_fee_amount",
        "customer",
        "description",
        "metadata",
        "on_behalf_of",
        "receipt_email",
        "shipping",
        "statement_descriptor",
        "statement_descriptor_suffix",
        "transfer_data",
        "transfer_group",
    ]
    return new_charge(
        ctx,
        prefix="ch" if method["type"] == "card" else "py",
        amount=intent["amount"],
        currency=intent["currency"],
        **{name: intent[name] for name in copied},
        billing_details=method["billing_details"],
        calculated_statement_descriptor=statement(intent, method),
        payment_intent=intent["id"],
        payment_method=method["id"],
        payment_method_details=method_details(intent, method, authenticated=authenticated),
        **({"transfer": None} if intent["transfer_data"] else {}),
    )


def for_transfer(ctx: Context, transfer: Json, *, application_fee_amount: int | None = None) -> Json:
    """The payment that a transfer is on the connected account's side."""
    return new_charge(
        ctx,
        prefix="py",
        amount=transfer["amount"],
        currency=transfer["currency"],
        amount_captured=transfer["amount"],
        application_fee_amount=application_fee_amount,
        captured=True,
        paid=True,
        source_transfer=transfer["id"],
        status="succeeded",
        payment_method_details={"stripe_account": {}, "type": "stripe_account"},
        transfer_group=transfer["transfer_group"],
    )


def statement(intent: Json, method: Json) -> str:
    """What the fan reads on the statement."""
    if method["type"] == "card" and intent["statement_descriptor_suffix"]:
        return f"{STATEMENT_PREFIX}* {intent['statement_descriptor_suffix']}".upper()
    return str(intent["statement_descriptor"] or STATEMENT_PREFIX)


def method_details(intent: Json, method: Json, *, authenticated: bool) -> Json:
    """``payment_method_details``."""
    if method["type"] == "sepa_debit":
        debit = {name: method["sepa_debit"][name] for name in _DEBIT_DETAILS}
        return {
            "sepa_debit": {**debit, "expected_debit_date": None, "mandate": "mandate_" + token(24)},
            "type": "sepa_debit",
        }
    return {"card": _card_details(intent, method["card"], authenticated=authenticated), "type": "card"}


_DEBIT_DETAILS = ("bank_code", "branch_code", "country", "fingerprint", "last4")


def _card_details(intent: Json, card: Json, *, authenticated: bool) -> Json:
    given = (
        "brand",
        "country",
        "exp_month",
        "exp_year",
        "fingerprint",
        "funding",
        "last4",
        "regulated_status",
        "wallet",
    )
    cvc = card["checks"]["cvc_check"] and "pass"
    return {
        **{name: card[name] for name in given},
        "amount_authorized": intent["amount"],
        "authorization_code": "123456",
        "checks": {**card["checks"], "cvc_check": cvc},
        "electronic_commerce_indicator": "05" if authenticated else None,
        "extended_authorization": {"status": "disabled"},
        "incremental_authorization": {"status": "unavailable"},
        "installments": None,
        "mandate": None,
        "multicapture": {"status": "unavailable"},
        "network": card["brand"],
        "network_token": {"used": False},
        "network_transaction_id": token(15),
        "overcapture": {"maximum_amount_capturable": intent["amount"], "status": "unavailable"},
        "three_d_secure": _THREE_D_SECURE if authenticated else None,
        "transaction_link_id": None,
    }


_THREE_D_SECURE = {
    "authentication_flow": "challenge",
    "electronic_commerce_indicator": "05",
    "exemption_indicator": None,
    "result": "authenticated",
    "result_reason": None,
    "transaction_id": "6a6e5d2c-8b7f-4c1e-9d52-8f5b1f3e2a10",
    "version": "2.2.0",
}
