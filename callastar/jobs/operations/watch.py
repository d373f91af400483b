"""Looking after jobs and mails each minute: admins are told of what stands still, once, and when it goes on."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from callastar.jobs.models import AlertKind, CronExecution, JobState, RunStatus
from callastar.jobs.operations.alerts import close_alert, drop_alerts, open_alert
from callastar.jobs.operations.lock import only_one
from callastar.jobs.operations.notes import TOO_OFTEN, end_interrupted, see_jobs
from callastar.jobs.queries import WATCH, open_alerts, silent_jobs, workers_silent_since
from callastar.jobs.schedule import Schedule
from callastar.mail.queries import stuck_mail

Due = dict[str, dict[str, Any]]  # what must be known now, by the alert's key: what its text names


def watch(*, schedules: Mapping[str, Schedule], now: datetime) -> dict[str, int]:
    """Tell admins what stands still and what goes on again; answers counts."""
    see_jobs(schedules, now=now)
    counts = {"interrupted": _end_interrupted(now), "opened": 0, "closed": 0}
    _forget_removed(schedules, now)
    known = _known()  # first: what is told while this looks is not over
    for kind, due in _found(schedules, now).items():
        counts["opened"] += sum(_open(kind, key, details, now) for key, details in due.items())
        counts["closed"] += sum(
            close_alert(kind=kind, key=key, now=now) for key in known[kind] if key not in due
        )
    return counts


@transaction.atomic
def _open(kind: AlertKind, key: str, details: Mapping[str, Any], now: datetime) -> bool:
    """Unless the job has run well since it was looked at, which its own run tells."""
    if kind == AlertKind.JOB_FAILED:
        states = JobState.objects.select_for_update().filter(pk=key, failures__gte=TOO_OFTEN)
        if not states.exists():
            return False
    return open_alert(kind=kind, key=key, details=details, now=now)


def _found(schedules: Mapping[str, Schedule], now: datetime) -> dict[AlertKind, Due]:
    found = {AlertKind.JOB_FAILED: _failing(schedules), AlertKind.MAIL_STUCK: _stuck(now)}
    # While no worker runs, that is to be told, not each job: who watches from outside does it, as a worker that
    # looks has come back, and `keep-time` is about to say so.
    if not workers_silent_since(now=now):
        silent = silent_jobs(schedules=schedules, now=now)
        found[AlertKind.WORKERS_SILENT] = {}
        found[AlertKind.JOB_SILENT] = {
            name: {"job": name, "last_at": last.isoformat()} for name, last in silent.items()
        }
    return found


def _stuck(now: datetime) -> Due:
    """Mails that wait too long, whatever keeps them (EM-2)."""
    stuck = stuck_mail(now=now)
    return {"": {"count": stuck.count, "oldest_at": stuck.oldest.isoformat()}} if stuck else {}


def _forget_removed(schedules: Mapping[str, Schedule], now: datetime) -> None:
    """A job that has another name now, or is gone, is nobody's trouble any more."""
    about_jobs = open_alerts().exclude(key="").values_list("key", flat=True)
    drop_alerts(keys=set(about_jobs) - set(schedules), now=now)


def _known() -> dict[AlertKind, list[str]]:
    """What admins have been told, and is not over."""
    told = list(open_alerts().values_list("kind", "key"))
    return {kind: [key for of, key in told if of == kind] for kind in AlertKind}


def _end_interrupted(now: datetime) -> int:
    """Runs whose process died, of jobs that nobody has run since; this run is one of `WATCH` itself."""
    ended = 0
    running = CronExecution.objects.filter(status=RunStatus.RUNNING).exclude(job=WATCH)
    for name in running.values_list("job", flat=True).distinct():
        with only_one(name) as is_ours:
            ended += end_interrupted(name, now=now) if is_ours else 0
    return ended


def _failing(schedules: Mapping[str, Schedule]) -> Due:
    """Jobs that keep failing; each was told when it happened, unless its process died in that moment."""
    states = JobState.objects.filter(name__in=schedules, failures__gte=TOO_OFTEN)
    return {
        state.name: {"job": state.name, "failures": state.failures, "error": _last_error(state.name)}
        for state in states
    }


def _last_error(name: str) -> str:
    failed = CronExecution.objects.filter(job=name, status=RunStatus.FAILURE).order_by("-started_at")
    return failed.values_list("error", flat=True).first() or ""
