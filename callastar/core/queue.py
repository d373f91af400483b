"""Deferring jobs by name, in the transaction that causes them.

What rolls back never runs; what commits is never lost.
"""

from dataclasses import dataclass
from datetime import datetime
from random import uniform
from typing import Any

from django.db import connection
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

from callastar.core.errors import ProviderError


def defer(task: str, *, at: datetime | None = None, priority: int = 0, **arguments: str | int) -> None:
    """Put a job into the queue, to run at once or `at` a time. Higher priorities run first."""
    options: dict[str, Any] = {"schedule_at": at} if at else {}
    app.configure_task(task, priority=priority, **options).defer(**arguments)


class Later(Exception):
    """Not now: the job runs again `at` a time, however often it was tried."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        super().__init__(f"again at {at:%H:%M:%S}")


def wake(task: str, *, now: datetime) -> int:
    """Let the jobs of a task that wait for a later time run at once, by their priority; answers how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET scheduled_at = %s"
            " WHERE status = 'todo' AND task_name = %s AND scheduled_at > %s",
            [now, task, now],
        )
        return int(cursor.rowcount)


@dataclass(frozen=True, kw_only=True)
class Backoff(BaseRetryStrategy):
    """Exponential waits with jitter between `first` and `longest` seconds, until `tries` are used up.

    A provider's permanent error is not tried again.
    """

    tries: int
    first: float = 1
    longest: float = 600

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Wait about twice as long after each try, or for as long as the job itself says."""
        if isinstance(exception, Later):
            return RetryDecision(retry_at=exception.at)
        if isinstance(exception, ProviderError) and not exception.is_temporary:
            return None
        if job.attempts >= self.tries:
            return None
        wait = min(self.longest, self.first * 2**job.attempts)
        return RetryDecision(retry_in={"seconds": max(1, round(uniform(wait / 2, wait)))})  # noqa: S311 - jitter
