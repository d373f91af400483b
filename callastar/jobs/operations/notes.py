"""How a job stands, noted with each of its runs: when, and how often in a row it failed."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import F, Q

from callastar.jobs.models import AlertKind, CronExecution, JobState, RunStatus, Trigger
from callastar.jobs.operations.alerts import close_alert, open_alert

TOO_OFTEN = 2  # failures in a row that admins are told of (JO-4)
INTERRUPTED = "Interrupted: the process that ran it ended"


def begin(name: str, *, now: datetime) -> None:
    """A run begins; runs that a process left behind when it died have ended."""
    end_interrupted(name, now=now)
    JobState.objects.bulk_create(
        [JobState(name=name, seen_at=now, started_at=now)],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["started_at"],
    )


def see_jobs(names: Iterable[str], *, now: datetime) -> None:
    """Know of every job from now on: nobody misses what was never there."""
    JobState.objects.bulk_create(
        [JobState(name=name, seen_at=now, fired_at=now) for name in names], ignore_conflicts=True
    )
    JobState.objects.filter(fired_at=None).update(fired_at=now)


def note_success(name: str, *, now: datetime) -> None:
    """A run went well; admins are told if they had been told that it kept failing."""
    state = JobState.objects.filter(pk=name)
    if not state.filter(failures=0).update(ended_at=now, succeeded_at=now):
        state.update(ended_at=now, succeeded_at=now, failures=0)
        close_alert(kind=AlertKind.JOB_FAILED, key=name, now=now)


def note_failure(name: str, *, said: str, now: datetime, times: int = 1) -> None:
    """A run failed; admins are told of the second one in a row."""
    JobState.objects.filter(pk=name).update(ended_at=now, failures=F("failures") + times)
    failures = JobState.objects.filter(pk=name).values_list("failures", flat=True).first() or 0
    if failures >= TOO_OFTEN:
        details = {"job": name, "failures": failures, "error": said}
        open_alert(kind=AlertKind.JOB_FAILED, key=name, details=details, now=now)


def end_interrupted(name: str, *, now: datetime) -> int:
    """End runs that nobody goes on with; only who holds the job's lock may say so. Answers how many."""
    interrupted = CronExecution.objects.filter(job=name, status=RunStatus.RUNNING).update(
        status=RunStatus.FAILURE, ended_at=now, error=INTERRUPTED
    ) or _add_unrecorded(name, now)
    if interrupted:
        note_failure(name, said=INTERRUPTED, now=now, times=interrupted)
    return interrupted


def _add_unrecorded(name: str, now: datetime) -> int:
    """A run of which no row is kept unless it fails, and which has begun and never ended."""
    unended = Q(ended_at=None) | Q(ended_at__lt=F("started_at"))
    state = JobState.objects.filter(unended, pk=name, started_at__lt=now).first()
    if state is None or state.started_at is None:
        return 0
    CronExecution.objects.create(
        job=name,
        trigger=Trigger.SCHEDULE,
        status=RunStatus.FAILURE,
        started_at=state.started_at,
        ended_at=now,
        error=INTERRUPTED,
    )
    return 1
