"""Jobs of payments."""

from uuid import UUID

from procrastinate.contrib.django import app

from callastar.core.queue import Backoff
from callastar.payments.operations import refunds


@app.task(name=refunds.EXECUTE, retry=Backoff(tries=40), queue="money")
def execute_refund(*, refund_id: str) -> None:
    """Make one refund at Stripe; asked for about six hours before a person must look."""
    refunds.execute_refund(refund_id=UUID(refund_id))
