"""Whether a payment's money may leave a creator's account: released, and held by nothing (PO-2, PA-4)."""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from callastar.payments.models import (
    OPEN_DISPUTES,
    Dispute,
    MoveStatus,
    Payment,
    PaymentStatus,
    Refund,
    RefundStatus,
    TransferReversal,
)
from callastar.payments.queries import unmade_refunds

_PAYABLE = (PaymentStatus.SUCCEEDED, PaymentStatus.PARTIALLY_REFUNDED)


def with_holds(payments: QuerySet[Payment]) -> QuerySet[Payment]:
    """Payments with what may still take from them: `is_asked_back`, and `is_reversing` for what is being taken back.

    A payment is asked back by a refund under way, by a dispute, and by a refund that is owed and was not made: until
    that is asked for again, its money stays where it is.
    """
    refund = Refund.objects.filter(payment=OuterRef("pk"), status=RefundStatus.PENDING)
    owed = unmade_refunds().filter(payment=OuterRef("pk"))
    dispute = Dispute.objects.filter(payment=OuterRef("pk"), status__in=OPEN_DISPUTES)
    reversal = TransferReversal.objects.filter(payment=OuterRef("pk"), status=MoveStatus.PENDING)
    return payments.annotate(
        is_asked_back=Exists(refund) | Exists(owed) | Exists(dispute), is_reversing=Exists(reversal)
    )


def is_frozen(payment: Payment, *, besides_reversals: bool = False) -> bool:
    """Whether something holds a payment of `with_holds`; `besides_reversals`: what is being taken back does not."""
    held = payment.is_asked_back or (payment.is_reversing and not besides_reversals)  # type: ignore[attr-defined]
    return held or payment.status not in _PAYABLE


def is_released(payment: Payment, now: datetime) -> bool:
    """Whether the call is over, its outcome final, and the holding time has passed."""
    release = payment.payout_release_date
    return payment.call_settled_at is not None and release is not None and release <= now
