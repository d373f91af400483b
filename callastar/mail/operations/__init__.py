"""Writing mails down, sending them, picking up what was left; what people want to get."""

from callastar.mail.operations.choices import Way, choose_emails
from callastar.mail.operations.forget import forget_bodies
from callastar.mail.operations.queue import queue_email, skip_emails
from callastar.mail.operations.retry import retry_unsent
from callastar.mail.operations.send import EmailBusy, send_email

__all__ = [
    "EmailBusy",
    "Way",
    "choose_emails",
    "forget_bodies",
    "queue_email",
    "retry_unsent",
    "send_email",
    "skip_emails",
]
