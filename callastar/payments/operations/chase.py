"""What is promised and not settled: Stripe is asked again, until it is or somebody must look."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from callastar.audit.models import Level
from callastar.audit.operations import record
from callastar.core.errors import ProviderError
from callastar.creators.models import Creator
from callastar.ledger.models import Account, Balance
from callastar.payments.models import (
    OPEN_DISPUTES,
    Debt,
    DebtCause,
    DebtSettlement,
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
from callastar.payments.operations.execute import (
    execute_refund,
    execute_restitution,
    execute_reversal,
    recover_debts,
)
from callastar.payments.operations.money import sync_charge

SETTLED_BY_ITSELF = timedelta(minutes=1)
ASK_AGAIN_ABOUT_DISPUTES = timedelta(hours=6)
# A charge that Stripe has not settled after so long is not asked about for ever: the daily comparison says so.
SETTLES_WITHIN = timedelta(days=3)
# What Stripe has refused is asked again now and then, for a day: then somebody must look.
ASK_AGAIN_AFTER_REFUSAL = timedelta(hours=1)
REFUSED_FOR_GOOD = timedelta(days=1)
RECOVER_AGAIN = timedelta(hours=1)
# So many temporary errors in a row are an outage: the rest waits for the next run.
OUTAGE = 3


def chase_refunds(*, now: datetime) -> dict[str, int]:
    """Go on with every refund that has not ended; answers counts. One that fails does not stop the others."""
    waiting = Refund.objects.filter(
        Q(refused_at=None)
        | Q(refused_at__gt=now - REFUSED_FOR_GOOD, asked_at__lt=now - ASK_AGAIN_AFTER_REFUSAL),
        status=RefundStatus.PENDING,
        created_at__lt=now - SETTLED_BY_ITSELF,
    )
    run = _Run()
    run.each(
        waiting.order_by("created_at"),
        lambda refund: execute_refund(refund_id=refund.pk, now=now),
        what="A refund",
    )
    return run.counts


def chase_money(*, now: datetime) -> dict[str, int]:
    """Go on with charges that are not booked whole, reversals, disputes, what they give back, and debts.

    Answers counts. One that fails does not stop the others, but an outage of Stripe does.
    """
    before = now - SETTLED_BY_ITSELF
    unbooked = Payment.objects.filter(
        booked_at=None, is_test=False, paid_at__lt=before, paid_at__gt=now - SETTLES_WITHIN
    ).exclude(charge_id="")
    reversals = TransferReversal.objects.filter(status=MoveStatus.PENDING, created_at__lt=before)
    unsettled = _won_and_not_given_back()
    waiting = Restitution.objects.filter(status=MoveStatus.PENDING, created_at__lt=before)
    disputed = Dispute.objects.filter(
        Q(asked_at=None) | Q(asked_at__lt=now - ASK_AGAIN_ABOUT_DISPUTES), status__in=OPEN_DISPUTES
    ).select_related("payment")
    indebted = Creator.objects.filter(pk__in=_recoverable(now).values("creator_id"))
    run = _Run()
    run.each(unbooked, lambda payment: sync_charge(charge_id=payment.charge_id, now=now), what="A charge")
    run.each(reversals, lambda row: execute_reversal(reversal_id=row.pk, now=now), what="A reversal")
    run.each(unsettled, lambda row: settle_won_dispute(dispute_id=row.pk, now=now), what="A won dispute")
    run.each(waiting, lambda row: execute_restitution(restitution_id=row.pk, now=now), what="A restitution")
    run.each(disputed, lambda row: sync_charge(charge_id=row.payment.charge_id, now=now), what="A dispute")
    run.each(indebted, lambda creator: _recover(creator, now), what="What a creator owes")
    return run.counts


def _recoverable(now: datetime) -> QuerySet[Debt]:
    """Open debts whose own payment still has something in the account, and that were not tried lately."""
    earned = Balance.objects.filter(
        payment_id=OuterRef("payment_id"), account=Account.EARNINGS, amount__lt=0, creator_id__isnull=False
    )
    tried = TransferReversal.objects.filter(debt=OuterRef("pk")).filter(
        Q(status=MoveStatus.PENDING) | Q(status=MoveStatus.FAILED, created_at__gt=now - REFUSED_FOR_GOOD)
    )
    return Debt.objects.filter(
        Exists(earned),
        ~Exists(tried),
        Q(asked_at=None) | Q(asked_at__lt=now - RECOVER_AGAIN),
        status=DebtStatus.OPEN,
        created_at__lt=now - SETTLED_BY_ITSELF,
    ).exclude(payment__payout_status="PROCESSING")


def _recover(creator: Creator, now: datetime) -> None:
    Debt.objects.filter(creator_id=creator.pk, status=DebtStatus.OPEN).update(asked_at=now)
    recover_debts(creator_id=creator.pk, now=now)


def _won_and_not_given_back() -> QuerySet[Dispute]:
    """Won disputes for which something was taken, or is still owed, and not given back."""
    taken = TransferReversal.objects.filter(
        Q(dispute=OuterRef("pk")) | Q(debt__dispute=OuterRef("pk"), debt__cause=DebtCause.DISPUTE)
    ).exclude(status=MoveStatus.FAILED)
    settled = DebtSettlement.objects.filter(debt=OuterRef("pk"))
    owed = Debt.objects.filter(dispute=OuterRef("pk"), cause=DebtCause.DISPUTE).filter(
        Q(status=DebtStatus.OPEN)
        | Exists(settled.filter(is_forgiven=False))
        | Q(Exists(settled.filter(is_forgiven=True)), status=DebtStatus.SETTLED)
    )
    won = Dispute.objects.filter(status=DisputeStatus.WON, restitution=None)
    return won.filter(Exists(taken) | Exists(owed))


class _Run:
    """One look at everything that waits: how many were asked about, how many failed, and whether Stripe answers."""

    def __init__(self) -> None:
        self.counts = {"asked": 0, "failed": 0}
        self._unanswered = 0

    def each(self, rows: QuerySet[Any], go_on: Callable[[Any], object], *, what: str) -> None:
        """Go on with each row, unless Stripe has not answered several times in a row."""
        if self._unanswered >= OUTAGE:
            return
        for row in rows.iterator(chunk_size=200):
            self.counts["asked"] += 1
            try:
                go_on(row)
            except Exception as error:
                self.counts["failed"] += 1
                passes = isinstance(error, ProviderError) and error.is_temporary
                self._unanswered = self._unanswered + 1 if passes else 0
                _note_failure(row, error, what, passes=passes)
                if self._unanswered >= OUTAGE:
                    return
            else:
                self._unanswered = 0


def _note_failure(row: Model, error: Exception, what: str, *, passes: bool) -> None:
    record(
        type="MONEY_DELAYED",
        level=Level.WARNING if passes else Level.ERROR,
        message=f"{what} could not be settled: {type(error).__name__}: {error}",
        **{row._meta.model_name or "row": row.pk},
    )
