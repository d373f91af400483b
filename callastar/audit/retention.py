"""Deleting entries of the system log whose time is over."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet

from callastar.audit.models import LogEntry
from callastar.audit.rules import kept_since
from callastar.core.batches import BATCH, oldest_first


def forget_entries(*, level: str, now: datetime, batch: int = BATCH) -> Iterator[int]:
    """Delete what is older than entries of its level are kept, in batches; yields how many each has deleted."""
    since = kept_since(level, now=now)
    if since is None:
        return
    old = LogEntry.objects.filter(level=level, created_at__lt=since)
    yield from oldest_first(old, by="created_at", act=QuerySet.delete, batch=batch)
