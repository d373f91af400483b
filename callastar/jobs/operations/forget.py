"""Executions are kept for a while only."""

from datetime import datetime

from callastar.jobs.models import Alert, CronCaller, CronExecution, RunStatus


def forget_executions(*, before: datetime, batch: int) -> int:
    """Delete at most `batch` executions that began before a time, the oldest first; answers how many.

    One that still runs stays, whenever it began. Alerts that are over and callers that are gone go with them.
    """
    old = CronExecution.objects.filter(started_at__lt=before).exclude(status=RunStatus.RUNNING)
    ids = list(old.order_by("started_at").values_list("pk", flat=True)[:batch])
    forgotten, _ = CronExecution.objects.filter(pk__in=ids).delete()
    Alert.objects.filter(closed_at__lt=before).delete()
    CronCaller.objects.filter(since__lt=before).delete()
    return forgotten
