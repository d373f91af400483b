"""Executions are kept for a while only."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet

from callastar.core.batches import BATCH, oldest_first
from callastar.jobs.models import Alert, CronCaller, CronExecution, RunStatus


def forget_executions(*, before: datetime, batch: int = BATCH) -> Iterator[int]:
    """Delete executions that began before a time, the oldest first; yields how many after each batch.

    One that still runs stays, whenever it began. Alerts that are over and callers that are gone go with them.
    """
    old = CronExecution.objects.filter(started_at__lt=before).exclude(status=RunStatus.RUNNING)
    yield from oldest_first(old, by="started_at", act=QuerySet.delete, batch=batch)
    Alert.objects.filter(closed_at__lt=before).delete()
    CronCaller.objects.filter(since__lt=before).delete()
