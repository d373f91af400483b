"""Forgetting what has been kept long enough: the system log, and what else grows day by day (LO-2)."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from callastar.audit.models import Level
from callastar.audit.operations import record
from callastar.audit.retention import forget_entries
from callastar.audit.rules import KEPT
from callastar.core.batches import BATCH
from callastar.core.secrets import error_text
from callastar.jobs.operations.finished import forget_finished_jobs
from callastar.jobs.operations.forget import forget_executions
from callastar.mail.operations import forget_bodies
from callastar.webhooks.operations.retention import forget_payloads

RUNS_KEPT = timedelta(days=30)  # JO-4; jobs that failed are of use as long as what is known of their runs

# Does its work a batch at a time, each a short transaction of its own, and yields how many rows a batch was.
Part = Callable[..., Iterator[int]]


def clean_logs(*, now: datetime) -> dict[str, int]:
    """Forget what is older than it is kept; answers how many rows of each kind.

    A part that fails keeps none of the others from being done; the first error is raised in the end. A run that is
    killed loses nothing: what it has left, the next one finds.
    """
    counts = dict.fromkeys(PARTS, 0)
    errors = [error for name in PARTS if (error := _error_of(name, counts, now)) is not None]
    done: dict[str, Any] = {**counts, "failed": len(errors)}
    record(type="LOG_CLEANUP", message=f"{sum(counts.values())} rows were kept long enough", **done)
    if errors:
        raise errors[0]
    return counts


def _error_of(name: str, counts: dict[str, int], now: datetime) -> Exception | None:
    """Why a part failed, noted; what it has done until then counts."""
    try:
        for done in PARTS[name](now=now):
            counts[name] += done
    except Exception as error:
        record(
            type="LOG_CLEANUP_FAILED",
            level=Level.ERROR,
            message=f"{name} could not be cleaned: {error_text(error)}",
            part=name,
        )
        return error
    return None


def _executions(*, now: datetime) -> Iterator[int]:
    return forget_executions(before=now - RUNS_KEPT)


def _jobs(*, now: datetime) -> Iterator[int]:
    return forget_finished_jobs(before=now - RUNS_KEPT, batch=BATCH)


PARTS: Mapping[str, Part] = {
    **{level.lower(): partial(forget_entries, level=level) for level in KEPT},
    "payloads": forget_payloads,
    "mails": forget_bodies,
    "executions": _executions,
    "jobs": _jobs,
}
