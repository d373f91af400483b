"""Running a periodic job: one run at a time, whoever starts it and wherever; noted, counted, and told when it fails.

A process that dies in the middle leaves an execution that the next run, or the watch, finds and ends. No transaction
is open while the job works; what became of it is noted in one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

import structlog
from django.db import connection, transaction

from callastar.audit.models import Level
from callastar.audit.operations import SYSTEM, Actor, record
from callastar.core.errors import ProviderError
from callastar.core.secrets import error_text
from callastar.jobs.models import CronExecution, RunStatus, Trigger
from callastar.jobs.operations import notes
from callastar.jobs.operations.lock import only_one
from callastar.jobs.registry import Job, job_named
from callastar.jobs.schedule import is_recorded
from callastar.jobs.work import Statistics

_log = structlog.get_logger("callastar.jobs")


@dataclass(frozen=True, kw_only=True)
class Run:
    """What became of a call: `execution` where a row is kept of it, `error` what the job raised."""

    status: RunStatus
    duration: timedelta = timedelta(0)
    statistics: Statistics = field(default_factory=dict)
    execution: CronExecution | None = None
    error: Exception | None = None


def run_job(*, name: str, trigger: Trigger, now: datetime, actor: Actor = SYSTEM) -> Run:
    """Run a job of the registry, unless a run of it goes on: then the answer is `SKIPPED`.

    Must not be called in a transaction. What the job raises is noted and answered. Raises `LookupError` for a name
    that no job has.
    """
    job = job_named(name)
    if job is None:
        raise LookupError(name)
    if trigger is not Trigger.SCHEDULE:
        record(type="JOB_STARTED", message=f"{name} is started", actor=actor, job=name, trigger=trigger)
    with only_one(name) as is_ours:
        return _run(job, trigger, now) if is_ours else _skip(job, trigger, now)


def _skip(job: Job, trigger: Trigger, now: datetime) -> Run:
    execution = _row(job, trigger, now) if _is_kept(job, trigger) else None
    _end(execution, RunStatus.SKIPPED, timedelta(0))
    return Run(status=RunStatus.SKIPPED, execution=execution)


def _run(job: Job, trigger: Trigger, now: datetime) -> Run:
    notes.begin(job.name, now=now)
    execution = _row(job, trigger, now)
    if _is_kept(job, trigger):
        execution.save(force_insert=True)
    begin = monotonic()
    try:
        statistics = job.run(now)
    except Exception as error:
        _drop_broken_connection()
        return _failed(execution, _since(begin), error)
    return _succeeded(execution, _since(begin), statistics, is_kept=_is_kept(job, trigger))


def _drop_broken_connection() -> None:
    """What is to be noted needs one that works. One that works is kept: it has the lock."""
    if connection.errors_occurred and not connection.in_atomic_block and not connection.is_usable():
        connection.close()


def _since(begin: float) -> timedelta:
    return timedelta(seconds=monotonic() - begin)


def _is_kept(job: Job, trigger: Trigger) -> bool:
    """Whether a row is kept of this run in any case; of the others only if they did something or failed (JO-4)."""
    return trigger is not Trigger.SCHEDULE or is_recorded(job.when)


def _row(job: Job, trigger: Trigger, now: datetime) -> CronExecution:
    return CronExecution(job=job.name, trigger=trigger, started_at=now)


@transaction.atomic
def _succeeded(execution: CronExecution, took: timedelta, statistics: Statistics, *, is_kept: bool) -> Run:
    kept = execution if is_kept or any(statistics.values()) else None
    _end(kept, RunStatus.SUCCESS, took, statistics=statistics)
    notes.note_success(execution.job, now=execution.started_at + took)
    return Run(status=RunStatus.SUCCESS, duration=took, statistics=statistics, execution=kept)


@transaction.atomic
def _failed(execution: CronExecution, took: timedelta, error: Exception) -> Run:
    said = error_text(error)
    _end(execution, RunStatus.FAILURE, took, said=said)
    if execution.trigger != Trigger.SCHEDULE:  # of the others, workers log where they failed
        _log.warning("job failed", job=execution.job, exc_info=error)
    passes = isinstance(error, ProviderError) and error.is_temporary
    record(
        type="JOB_FAILED",
        level=Level.WARNING if passes else Level.ERROR,
        message=f"{execution.job} failed: {said}",
        job=execution.job,
        trigger=execution.trigger,
        execution=execution.pk,
    )
    notes.note_failure(execution.job, said=said, now=execution.started_at + took)
    return Run(status=RunStatus.FAILURE, duration=took, execution=execution, error=error)


def _end(
    execution: CronExecution | None,
    status: RunStatus,
    took: timedelta,
    *,
    statistics: Mapping[str, int] | None = None,
    said: str = "",
) -> None:
    if execution is None:
        return
    execution.status, execution.ended_at = status, execution.started_at + took
    execution.duration_ms = round(took.total_seconds() * 1000)
    execution.statistics, execution.error = dict(statistics or {}), said
    execution.save()
