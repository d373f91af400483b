"""What is promised and not settled: Stripe is asked again, until it is or somebody must look."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from callastar.audit.models import Level
from callastar.audit.operations import record
from callastar.core.errors import ProviderError
from callastar.payments.models import (
    OPEN_DISPUTES,
    Debt,
    DebtCause,
    DebtStatus,
    Dispute,
    DisputeStatus,
    MoveStatus,
    Payment,
    Refund,
    RefundStatus,
    Restitution,
    TransferReversal,
)
from callastar.payments.operations.disputes import settle_won_dispute
from callastar.payments.operations.execute import execute_refund, execute_restitution, execute_reversal
from callastar.payments.operations.money import sync_charge

SETTLED_BY_ITSELF = timedelta(minutes=1)
ASK_AGAIN_ABOUT_DISPUTES = timedelta(hours=6)
# A charge that Stripe has not settled after so long is not asked about for ever: the daily comparison says so.
SETTLES_WITHIN = timedelta(days=3)


def chase_refunds(*, now: datetime) -> dict[str, int]:
    """Go on with every refund that has not ended; answers counts. One that fails does not stop the others."""
    waiting = Refund.objects.filter(status=RefundStatus.PENDING, created_at__lt=now - SETTLED_BY_ITSELF)
    return _each(
        waiting.order_by("created_at"),
        lambda refund: execute_refund(refund_id=refund.pk, now=now),
        what="A refund",
    )


def chase_money(*, now: datetime) -> dict[str, int]:
    """Go on with charges that are not booked whole, reversals, disputes and what they give back; answers counts."""
    before = now - SETTLED_BY_ITSELF
    unbooked = Payment.objects.filter(
        Q(transfer_id="") | Q(stripe_fee__isnull=True), paid_at__lt=before, paid_at__gt=now - SETTLES_WITHIN
    ).exclude(charge_id="")
    reversals = TransferReversal.objects.filter(status=MoveStatus.PENDING, created_at__lt=before)
    unsettled = _won_and_not_given_back()
    waiting = Restitution.objects.filter(status=MoveStatus.PENDING, created_at__lt=before)
    disputed = Dispute.objects.filter(
        status__in=OPEN_DISPUTES, updated_at__lt=now - ASK_AGAIN_ABOUT_DISPUTES
    ).select_related("payment")
    counts = [
        _each(unbooked, lambda payment: sync_charge(charge_id=payment.charge_id, now=now), what="A charge"),
        _each(reversals, lambda row: execute_reversal(reversal_id=row.pk, now=now), what="A reversal"),
        _each(unsettled, lambda row: settle_won_dispute(dispute_id=row.pk, now=now), what="A won dispute"),
        _each(waiting, lambda row: execute_restitution(restitution_id=row.pk, now=now), what="A restitution"),
        _each(disputed, lambda row: sync_charge(charge_id=row.payment.charge_id, now=now), what="A dispute"),
    ]
    return {name: sum(count[name] for count in counts) for name in ("asked", "failed")}


def _won_and_not_given_back() -> QuerySet[Dispute]:
    """Won disputes for which something was taken, or is still owed, and not given back."""
    taken = TransferReversal.objects.filter(
        Q(dispute=OuterRef("pk")) | Q(debt__dispute=OuterRef("pk"), debt__cause=DebtCause.DISPUTE)
    ).exclude(status=MoveStatus.FAILED)
    owed = Debt.objects.filter(dispute=OuterRef("pk"), cause=DebtCause.DISPUTE).filter(
        Q(status=DebtStatus.OPEN) | Q(settled_amount__gt=0)
    )
    won = Dispute.objects.filter(status=DisputeStatus.WON, restitution=None)
    return won.filter(Exists(taken) | Exists(owed))


def _each(rows: Any, go_on: Callable[[Any], object], *, what: str) -> dict[str, int]:
    counts = {"asked": 0, "failed": 0}
    for row in rows.iterator(chunk_size=200):
        counts["asked"] += 1
        try:
            go_on(row)
        except Exception as error:
            counts["failed"] += 1
            _note_failure(row, error, what)
    return counts


def _note_failure(row: Model, error: Exception, what: str) -> None:
    passes = isinstance(error, ProviderError) and error.is_temporary
    record(
        type="MONEY_DELAYED",
        level=Level.WARNING if passes else Level.ERROR,
        message=f"{what} could not be settled: {type(error).__name__}: {error}",
        **{row._meta.model_name or "row": row.pk},
    )
