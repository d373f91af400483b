"""What is handed to a mail provider, and what it says of it later."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


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


@dataclass(frozen=True, slots=True)
class ResendEvent:
    """An event of Resend's webhooks. `occurred_at` is None where its time makes no sense."""

    id: str
    type: str
    occurred_at: datetime | None
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class MailNews:
    """What became of a mail that Resend has taken: `what` is Resend's word for it, `delivered` or `bounced`."""

    provider_id: str
    what: str
    at: datetime | None = None
    bounce_type: str = ""
    bounce_message: str = ""
