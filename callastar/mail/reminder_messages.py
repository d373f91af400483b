"""The reminders of a call: as in `messages`, called in the transaction that causes them."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from callastar.accounts.models import User
from callastar.mail.messages import Side
from callastar.mail.models import EmailLog
from callastar.mail.operations import queue_email
from callastar.mail.values import booking_metadata, call_values

Before = Literal["24h", "15m"]
TEMPLATES = ("reminder_24h_fan", "reminder_24h_creator", "reminder_15m_fan", "reminder_15m_creator")


def reminder(
    *,
    to: User,
    role: Side,
    before: Before,
    booking_id: UUID,
    offer_title: str,
    other_name: str,
    starts_at: datetime,
    duration_minutes: int,
    moved_at: datetime | None = None,
    style: dict[str, Any] | None = None,
) -> EmailLog:
    """The call is tomorrow (24h), or its room is open (15m); never told once it has begun.

    Once a person, kind, start and move: a call that is moved is reminded of again, also back to a start that it had.
    `moved_at` is when it was moved last, None if it never was. `style` is how the call's creator wants
    the mails of their calls to look and what they say in them.
    """
    return queue_email(
        template=f"reminder_{before}_{role}",
        recipient=to,
        dedupe_key=reminder_key(f"reminder_{before}_{role}", booking_id, starts_at, moved_at),
        context={
            **call_values(offer_title, other_name, starts_at),
            "duration_minutes": duration_minutes,
            "style": style,
        },
        metadata=booking_metadata(booking_id),
        expires_at=starts_at,
    )


def reminder_key(template: str, booking_id: UUID, starts_at: datetime, moved_at: datetime | None) -> str:
    """The dedupe key of the reminder of a call at its present start: the same however often it is written."""
    kind, _, role = template.rpartition("_")
    key = f"{kind}:{role}:{booking_id}:{starts_at.timestamp():.0f}"
    return f"{key}:{moved_at.timestamp():.6f}" if moved_at else key
