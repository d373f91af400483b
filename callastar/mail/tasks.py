"""Jobs of mails."""

from uuid import UUID

from procrastinate.contrib.django import app

from callastar.core import clock
from callastar.core.queue import Backoff
from callastar.mail.operations.queue import SEND
from callastar.mail.operations.turns import send_in_turn

# Of what is not the provider's trouble: a mail that has to wait says itself for how long, and gives up after 24 h.
# Each wait counts as a try of the job, so that neither their number nor the next wait may grow with it.
_AGAIN = Backoff(tries=10_000, first=5, longest=60)


@app.task(name=SEND, retry=_AGAIN, queue="mail")
def send_email(*, email_id: str) -> None:
    """Send one mail when it is its turn; tried again while the provider or the network is in trouble."""
    send_in_turn(email_id=UUID(email_id), now=clock.now())
