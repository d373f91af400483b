"""Jobs of the queue that ended: those that went well are gone at once, the others are kept for a while."""

from collections.abc import Iterator
from datetime import datetime

from django.db import connection

# Jobs are walked through by their keys, which follow the time when they were put into the queue. One that somebody
# has started again meanwhile stays.
_FORGET = """
WITH slice AS MATERIALIZED (
    SELECT job.id, job.status, event.first_at, event.last_at FROM procrastinate_jobs AS job, LATERAL (
        SELECT min(at) AS first_at, max(at) AS last_at FROM procrastinate_events WHERE job_id = job.id) AS event
    WHERE job.id > %(after)s ORDER BY job.id LIMIT %(batch)s
), ended AS MATERIALIZED (
    SELECT id FROM procrastinate_jobs WHERE status NOT IN ('todo', 'doing')
        AND id = ANY(ARRAY(SELECT id FROM slice WHERE status NOT IN ('todo', 'doing') AND last_at < %(before)s))
    FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM procrastinate_jobs WHERE id = ANY(ARRAY(SELECT id FROM ended)) RETURNING id
)
SELECT max(id), min(first_at), (SELECT count(*) FROM gone) FROM slice
"""


def forget_finished_jobs(*, before: datetime, batch: int) -> Iterator[int]:
    """Delete jobs that ended before a time, in slices of `batch` jobs; yields how many of each slice have gone.

    Each slice is a statement of its own. What nobody has done yet stays, however old it is.
    """
    after = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_FORGET, {"after": after, "batch": batch, "before": before})
            last, first_at, gone = cursor.fetchone()
        if gone:
            yield gone
        if last is None or (first_at is not None and first_at >= before):
            return
        after = last
