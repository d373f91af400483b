"""Forgetting what mails said: the row stays as long as the log says, its content does not."""

from datetime import datetime, timedelta

from callastar.mail.models import EmailLog, EmailStatus

KEPT = timedelta(days=90)  # specification, EM-1


def forget_bodies(*, now: datetime, batch: int = 1000) -> int:
    """Empty the content of mails that are older than 90 days, the oldest first; answers how many (`batch` at most).

    A mail that still waits is left alone. Each batch is a statement of its own, which locks nothing else.
    """
    old = EmailLog.objects.filter(bodies_forgotten_at=None, created_at__lt=now - KEPT)
    ids = list(
        old.exclude(status=EmailStatus.PENDING).order_by("created_at").values_list("pk", flat=True)[:batch]
    )
    return EmailLog.objects.filter(pk__in=ids).update(
        html="", text="", attachments=[], context={}, secret_context="", bodies_forgotten_at=now
    )
