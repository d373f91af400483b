"""A mail to an invented fan as the product itself would write it, for a creator who chooses their words and colour."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext

from callastar.accounts.models import User
from callastar.core.money import Currency, Money
from callastar.creators.models import Creator
from callastar.mail.messages import booking_cancelled, booking_confirmed
from callastar.mail.models import EmailLog
from callastar.mail.operations import composing
from callastar.mail.reminder_messages import reminder
from callastar.mail.rendering import render

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
    fan = User(name=_FAN, email="fan@example.com", locale=locale, timezone=creator.user.timezone)
    price = Money(_PRICE, Currency(creator.currency or Currency.EUR))
    with translation.override(locale):
        title = gettext("A moment together")
    about: dict[str, Any] = {
        "to": fan,
        "role": "fan",
        "booking_id": _NO_BOOKING,
        "offer_title": title,
        "other_name": creator.user.name,
        "starts_at": _evening(creator, now),
        "duration_minutes": _MINUTES,
        "style": style,
    }
    with composing():
        email = _WRITERS[sample](about, price)
    email.created_at = now
    render(email, now=now)
    return email


def _confirmation(about: dict[str, Any], price: Money) -> EmailLog:
    return booking_confirmed(**about, amount=price)


def _reminder(about: dict[str, Any], price: Money) -> EmailLog:
    return reminder(**about, before="24h")


def _cancellation(about: dict[str, Any], price: Money) -> EmailLog:
    return booking_cancelled(**about, by="creator", amount=price, refund=price, kept=None)


_WRITERS = {
    Sample.CONFIRMATION: _confirmation,
    Sample.REMINDER: _reminder,
    Sample.CANCELLATION: _cancellation,
}


def _evening(creator: Creator, now: datetime) -> datetime:
    """Six o'clock in the evening where the creator lives, in a few days."""
    return (now.astimezone(creator.user.zone) + _AHEAD).replace(hour=18, minute=0, second=0, microsecond=0)
