"""Filters of the mails' templates: their context is plain JSON, written here as the recipient's language does."""

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from callastar.core import formats
from callastar.core.money import Currency, Money
from callastar.mail import money_texts, texts

register = template.Library()


@register.filter
def moment(value: str) -> str:
    """An ISO date and time in the recipient's zone, with the zone's name."""
    at = datetime.fromisoformat(value)
    return formats.datetime_text(at, timezone.get_current_timezone(), _locale(), named=True)


@register.filter
def day(value: str) -> str:
    """An ISO date, which is the same day in every zone."""
    noon = datetime.combine(date.fromisoformat(value), time(12), tzinfo=UTC)
    return formats.date_text(noon, ZoneInfo("UTC"), _locale())


@register.filter
def amount(value: dict[str, Any]) -> str:
    """`{"minor": 10000, "currency": "EUR"}` as the recipient's language writes it."""
    return formats.money_text(Money(value["minor"], Currency(value["currency"])), _locale())


@register.filter
def decline_reason(code: str) -> str:
    """Why a payment was declined, and what helps."""
    return str(texts.decline_reason(code))


@register.filter
def bank_account(last4: str) -> str:
    """A bank account by its last four digits."""
    return f"•••• {last4}"


@register.filter
def payout_failure(code: str) -> str:
    """Why a bank sent a payout back."""
    return str(money_texts.payout_failure(code))


@register.filter
def dispute_reason(code: str) -> str:
    """What the fan's bank says in a dispute."""
    return str(money_texts.dispute_reason(code))


@register.filter
def notice_subject(kind: str) -> str:
    """What happened to the account, in a few words."""
    return str(texts.notice(kind).subject)


@register.filter
def notice_sentence(kind: str) -> str:
    """What happened to the account, in a sentence."""
    return str(texts.notice(kind).sentence)


@register.simple_tag
def line(label: str, value: str) -> str:
    """One fact of a plain-text part."""
    return _("%(label)s: %(value)s") % {"label": label, "value": value}


def _locale() -> str:
    return get_language() or "fr"
