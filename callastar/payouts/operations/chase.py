"""Payouts whose news never came, or whose job died: Stripe is asked, until they are settled."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from callastar.audit.models import Level
from callastar.audit.operations import record
from callastar.core.errors import ProviderError
from callastar.payouts.models import ACTIVE, Payout, PayoutStatus
from callastar.payouts.operations import telling
from callastar.payouts.operations.send import send_payout
from callastar.payouts.operations.settle import sync_payout
from callastar.payouts.operations.transitions import lock_payout

SETTLED_BY_ITSELF = timedelta(minutes=1)
ASK_AGAIN = timedelta(minutes=10)
# Stripe may take "paid" back for five working days.
MAY_COME_BACK = timedelta(days=8)
ASK_PAID_AGAIN = timedelta(hours=12)
# Of an account that is no longer connected: every hour for a day, then once a day.
ASK_UNANSWERED = timedelta(hours=1)
A_DAY = timedelta(days=1)


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
    """Those to go on with; each kind is asked for by an index of its own."""
    stuck = Q(status__in=(PayoutStatus.APPROVED, PayoutStatus.PROCESSING), stripe_payout_id="")
    young = Q(created_at__gte=now - SETTLED_BY_ITSELF) | Q(approved_at__gte=now - SETTLED_BY_ITSELF)
    answered = Q(unanswered_since=None, asked_at__lt=now - ASK_AGAIN)
    unanswered = Q(unanswered_since__gt=now - A_DAY, asked_at__lt=now - ASK_UNANSWERED)
    unanswered |= Q(unanswered_since__lte=now - A_DAY, asked_at__lt=now - A_DAY)
    on_its_way = Q(status=PayoutStatus.PROCESSING) & (answered | unanswered)
    paid = Q(status=PayoutStatus.PAID, paid_at__gt=now - MAY_COME_BACK, asked_at__lt=now - ASK_PAID_AGAIN)
    found = [*Payout.objects.filter((stuck & ~young) | on_its_way, status__in=ACTIVE)]
    found += Payout.objects.filter(paid).order_by("paid_at")
    return sorted(found, key=lambda payout: (payout.created_at, payout.pk))


def _go_on(payout: Payout, now: datetime) -> None:
    if not payout.stripe_payout_id:
        send_payout(payout_id=payout.pk, now=now)
        return
    try:
        sync_payout(payout_id=payout.pk, now=now)
    except ProviderError as error:
        if error.is_temporary:
            raise
        _note_no_answer(payout, error, now)


def _note_no_answer(payout: Payout, error: ProviderError, now: datetime) -> None:
    """Stripe refuses to say, most likely as the account is no longer connected: asked ever less, told once."""
    with transaction.atomic():
        _, payout = lock_payout(payout.pk)
        is_news = payout.unanswered_since is None
        payout.unanswered_since, payout.asked_at = payout.unanswered_since or now, now
        payout.save(update_fields=["unanswered_since", "asked_at"])
        if not is_news:
            return
        record(
            type="PAYOUT_UNANSWERED",
            level=Level.ERROR if payout.status == PayoutStatus.PROCESSING else Level.WARNING,
            message=f"Stripe does not say how a payout stands: {error}",
            creator=payout.creator_id,
            payout=payout.pk,
        )
        if payout.status == PayoutStatus.PROCESSING:
            telling.unanswered(payout, now=now)


def _note_failure(payout: Payout, error: Exception) -> None:
    passes = isinstance(error, ProviderError) and error.is_temporary
    record(
        type="PAYOUT_DELAYED",
        level=Level.WARNING if passes else Level.ERROR,
        message=f"A payout could not be settled: {type(error).__name__}: {error}",
        payout=payout.pk,
    )
