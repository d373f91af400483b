"""Payouts whose news never came, or whose job died: Stripe is asked, until they are settled."""

from datetime import datetime, timedelta

from django.db.models import Q

from callastar.audit.models import Level
from callastar.audit.operations import record
from callastar.core.errors import ProviderError
from callastar.payouts.models import Payout, PayoutStatus
from callastar.payouts.operations.send import send_payout
from callastar.payouts.operations.settle import sync_payout

SETTLED_BY_ITSELF = timedelta(minutes=1)
ASK_AGAIN = timedelta(minutes=10)
# Stripe may take "paid" back for five working days.
MAY_COME_BACK = timedelta(days=8)
ASK_PAID_AGAIN = timedelta(hours=12)


def chase_payouts(*, now: datetime) -> dict[str, int]:
    """Go on with every payout that is not at its end; answers counts. One that fails does not stop the others."""
    counts = {"asked": 0, "failed": 0}
    for payout in _waiting(now):
        counts["asked"] += 1
        try:
            _go_on(payout, now)
        except Exception as error:
            counts["failed"] += 1
            _note_failure(payout, error)
    return counts


def _waiting(now: datetime) -> list[Payout]:
    stuck = Q(status__in=(PayoutStatus.APPROVED, PayoutStatus.PROCESSING), stripe_payout_id="")
    young = Q(created_at__gte=now - SETTLED_BY_ITSELF) | Q(approved_at__gte=now - SETTLED_BY_ITSELF)
    on_its_way = Q(status=PayoutStatus.PROCESSING, asked_at__lt=now - ASK_AGAIN)
    paid = Q(status=PayoutStatus.PAID, paid_at__gt=now - MAY_COME_BACK, asked_at__lt=now - ASK_PAID_AGAIN)
    return list(Payout.objects.filter((stuck & ~young) | on_its_way | paid).order_by("created_at"))


def _go_on(payout: Payout, now: datetime) -> None:
    if payout.stripe_payout_id:
        sync_payout(payout_id=payout.pk, now=now)
    else:
        send_payout(payout_id=payout.pk, now=now)


def _note_failure(payout: Payout, error: Exception) -> None:
    passes = isinstance(error, ProviderError) and error.is_temporary
    record(
        type="PAYOUT_DELAYED",
        level=Level.WARNING if passes else Level.ERROR,
        message=f"A payout could not be settled: {type(error).__name__}: {error}",
        payout=payout.pk,
    )
