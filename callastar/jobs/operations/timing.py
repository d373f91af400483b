"""Keeping time: that workers live, and starting the jobs of the day when they are due."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from procrastinate.exceptions import AlreadyEnqueued

from callastar.core.queue import defer
from callastar.jobs.models import AlertKind, JobState, Pulse
from callastar.jobs.operations.alerts import tell_afterwards
from callastar.jobs.operations.notes import see_jobs
from callastar.jobs.queries import WORKERS_SILENT
from callastar.jobs.schedule import Daily, Schedule


def beat_and_start(*, schedules: Mapping[str, Schedule], now: datetime) -> dict[str, int]:
    """Note that a worker lives, and start the daily jobs whose time has come; answers how many.

    Each time is attended to once, by whichever worker comes first; one that passed without any is made up for.
    """
    see_jobs(schedules, now=now)
    _beat(now)
    daily = {name: when for name, when in schedules.items() if isinstance(when, Daily)}
    return {"started": sum(_start_if_due(name, when, now) for name, when in daily.items())}


def _beat(now: datetime) -> None:
    """Renew the sign of life. After a pause, admins hear of it: nobody could tell them before."""
    pulse, is_first = Pulse.objects.get_or_create(pk=1, defaults={"beat_at": now, "since": now})
    last = pulse.beat_at
    if is_first:
        return
    paused = now - last > WORKERS_SILENT
    pulse.beat_at, pulse.since = now, now if paused else pulse.since
    with transaction.atomic():
        pulse.save()
        if paused:
            details = {"last_at": last.isoformat()}
            tell_afterwards(kind=AlertKind.WORKERS_SILENT, details=details, began_at=last, now=now)


@transaction.atomic
def _start_if_due(name: str, when: Daily, now: datetime) -> bool:
    due_at = when.last(now)
    if not JobState.objects.filter(pk=name, fired_at__lt=due_at).update(fired_at=due_at):
        return False
    try:
        with transaction.atomic():
            defer(name, timestamp=int(due_at.timestamp()))
    except AlreadyEnqueued:  # the one of another day waits still
        return False
    return True
