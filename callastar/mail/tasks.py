"""Jobs of mails."""

from uuid import UUID

from procrastinate.contrib.django import app

from callastar.core import clock
from callastar.core.queue import Backoff
from callastar.mail import operations
from callastar.mail.operations.queue import SEND

TRY_FOR_A_DAY = Backoff(
    tries=48, first=5, longest=3600
)  # about 28 h; `send_email` itself gives up after 24 h


@app.task(name=SEND, retry=TRY_FOR_A_DAY, queue="mail")
def send_email(*, email_id: str) -> None:
    """Send one mail; tried again with growing, jittered waits while the provider or the network is in trouble."""
    operations.send_email(email_id=UUID(email_id), now=clock.now())
