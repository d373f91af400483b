"""Stripe's objects as our plain values."""

from datetime import UTC, datetime
from typing import Any

from callastar.providers.stripe.types import ChargeSnapshot, RefundSnapshot


def charge_snapshot(charge: Any) -> ChargeSnapshot:
    """A charge; with Stripe's fee if its balance transaction was expanded."""
    settled = charge.balance_transaction if is_object(charge.balance_transaction) else None
    return ChargeSnapshot(
        id=charge.id,
        payment_intent=id_of(charge.payment_intent),
        amount=charge.amount,
        amount_refunded=charge.amount_refunded,
        transfer=id_of(getattr(charge, "transfer", None)),
        fee=settled.fee if settled else None,
        fee_currency=settled.currency.upper() if settled else "",
        currency=charge.currency.upper(),
        created=moment(charge.created),
        paid=charge.paid,
        disputed=charge.disputed,
        application_fee=id_of(charge.application_fee),
        balance_transaction=id_of(charge.balance_transaction),
    )


def refund_snapshot(refund: Any) -> RefundSnapshot:
    """A refund."""
    return RefundSnapshot(
        id=refund.id,
        amount=refund.amount,
        status=refund.status or "pending",
        payment_intent=id_of(refund.payment_intent),
        charge=id_of(refund.charge),
        failure_reason=getattr(refund, "failure_reason", None) or "",
        metadata=metadata_of(refund),
        currency=refund.currency.upper(),
        created=moment(refund.created),
        transfer_reversal=id_of(refund.transfer_reversal),
        balance_transaction=id_of(refund.balance_transaction),
        failure_balance_transaction=id_of(getattr(refund, "failure_balance_transaction", None)),
    )


def is_object(value: Any) -> bool:
    """Whether a reference was expanded."""
    return value is not None and not isinstance(value, str)


def id_of(value: Any) -> str:
    """The id in a reference, expanded or not; empty for none."""
    return value.id if is_object(value) else value or ""


def moment(seconds: int) -> datetime:
    """A time of Stripe's."""
    return datetime.fromtimestamp(seconds, UTC)


def metadata_of(value: Any) -> dict[str, str]:
    """An object's metadata."""
    return dict(value.metadata.to_dict()) if value.metadata else {}
