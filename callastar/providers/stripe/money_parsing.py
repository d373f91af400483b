"""Stripe's objects about money that has moved, as our plain values; what Stripe shows in part is read to its end."""

from collections.abc import Callable
from functools import partial
from typing import Any

import stripe

from callastar.providers.stripe.client import every
from callastar.providers.stripe.money_types import (
    ApplicationFeeSnapshot,
    DisputeSnapshot,
    DisputeTransaction,
    FeeRefundSnapshot,
    ReversalSnapshot,
    TransferSnapshot,
)
from callastar.providers.stripe.parsing import id_of, metadata_of, moment


def transfer_snapshot(transfer: Any) -> TransferSnapshot:
    """A transfer with all its reversals."""
    shown = whole(transfer.reversals, lambda c: partial(c.v1.transfers.reversals.list, transfer.id))
    return TransferSnapshot(
        id=transfer.id,
        amount=transfer.amount,
        currency=transfer.currency.upper(),
        destination=id_of(transfer.destination),
        amount_reversed=transfer.amount_reversed,
        source_transaction=id_of(transfer.source_transaction),
        reversals=tuple(reversal_snapshot(each) for each in reversed(shown)),
        metadata=metadata_of(transfer),
        created=moment(transfer.created),
    )


def reversal_snapshot(reversal: Any) -> ReversalSnapshot:
    """A transfer's reversal."""
    return ReversalSnapshot(
        id=reversal.id,
        transfer=id_of(reversal.transfer),
        amount=reversal.amount,
        source_refund=id_of(reversal.source_refund),
        metadata=metadata_of(reversal),
        created=moment(reversal.created),
    )


def fee_snapshot(fee: Any) -> ApplicationFeeSnapshot:
    """An application fee with all its refunds."""
    shown = whole(fee.refunds, lambda c: partial(c.v1.application_fees.refunds.list, fee.id))
    return ApplicationFeeSnapshot(
        id=fee.id,
        amount=fee.amount,
        amount_refunded=fee.amount_refunded,
        refunds=tuple(
            FeeRefundSnapshot(
                id=each.id, fee=id_of(each.fee), amount=each.amount, created=moment(each.created)
            )
            for each in reversed(shown)
        ),
        charge=id_of(getattr(fee, "originating_transaction", None)) or id_of(fee.charge),
        currency=fee.currency.upper(),
    )


def dispute_snapshot(dispute: Any) -> DisputeSnapshot:
    """A dispute."""
    details = dispute.evidence_details
    booked = [_dispute_transaction(each) for each in dispute.balance_transactions]
    return DisputeSnapshot(
        id=dispute.id,
        charge=id_of(dispute.charge),
        payment_intent=id_of(dispute.payment_intent),
        amount=dispute.amount,
        currency=dispute.currency.upper(),
        status=dispute.status,
        reason=dispute.reason,
        evidence_due_by=moment(details.due_by) if details.due_by else None,
        has_evidence=details.has_evidence,
        submission_count=details.submission_count,
        is_charge_refundable=dispute.is_charge_refundable,
        transactions=tuple(sorted(booked, key=lambda each: each.created)),
        created=moment(dispute.created),
        metadata=metadata_of(dispute),
    )


def whole(shown: Any, which: Callable[[stripe.StripeClient], Callable[..., Any]]) -> list[Any]:
    """All of a list that stands inside an object: as shown there, or asked for where Stripe shows only its head."""
    return list(every(which)) if shown.has_more else list(shown.data)


def _dispute_transaction(transaction: Any) -> DisputeTransaction:
    return DisputeTransaction(
        id=transaction.id,
        amount=transaction.amount,
        fee=transaction.fee,
        net=transaction.net,
        currency=transaction.currency.upper(),
        created=moment(transaction.created),
        type=transaction.type,
        reporting_category=transaction.reporting_category,
    )
