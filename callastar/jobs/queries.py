"""Reads about periodic jobs: what does not run, and whether workers live. Asked at any moment, also without workers."""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Min, QuerySet

from callastar.jobs.models import Alert, JobState, Pulse, Standing
from callastar.jobs.schedule import MINUTELY, Schedule, silence

WORKERS_SILENT = silence(MINUTELY)
WATCH = "watch"  # the job that looks after the others


def open_alerts() -> QuerySet[Alert]:
    """What admins were told of and is not over, the oldest first."""
    return Alert.objects.filter(closed_at=None).order_by("opened_at")


def workers_silent_since(*, now: datetime) -> datetime | None:
    """Since when nothing was heard of any worker, if that is too long; None while all is well.

    Where no worker has ever run, since the jobs are known; a site that is all new is given time.
    """
    last = Pulse.objects.values_list("beat_at", flat=True).first()
    if last is None:
        last = JobState.objects.aggregate(first=Min("seen_at"))["first"]
    return last if last is not None and now - last > WORKERS_SILENT else None


def silent_jobs(*, schedules: Mapping[str, Schedule], now: datetime) -> dict[str, datetime]:
    """The jobs that have not run for three of their times, each with when it was last heard of.

    What workers could not do while none ran is not missed for as long again.
    """
    since = Pulse.objects.values_list("since", flat=True).first()
    silent = {}
    for state in JobState.objects.filter(name__in=schedules):
        if _is_silent(state, schedules[state.name], since=since, now=now):
            silent[state.name] = _last_heard(state)
    return silent


def standing(state: JobState, when: Schedule, *, since: datetime | None, now: datetime) -> Standing:
    """How a job stands; `since` is when workers began to run without a pause."""
    if _is_silent(state, when, since=since, now=now):
        return Standing.SILENT
    if state.failures:
        return Standing.FAILED if state.failures == 1 else Standing.FAILING
    if state.started_at is None:
        return Standing.NEW
    is_running = state.ended_at is None or state.ended_at < state.started_at
    return Standing.RUNNING if is_running else Standing.WELL


def _is_silent(state: JobState, when: Schedule, *, since: datetime | None, now: datetime) -> bool:
    last = max(_last_heard(state), since) if since else _last_heard(state)
    return now - last > silence(when)


def _last_heard(state: JobState) -> datetime:
    return max(at for at in (state.seen_at, state.started_at, state.ended_at) if at is not None)
