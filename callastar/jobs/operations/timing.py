"""Keeping time: that workers live, and starting the jobs of the day when they are due."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from procrastinate.exceptions import AlreadyEnqueued

from callastar.core.queue import defer
from callastar.jobs.models import AlertKind, JobState, Pulse
from callastar.jobs.operations.alerts import open_alert, tell_afterwards
from callastar.jobs.operations.notes import see_jobs
from callastar.jobs.queries import WATCH, WORKERS_SILENT, silent_jobs
from callastar.jobs.schedule import Daily, Schedule

DAILY_AGAIN = timedelta(minutes=30)  # after a run of a daily job that failed


def beat_and_start(*, schedules: Mapping[str, Schedule], now: datetime) -> dict[str, int]:
    """Note that a worker lives, and start the daily jobs whose time has come; answers how many.

    Each time is attended to once, by whichever worker comes first; one that passed without any is made up for. A run
    that failed is tried again after a while, until one goes well.
    """
    see_jobs(schedules, now=now)
    _beat(now)
    _watch_the_watch(schedules, now)
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


def _watch_the_watch(schedules: Mapping[str, Schedule], now: datetime) -> None:
    """Who looks after all jobs does not see that it stands still itself; that it goes on, it tells itself."""
    mine = {name: when for name, when in schedules.items() if name == WATCH}
    for name, last in silent_jobs(schedules=mine, now=now).items():
        details = {"job": name, "last_at": last.isoformat()}
        open_alert(kind=AlertKind.JOB_SILENT, key=name, details=details, now=now)


@transaction.atomic
def _start_if_due(name: str, when: Daily, now: datetime) -> bool:
    due_at = when.last(now)
    failed = Q(
        failures__gt=0, started_at__gte=due_at, ended_at__gte=F("started_at"), ended_at__lt=now - DAILY_AGAIN
    )
    state = JobState.objects.filter(Q(fired_at__lt=due_at) | failed, pk=name)
    if not state.update(fired_at=due_at):
        return False
    try:
        with transaction.atomic():
            defer(name, timestamp=int(due_at.timestamp()))
    except AlreadyEnqueued:  # the one of another day waits still
        return False
    return True
