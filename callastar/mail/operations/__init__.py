"""Writing mails down, sending them, and picking up what was left."""

from callastar.mail.operations.queue import queue_email, skip_emails
from callastar.mail.operations.retry import retry_unsent
from callastar.mail.operations.send import EmailBusy, send_email

__all__ = ["EmailBusy", "queue_email", "retry_unsent", "send_email", "skip_emails"]
