"""Upkeep of the queue itself."""

from procrastinate.contrib.django import app

from callastar.audit.models import Level
from callastar.audit.operations import record
from callastar.core import clock

# A worker tells every 10 s that it lives; one that has been silent for this long is gone.
SILENCE_SECONDS = 30


async def retry_stalled_jobs() -> int:
    """Put jobs whose worker died in the middle back into the queue; answers how many."""
    stalled = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=SILENCE_SECONDS))
    for job in stalled:
        await app.job_manager.retry_job(job, retry_at=clock.now())
    return len(stalled)


def note_rescue(*, jobs: int) -> None:
    """Say in the log that workers died."""
    record(
        type="JOBS_RESCUED",
        level=Level.WARNING,
        message="Jobs of a worker that died run again",
        jobs=jobs,
    )
