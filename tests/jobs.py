"""The queue, worked off in the test's own process: every job that is due, with its retries, until none is left."""

import json
import time
from collections.abc import Container

from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.job_context import JobContext
from procrastinate.jobs import Job

from callastar.core import clock

LIMIT = 200
OUTSIDE = ("mail.send_email", "calls.create_room", "calls.delete_room")  # what speaks to Resend and Daily


def empty_queue() -> None:
    """Forget every job."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def run_periodic(name: str) -> None:
    """Run a periodic job as a worker does by the clock; what it raises is raised."""
    app.tasks[name](timestamp=0)


def run_jobs(*, but: Container[str] = OUTSIDE, queue: str | None = None) -> list[str]:
    """Run what is due at `clock.now()`; the names of the jobs that ended in failure.

    A job that its policy tries again is tried again at once. Fails when the jobs never end.
    """
    failed = []
    for _ in range(LIMIT):
        job = _next(but, queue)
        if job is None:
            return failed
        if not _run(job):
            failed.append(job.task_name)
    raise AssertionError("the jobs never end")


def _next(but: Container[str], queue: str | None) -> Job | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, status, queue_name, task_name, priority, lock, queueing_lock, args::text, scheduled_at,"
            " attempts FROM procrastinate_jobs WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= %s)"
            " AND NOT (task_name = ANY(%s)) AND (%s::text IS NULL OR queue_name = %s)"
            " ORDER BY priority DESC, attempts, id LIMIT 1",
            [clock.now(), list(but), queue, queue],  # type: ignore[call-overload]
        )
        row = cursor.fetchone()
        names = [column.name for column in cursor.description]
    if row is None:
        return None
    found = dict(zip(names, row, strict=True))
    return Job.from_row({**found, "args": json.loads(found["args"]), "worker_id": None})


def _run(job: Job) -> bool:
    """Whether the job has not failed for good."""
    task = app.tasks[job.task_name]
    try:
        task(*([_context(job)] if task.pass_context else []), **job.task_kwargs)
    except Exception as error:
        again = task.get_retry_exception(exception=error, job=job) is not None
        _note(job, "todo" if again else "failed")
        return again
    _note(job, "succeeded")
    return True


def _context(job: Job) -> JobContext:
    return JobContext(
        app=app, job=job, start_timestamp=time.time(), abort_reason=lambda: None, worker_name="test"
    )


def _note(job: Job, status: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = %s::procrastinate_job_status, attempts = attempts + 1,"
            " scheduled_at = NULL WHERE id = %s",
            [status, job.id],
        )
