"""Transfers, reversals, application fees, refunds: what moves money after a charge."""

from typing import Any

from sandboxes.stripe.context import Context, Json
from sandboxes.stripe.wire.ids import new_id
from sandboxes.stripe.wire.lists import listing


def new_transfer(ctx: Context, *, amount: int, currency: str, destination: str, **given: Any) -> Json:
    """A transfer to a connected account; ``given`` overrides."""
    id = new_id("tr")
    return {
        "id": id,
        "object": "transfer",
        "amount": amount,
        "amount_reversed": 0,
        "balance_transaction": None,
        "created": ctx.now(),
        "currency": currency,
        "description": None,
        "destination": destination,
        "destination_payment": None,
        "livemode": False,
        "metadata": {},
        "reversals": listing([], f"/v1/transfers/{id}/reversals"),
        "reversed": False,
        "source_transaction": None,
        "source_type": "card",
        "transfer_group": None,
        **given,
    }


def new_reversal(
    ctx: Context, *, transfer: Json, amount: int, metadata: Json, source_refund: str | None
) -> Json:
    """Part of a transfer taken back."""
    return {
        "id": new_id("trr"),
        "object": "transfer_reversal",
        "amount": amount,
        "balance_transaction": None,
        "created": ctx.now(),
        "currency": transfer["currency"],
        "destination_payment_refund": None,
        "metadata": metadata,
        "source_refund": source_refund,
        "transfer": transfer["id"],
    }


def new_application_fee(ctx: Context, *, charge: Json, payment: Json, account: str, amount: int) -> Json:
    """The platform's fee on a payment to a connected account."""
    id = new_id("fee")
    return {
        "id": id,
        "object": "application_fee",
        "account": account,
        "amount": amount,
        "amount_refunded": 0,
        "application": ctx.keys.application,
        "balance_transaction": None,
        "charge": payment["id"],
        "created": ctx.now(),
        "currency": charge["currency"],
        "fee_source": {"charge": payment["id"], "type": "charge"},
        "livemode": False,
        "originating_transaction": charge["id"],
        "refunded": False,
        "refunds": listing([], f"/v1/application_fees/{id}/refunds"),
    }


def new_fee_refund(ctx: Context, *, fee: Json, amount: int) -> Json:
    """Part of an application fee given back."""
    return {
        "id": new_id("fr"),
        "object": "fee_refund",
        "amount": amount,
        "balance_transaction": None,
        "created": ctx.now(),
        "currency": fee["currency"],
        "fee": fee["id"],
        "metadata": {},
    }


def new_refund(ctx: Context, *, charge: Json, amount: int, **given: Any) -> Json:
    """A refund of a charge."""
    by_card = charge["id"].startswith("ch_")
    details: Json = {"card": {"reference_status": "pending", "reference_type": "acquirer_reference_number",
                              "type": "refund"}, "type": "card"}  # fmt: skip
    return {
        "id": new_id("re" if by_card else "pyr"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": ctx.now(),
        "currency": charge["currency"],
        "customer": None,
        "customer_account": None,
        "destination_details": details
        if by_card
        else {"sepa_bank_transfer": {}, "type": "sepa_bank_transfer"},
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": None,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
        **given,
    }
