"""Workers' entries to the periodic jobs, declared from the registry: no external scheduler is needed."""

from uuid import UUID

from procrastinate.contrib.django import app

from callastar.audit.models import ActorKind
from callastar.audit.operations import SYSTEM, Actor
from callastar.core import clock
from callastar.jobs.models import Trigger
from callastar.jobs.operations.run import run_job
from callastar.jobs.registry import JOBS, Job
from callastar.jobs.schedule import Every


def _declare(job: Job) -> None:
    """The next run is the retry. A retry of its own could meet that next run in the queue, where a queueing lock has
    room for one: the job could then neither wait nor end, and would keep its lock.
    """

    @app.task(name=job.name, queue=job.queue, lock=job.name if job.waits else None, queueing_lock=job.name)
    def scheduled(timestamp: int, admin: str = "") -> None:
        trigger = Trigger.ADMIN if admin else Trigger.SCHEDULE
        actor = Actor(ActorKind.ADMIN, UUID(admin)) if admin else SYSTEM
        run = run_job(name=job.name, trigger=trigger, now=clock.now(), actor=actor)
        if run.error is not None:
            raise run.error

    if isinstance(job.when, Every):  # the others are started by `keep-time`
        app.periodic(cron=job.when.cron)(scheduled)


for _job in JOBS:
    _declare(_job)
