"""Who does not get a mail about their call is told in the app."""

from datetime import datetime

from callastar.mail.models import EmailLog
from callastar.notifications.models import NotificationType
from callastar.notifications.operations import notify


def tell_of_loss(email: EmailLog, *, now: datetime) -> None:
    """Tell its reader of a mail that will not arrive, if it is about a call; once for each mail."""
    booking = email.metadata.get("booking")
    if booking and email.recipient and email.subject:
        notify(
            to=email.recipient,
            type=NotificationType.SYSTEM,
            params={"variant": "mail_bounced", "subject": email.subject},
            link=f"bookings/{booking}",
            dedupe_key=f"mail_bounced:{email.pk}",
            now=now,
        )
