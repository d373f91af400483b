"""Forgetting what mails said: the row stays as long as the log says, its content does not."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from callastar.core.batches import BATCH, oldest_first
from callastar.mail.models import EmailLog, EmailStatus

KEPT = timedelta(days=90)  # specification, EM-1
_NOTHING = {"html": "", "text": "", "attachments": [], "context": {}, "secret_context": ""}


def forget_bodies(*, now: datetime, batch: int = BATCH) -> Iterator[int]:
    """Empty the content of mails that are older than 90 days, in batches; yields how many each has emptied.

    A mail that still waits is left alone.
    """
    old = EmailLog.objects.filter(bodies_forgotten_at=None, created_at__lt=now - KEPT)
    yield from oldest_first(
        old.exclude(status=EmailStatus.PENDING),
        by="created_at",
        act=lambda rows: rows.update(**_NOTHING, bodies_forgotten_at=now),
        batch=batch,
    )
