"""Short dates and months, for rows of money."""

from datetime import date, datetime

from babel.dates import format_date
from django import template
from django.utils import timezone
from django.utils.translation import get_language

from callastar.core import formats

register = template.Library()


def _locale() -> str:
    return "en" if (get_language() or "fr").startswith("en") else "fr"


@register.filter
def short_date(moment: datetime) -> str:
    """`3 Mar 2026`, in the viewer's zone."""
    return formats.short_date_text(moment, timezone.get_current_timezone(), _locale())


@register.filter
def utc_day(moment: datetime) -> str:
    """The day that Stripe means by midnight UTC: it does not move with the viewer's zone."""
    return format_date(moment.date(), "d MMM y", locale=_locale())


@register.filter
def month_name(day: date) -> str:
    """`March 2026`."""
    return formats.month_text(day, _locale())


@register.filter
def short_month(day: date) -> str:
    """`Mar`, `mars`: under a bar."""
    return format_date(day, "LLL", locale=_locale())


@register.filter
def month_letter(day: date) -> str:
    """`M`: under a bar, where there is no room."""
    return format_date(day, "LLLLL", locale=_locale())
