"""Jobs of the inbox."""

from uuid import UUID

from procrastinate import JobContext
from procrastinate.contrib.django import app

from callastar.core import clock
from callastar.core.queue import Backoff
from callastar.webhooks.operations import inbox

_RETRY = Backoff(tries=12, first=1, longest=600)


@app.task(name=inbox.PROCESS, retry=_RETRY, queue="webhooks", pass_context=True)
def process_event(context: JobContext, *, event_id: str) -> None:
    """Carry out one event; parked when all tries (about half an hour) are used up or trying again cannot help."""
    try:
        inbox.process_event(event_id=UUID(event_id), now=clock.now())
    except Exception as error:
        job = context.job
        if job is None or _RETRY.get_retry_decision(exception=error, job=job) is None:
            inbox.park_event(event_id=UUID(event_id), now=clock.now())
        raise
