"""The mails about calls that fans ask for or wait for: as in `messages`, in the transaction that causes them.

What can be answered or booked for a time only is not sent after it. `style` is what the
creator has chosen for the mails to their fans.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from callastar.accounts.models import User
from callastar.core.money import Money
from callastar.mail import links
from callastar.mail.models import EmailLog
from callastar.mail.operations import queue_email
from callastar.mail.values import amount_value, call_values, style_value


def call_request_made(
    *,
    to: User,
    request_id: UUID,
    fan_name: str,
    times: Sequence[datetime],
    duration_minutes: int,
    budget: Money | None,
    said: str,
    answer_by: datetime,
    hold_hours: int,
    path: str,
) -> EmailLog:
    """To the creator: a fan asks for a call at one of `times`; `said` is what they write, and may be empty.

    `answer_by` is when the request ends, `hold_hours` how long the fan may take to pay once it is accepted, `path`
    the page on which it is answered.
    """
    return queue_email(
        template="call_request_made",
        recipient=to,
        dedupe_key=f"call_request_made:{request_id}",
        context={
            "other_name": fan_name,
            "times": _moments(times),
            "duration_minutes": duration_minutes,
            "budget": amount_value(budget) if budget else None,
            "said": said,
            "answer_by": answer_by.isoformat(),
            "hold_hours": hold_hours,
            "request_url": links.site_link(path, to.locale),
        },
        metadata={"call_request": str(request_id)},
        expires_at=answer_by,
    )


def call_request_accepted(
    *,
    to: User,
    request_id: UUID,
    offer_id: UUID,
    offer_title: str,
    creator_name: str,
    starts_at: datetime,
    duration_minutes: int,
    price: Money,
    said: str,
    held_until: datetime,
    style: dict[str, Any] | None = None,
) -> EmailLog:
    """To the fan: the creator says yes, and the offer is theirs alone until `held_until`. `said` may be empty."""
    return queue_email(
        template="call_request_accepted",
        recipient=to,
        dedupe_key=f"call_request_accepted:{request_id}",
        context={
            **call_values(offer_title, creator_name, starts_at),
            **_held(to, offer_id, duration_minutes, price, held_until),
            "said": said,
            **style_value(style),
        },
        metadata={"call_request": str(request_id), "offer": str(offer_id)},
        expires_at=held_until,
    )


def call_request_declined(
    *,
    to: User,
    request_id: UUID,
    creator_name: str,
    creator_slug: str,
    times: Sequence[datetime],
    duration_minutes: int,
    said: str,
    style: dict[str, Any] | None = None,
) -> EmailLog:
    """To the fan: the creator says no, with what they write (it may be empty); other times may be open."""
    return queue_email(
        template="call_request_declined",
        recipient=to,
        dedupe_key=f"call_request_declined:{request_id}",
        context={
            "other_name": creator_name,
            "times": _moments(times),
            "duration_minutes": duration_minutes,
            "said": said,
            "creator_url": links.creator_link(creator_slug, to.locale),
            **style_value(style),
        },
        metadata={"call_request": str(request_id)},
    )


def waiting_list_turn(
    *,
    to: User,
    turn_id: UUID,
    offer_id: UUID,
    offer_title: str,
    creator_name: str,
    starts_at: datetime,
    duration_minutes: int,
    price: Money,
    held_until: datetime,
    style: dict[str, Any] | None = None,
) -> EmailLog:
    """To a fan on the waiting list: a call is free, and theirs alone until `held_until`. One mail for each turn."""
    return queue_email(
        template="waiting_list_turn",
        recipient=to,
        dedupe_key=f"waiting_list_turn:{turn_id}",
        context={
            **call_values(offer_title, creator_name, starts_at),
            **_held(to, offer_id, duration_minutes, price, held_until),
            **style_value(style),
        },
        metadata={"offer": str(offer_id)},
        expires_at=held_until,
    )


def _held(
    to: User, offer_id: UUID, duration_minutes: int, price: Money, held_until: datetime
) -> dict[str, Any]:
    return {
        "duration_minutes": duration_minutes,
        "amount": amount_value(price),
        "held_until": held_until.isoformat(),
        "book_url": links.named_link("bookings:book", to.locale, offer_id=offer_id),
    }


def _moments(times: Sequence[datetime]) -> list[str]:
    return [moment.isoformat() for moment in sorted(times)]
