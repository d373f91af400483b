"""Resend's events (https://resend.com/docs/webhooks/event-types) as our plain values."""

from datetime import datetime
from typing import Any

from callastar.core.storable import storable, word
from callastar.providers.resend.types import MailNews, ResendEvent

LONGEST_ID, LONGEST_TYPE = 128, 80  # characters that the inbox keeps
LONGEST_BOUNCE_TYPE = 16
PREFIX = "email."
PERMANENT = "Permanent"


def parse_event(body: dict[str, Any], *, event_id: str) -> ResendEvent:
    """An event from its JSON, as it can be stored; raises KeyError, TypeError or ValueError for what is none.

    Its id travels in a header: the same one with each try to deliver it.
    """
    return ResendEvent(
        id=word(event_id, longest=LONGEST_ID),
        type=word(body["type"], longest=LONGEST_TYPE),
        occurred_at=_moment(body.get("created_at")),
        payload=storable({**body, "data": dict(body["data"])}),
    )


def mail_news(payload: dict[str, Any]) -> MailNews:
    """What became of which mail. Raises KeyError, TypeError or ValueError."""
    data = payload["data"]
    bounce = data.get("bounce") or {}
    reason = bounce or data.get("suppressed") or data.get("failed") or {}
    return MailNews(
        provider_id=str(data["email_id"]),
        what=str(payload["type"]).removeprefix(PREFIX),
        at=_moment(payload.get("created_at")),
        # "permanently rejected", says Resend of the event; its type is there to say that it was not after all.
        bounce_type=str(bounce.get("type") or PERMANENT)[:LONGEST_BOUNCE_TYPE],
        bounce_message=str(reason.get("message") or reason.get("reason") or ""),
    )


def _moment(value: Any) -> datetime | None:
    """A time in ISO 8601, or None where it makes no sense."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else None
