"""A mail to an invented fan as the product itself would write it, for a creator who chooses their words and colour."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext

from callastar.core.money import Currency, Money
from callastar.creators.models import Creator
from callastar.mail.calendar import Method
from callastar.mail.models import EmailLog
from callastar.mail.rendering import render
from callastar.mail.values import amount_value, booking_metadata, call_values

_NO_BOOKING = UUID(int=0)
_AHEAD = timedelta(days=3)
_FAN = "Camille"
_MINUTES, _PRICE = 30, 5000


class Sample(StrEnum):
    """The mails that can be looked at, by their template."""

    CONFIRMATION = "booking_confirmed_fan"
    REMINDER = "reminder_24h_fan"
    CANCELLATION = "booking_cancelled_fan"


def sample_mail(
    *, creator: Creator, style: dict[str, Any] | None, sample: Sample, locale: str, now: datetime
) -> EmailLog:
    """The mail, rendered and not kept, to a fan of this language who lives in the creator's time zone."""
    email = EmailLog(
        template=sample,
        to="fan@example.com",
        locale=locale,
        time_zone=creator.user.timezone,
        context=_context(creator, sample, locale, now) | ({"style": style} if style else {}),
        metadata=booking_metadata(_NO_BOOKING),
        created_at=now,
    )
    render(email, now=now)
    return email


def _context(creator: Creator, sample: Sample, locale: str, now: datetime) -> dict[str, Any]:
    price = Money(_PRICE, Currency(creator.currency or Currency.EUR))
    with translation.override(locale):
        title = gettext("A moment together")
    call = call_values(title, creator.user.name, _evening(creator, now))
    about = {"recipient_name": _FAN, **call, "duration_minutes": _MINUTES, "amount": amount_value(price)}
    if sample is Sample.CANCELLATION:
        return about | {
            "by": "creator",
            "refund": amount_value(price),
            "refund_part": "all",
            "invite": {"method": Method.CANCEL, "sequence": 1},
        }
    return about | (
        {"invite": {"method": Method.REQUEST, "sequence": 0}} if sample is Sample.CONFIRMATION else {}
    )


def _evening(creator: Creator, now: datetime) -> datetime:
    """Six o'clock in the evening where the creator lives, in a few days."""
    return (now.astimezone(creator.user.zone) + _AHEAD).replace(hour=18, minute=0, second=0, microsecond=0)
