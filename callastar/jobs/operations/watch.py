"""Looking after jobs and mails each minute: admins are told of what stands still, once, and when it goes on."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

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
    for kind, due in _found(schedules, now).items():
        counts["opened"] += sum(
            open_alert(kind=kind, key=key, details=details, now=now) for key, details in due.items()
        )
        counts["closed"] += sum(
            close_alert(kind=kind, key=key, now=now) for key in _open_keys(kind) if key not in due
        )
    return counts


def _found(schedules: Mapping[str, Schedule], now: datetime) -> dict[AlertKind, Due]:
    silent_since = workers_silent_since(now=now)
    found: dict[AlertKind, Due] = {
        AlertKind.WORKERS_SILENT: {"": {"last_at": silent_since.isoformat()}} if silent_since else {},
        AlertKind.JOB_FAILED: _failing(schedules),
        AlertKind.MAIL_STUCK: _stuck(now),
    }
    if not silent_since:  # else that is what is to be told, not each job
        silent = silent_jobs(schedules=schedules, now=now)
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


def _open_keys(kind: AlertKind) -> list[str]:
    return list(open_alerts().filter(kind=kind).values_list("key", flat=True))


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
