"""Writing mails down, sending them, picking up what was left; what people want to get."""

from callastar.mail.operations.again import send_again
from callastar.mail.operations.choices import Way, choose_emails
from callastar.mail.operations.forget import forget_bodies
from callastar.mail.operations.news import MailNotKnownYetError, ask_about_unheard, note_event
from callastar.mail.operations.queue import composing, queue_email, skip_emails
from callastar.mail.operations.retry import retry_unsent
from callastar.mail.operations.send import EmailBusy, send_email
from callastar.mail.operations.suppress import lift

__all__ = [
    "EmailBusy",
    "MailNotKnownYetError",
    "Way",
    "ask_about_unheard",
    "choose_emails",
    "composing",
    "forget_bodies",
    "lift",
    "note_event",
    "queue_email",
    "retry_unsent",
    "send_again",
    "send_email",
    "skip_emails",
]
