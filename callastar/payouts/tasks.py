"""Jobs of payouts."""

from uuid import UUID

from procrastinate.contrib.django import app

from callastar.core import clock
from callastar.core.queue import Backoff
from callastar.payouts.operations import send
from callastar.payouts.operations.names import SEND_PAYOUT


@app.task(name=SEND_PAYOUT, retry=Backoff(tries=40), queue="money")
def send_payout(*, payout_id: str) -> None:
    """Carry out one approved payout; the reconciling job goes on where the tries end."""
    send.send_payout(payout_id=UUID(payout_id), now=clock.now())
