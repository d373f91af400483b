"""The filters and tags of all templates: dates, amounts, addresses in the other language."""

from datetime import datetime
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.urls import translate_url
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from callastar.core import formats
from callastar.core.money import Currency, Money

register = template.Library()


def _locale() -> str:
    return "en" if (get_language() or "fr").startswith("en") else "fr"


@register.filter
def money(minor: int, currency: str) -> str:
    """An amount in minor units as the page's language writes it."""
    return formats.money_text(Money(int(minor), Currency(currency)), _locale())


@register.filter
def local_datetime(moment: datetime) -> str:
    """Day and time in the viewer's zone."""
    return formats.datetime_text(moment, timezone.get_current_timezone(), _locale())


@register.filter
def local_date(moment: datetime) -> str:
    """The day in the viewer's zone."""
    return formats.date_text(moment, timezone.get_current_timezone(), _locale())


@register.filter
def local_time(moment: datetime) -> str:
    """The time of day in the viewer's zone."""
    return formats.time_text(moment, timezone.get_current_timezone(), _locale())


@register.filter
def time_left(until: datetime, now: datetime) -> str:
    """How long it still is, as a countdown shows it."""
    return formats.time_left_text(until - now, _locale())


@register.simple_tag
def zone_name() -> str:
    """The name of the viewer's zone: shown wherever times are."""
    return formats.zone_text(timezone.get_current_timezone(), _locale())


@register.simple_tag(takes_context=True)
def localized_url(context: dict[str, Any], locale: str) -> str:
    """The address of the current page in another language, query included."""
    return translate_url(context["request"].get_full_path(), locale)


@register.simple_tag
def icon(name: str, css: str = "size-5") -> SafeString:
    """A decorative icon, hidden from screen readers."""
    return mark_safe(render_to_string(f"icons/{name}.svg", {"css": css}).strip())  # noqa: S308 - our own files
