"""Values of mails as plain JSON, as their templates expect them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from callastar.core.money import Money


def call_values(offer_title: str, other_name: str, starts_at: datetime) -> dict[str, Any]:
    """What a call is, with whom and when; `starts_at` is written in the recipient's zone."""
    return {"offer_title": offer_title, "other_name": other_name, "starts_at": starts_at.isoformat()}


def style_value(style: dict[str, Any] | None) -> dict[str, Any]:
    """A creator's own words and colour, where the mail is one to a fan of theirs."""
    return {"style": style} if style else {}


def amount_value(amount: Money) -> dict[str, Any]:
    """An amount in minor units, written as the recipient's language does."""
    return {"minor": amount.minor, "currency": amount.currency.value}


def moment_value(moment: datetime | None) -> str | None:
    """A moment that may not be known."""
    return moment.isoformat() if moment else None


def booking_metadata(booking_id: UUID) -> dict[str, str]:
    """The booking that a mail is found by and links to."""
    return {"booking": str(booking_id)}
