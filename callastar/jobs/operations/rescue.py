"""Upkeep of the queue itself."""

import structlog
from django.conf import settings
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status

from callastar.audit.models import Level
from callastar.audit.operations import record
from callastar.core import clock

_log = structlog.get_logger(__name__)


async def retry_stalled_jobs() -> int:
    """Put jobs whose worker died in the middle back into the queue; answers how many."""
    silence = settings.WORKER_SILENCE_SECONDS
    stalled = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=silence))
    for job in stalled:
        await _rescue(job)
    return len(stalled)


async def _rescue(job: Job) -> None:
    try:
        await app.job_manager.retry_job(job, retry_at=clock.now())
    except UniqueViolation:
        # The next run of a periodic job waits already, for the lock that the dead one holds.
        await app.job_manager.finish_job(job, Status.FAILED, delete_job=False)
    except ConnectorException as error:
        _log.warning("job not rescued, somebody else may have", job=job.id, error=str(error))


def note_rescue(*, jobs: int) -> None:
    """Say in the log that workers died."""
    record(
        type="JOBS_RESCUED",
        level=Level.WARNING,
        message="Jobs of a worker that died run again",
        jobs=jobs,
    )
