"""What is handed to a mail provider."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file of text that goes with a mail; `content_type` may carry parameters (`text/calendar; method=REQUEST`)."""

    name: str
    content_type: str
    content: str


@dataclass(frozen=True, kw_only=True)
class OutgoingMail:
    """One mail to one address, ready to leave. The same key with the same content is one mail, however often sent.

    Mail programs offer to unsubscribe with one click at `unsubscribe_url` (RFC 8058), if there is one.
    """

    sender: str
    to: str
    reply_to: str
    subject: str
    html: str
    text: str
    idempotency_key: str
    attachments: tuple[Attachment, ...] = ()
    unsubscribe_url: str = ""
