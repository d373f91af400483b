"""The reminders of a call: as in `messages`, called in the transaction that causes them."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from callastar.accounts.models import User
from callastar.mail.messages import Side
from callastar.mail.models import EmailLog
from callastar.mail.operations import queue_email
from callastar.mail.values import booking_metadata, call_values

TEMPLATES = ("reminder_24h_fan", "reminder_24h_creator", "reminder_15m_fan", "reminder_15m_creator")


def reminder(
    *,
    to: User,
    role: Side,
    before: Literal["24h", "15m"],
    booking_id: UUID,
    offer_title: str,
    other_name: str,
    starts_at: datetime,
    duration_minutes: int,
    style: dict[str, Any] | None = None,
) -> EmailLog:
    """The call is tomorrow (24h), or its room is open (15m); never told once it has begun.

    Once a person, kind and start: a call that is moved is reminded of again. `style` is how the call's creator wants
    the mails of their calls to look and what they say in them.
    """
    return queue_email(
        template=f"reminder_{before}_{role}",
        recipient=to,
        dedupe_key=f"reminder_{before}:{role}:{booking_id}:{starts_at.timestamp():.0f}",
        context={
            **call_values(offer_title, other_name, starts_at),
            "duration_minutes": duration_minutes,
            "style": style,
        },
        metadata=booking_metadata(booking_id),
        expires_at=starts_at,
    )
