"""What the cron routes answer."""

from datetime import datetime
from typing import Any, Literal, cast
from uuid import UUID

from ninja import Field, Schema

from callastar.core.api.fields import ProblemOut
from callastar.jobs.operations.run import Run


class RunOut(Schema):
    """A run that ended well, or was skipped because another one of the job goes on."""

    execution_id: UUID
    job: str
    status: Literal["success", "skipped"]
    started_at: datetime
    ended_at: datetime
    duration_ms: int
    statistics: dict[str, int] = Field(description="what the job did, in numbers")


class FailedRunOut(ProblemOut):
    """A run that failed; the back office shows with what."""

    execution_id: UUID
    job: str


def run_out(run: Run) -> RunOut:
    """What is said of a run that somebody asked for: a row is kept of each of those."""
    return RunOut(**_of(run), status=cast(Any, run.status.value))


def _of(run: Run) -> dict[str, Any]:
    kept = run.execution
    if kept is None:
        raise ValueError("a run of the clock that did nothing")
    return {
        "execution_id": kept.pk,
        "job": kept.job,
        "started_at": kept.started_at,
        "ended_at": kept.ended_at,
        "duration_ms": kept.duration_ms,
        "statistics": kept.statistics,
    }
