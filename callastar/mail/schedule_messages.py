"""The mails about a call that takes place at another time: as in `messages`, in the transaction that causes them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from callastar.accounts.models import User
from callastar.core.money import Money
from callastar.mail.calendar import Method
from callastar.mail.messages import CANCELLATION_SEQUENCE, Side
from callastar.mail.models import EmailLog
from callastar.mail.operations import queue_email
from callastar.mail.values import amount_value, booking_metadata, call_values, style_value


def rescheduled(
    *,
    to: User,
    role: Side,
    proposed_by: Side,
    booking_id: UUID,
    offer_title: str,
    other_name: str,
    starts_at: datetime,
    before_at: datetime,
    original_at: datetime,
    duration_minutes: int,
    amount: Money,
    moves: int,
    can_move_again: bool,
    style: dict[str, Any] | None = None,
) -> EmailLog:
    """The call has moved from `before_at` to `starts_at`, with an invitation that moves it in the calendar too.

    `original_at` is when it was to take place when it was booked: refund percentages count from the earlier of that
    and `starts_at` (BK-8). `moves` counts this one; the invitation's sequence is the same number, 0 being that of the
    confirmation. Raises ValueError outside of what lies between a confirmation and a cancellation. `style` is the
    creator's, in the mail to their fan.
    """
    if not 0 < moves < CANCELLATION_SEQUENCE:
        raise ValueError(f"{moves} moves")
    return queue_email(
        template=f"rescheduled_{role}",
        recipient=to,
        dedupe_key=f"rescheduled_{role}:{booking_id}:{moves}",
        context={
            **call_values(offer_title, other_name, starts_at),
            "before_at": before_at.isoformat(),
            "refund_counts_from": min(original_at, starts_at).isoformat(),
            "duration_minutes": duration_minutes,
            "amount": amount_value(amount),
            "was_mine": proposed_by == role,
            "can_move_again": can_move_again,
            "invite": {"method": Method.REQUEST, "sequence": moves},
            **style_value(style),
        },
        metadata=booking_metadata(booking_id),
    )
