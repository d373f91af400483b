"""Having a job run now, by a worker."""

from datetime import datetime

from django.db import transaction
from procrastinate.exceptions import AlreadyEnqueued

from callastar.accounts.models import User
from callastar.audit.operations import Actor, record
from callastar.core.queue import defer
from callastar.jobs.refusals import JobUnknownError, JobWaitsError
from callastar.jobs.registry import job_named


def ask_for_run(*, name: str, admin: User, now: datetime) -> None:
    """Let a worker run a job as soon as it can; after the run that goes on, if one does.

    Raises `JobUnknownError`, and `JobWaitsError` where a run waits already.
    """
    job = job_named(name)
    if job is None or job.is_inner:
        raise JobUnknownError
    try:
        with transaction.atomic():
            record(
                type="JOB_ASKED",
                message=f"An admin has {name} run now",
                actor=Actor.of(admin),
                job=name,
            )
            defer(name, timestamp=int(now.timestamp()), admin=str(admin.pk))
    except AlreadyEnqueued as error:
        raise JobWaitsError from error
