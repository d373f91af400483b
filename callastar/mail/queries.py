"""What is known about mails."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q
from django.db.models.functions import Lower

from callastar.mail.models import EmailLog, EmailStatus, Suppression

STUCK_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class Stuck:
    """Mails that should have left: how many, and since when the oldest of them waits."""

    count: int
    oldest: datetime


def stuck_mail(*, now: datetime) -> Stuck | None:
    """The mails that have waited for more than five minutes and are still worth sending; None if there are none."""
    worth = Q(expires_at=None) | Q(expires_at__gt=now)
    waiting = EmailLog.objects.filter(
        worth, status=EmailStatus.PENDING, created_at__lt=now - STUCK_AFTER
    ).aggregate(count=Count("pk"), oldest=Min("created_at"))
    return Stuck(**waiting) if waiting["count"] else None


def is_suppressed(address: str) -> bool:
    """Whether an address gets no mail that its reader may do without."""
    known = Suppression.objects.annotate(lower=Lower("address"))
    return known.filter(lower=address.lower()).exists()
