"""What lists and pages show of a row: amounts, times, statuses and links, each made for one field."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from inspect import ismethod
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from callastar.core import formats
from callastar.core.money import Currency, Money

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Text = str | _StrPromise  # what Django's own functions take
else:
    Text = str | Promise
Cell = Callable[[Any], Any]
NOTHING = "–"

_GREEN = {
    "PAID",
    "SUCCEEDED",
    "SETTLED",
    "won",
    "CLEAN",
    "delivered",
    "processed",
    "READY",
    "HELD",
    "success",
    "well",
}
_AMBER = {
    "REQUESTED",
    "PENDING",
    "OPEN",
    "RUNNING",
    "WANTED",
    "TECHNICAL",
    "UNKNOWN",
    "WARNING",
    "needs_response",
    "warning_needs_response",
    "pending",
    "received",
    "running",
}
_RED = {
    "ERROR",
    "CRITICAL",
    "FAILED",
    "REJECTED",
    "CANCELED",
    "CANCELLED",
    "DISPUTED",
    "DIFFERENT",
    "lost",
    "failed",
    "bounced",
    "parked",
    "failure",
    "failing",
    "silent",
}


def value_of(row: Any, field: str) -> Any:
    """The value of a field; `payment.currency` follows relations, methods are called, what is missing is None."""
    for name in field.split("."):
        row = getattr(row, name, None)
        row = row() if ismethod(row) or isinstance(row, partial) else row  # `get_…_display` is a partial
        if row is None:
            return None
    return row


def text(label: Text, field: str, *, ordering: str | None = None) -> Cell:
    """A value as it is."""

    @admin.display(description=label, ordering=ordering)
    def cell(row: Any) -> Any:
        value = value_of(row, field)
        return NOTHING if value is None or value == "" else value

    return cell


def code(label: Text, field: str) -> Cell:
    """An id, to be copied."""

    @admin.display(description=label)
    def cell(row: Any) -> str:
        value = value_of(row, field)
        return format_html('<code class="text-[0.9em] break-all">{}</code>', value) if value else NOTHING

    return cell


def document(label: Text, field: str) -> Cell:
    """What is kept as JSON, to be read."""

    @admin.display(description=label)
    def cell(row: Any) -> str:
        written = json.dumps(value_of(row, field), indent=2, ensure_ascii=False)
        return format_html(
            '<pre lang="zxx" class="text-[0.85em] whitespace-pre-wrap break-all">{}</pre>', written
        )

    return cell


def log_line(label: Text, field: str) -> Cell:
    """What a program said: English, as all logs are."""

    @admin.display(description=label)
    def cell(row: Any) -> str:
        said = value_of(row, field)
        return format_html('<span lang="en">{}</span>', said) if said else NOTHING

    return cell


def words(label: Text, field: str, texts: Mapping[str, Text]) -> Cell:
    """A code in words; one without words as it is."""

    @admin.display(description=label)
    def cell(row: Any) -> Text:
        value = value_of(row, field)
        return texts.get(value, value) if value else NOTHING

    return cell


def yes_no(label: Text, field: str, *, yes: Text, no: Text) -> Cell:
    """A flag in words."""

    @admin.display(description=label)
    def cell(row: Any) -> Text:
        return yes if value_of(row, field) else no

    return cell


def amount(label: Text, field: str, *, currency: str = "currency", ordering: str | None = None) -> Cell:
    """Minor units as the page's language writes them."""

    @admin.display(description=label, ordering=ordering)
    def cell(row: Any) -> str:
        minor, unit = value_of(row, field), value_of(row, currency)
        return NOTHING if minor is None or not unit else figure(minor, unit)

    return cell


def moment(label: Text, field: str, *, ordering: str | None = None) -> Cell:
    """Day and time in the viewer's zone."""

    @admin.display(description=label, ordering=ordering)
    def cell(row: Any) -> str:
        at = value_of(row, field)
        return NOTHING if at is None else moment_text(at)

    return cell


def status(label: Text, field: str = "status", *, texts: Mapping[str, Text] | None = None) -> Cell:
    """A badge: green for what is well, amber for what waits, red for what has failed, else neutral."""

    @admin.display(description=label)
    def cell(row: Any) -> str:
        value = value_of(row, field)
        if not value:
            return NOTHING
        known = texts or dict(row._meta.get_field(field).choices)
        return badge(value, known.get(value, value))

    return cell


def link(label: Text, page: str, key: str, shown: str | Cell) -> Cell:
    """A link to the page of another row: `page` as in `payments_payment`, `key` the field with its key."""

    @admin.display(description=label)
    def cell(row: Any) -> str:
        pk = value_of(row, key)
        if pk is None:
            return NOTHING
        return anchor(page, pk, shown(row) if callable(shown) else value_of(row, shown) or pk)

    return cell


def anchor(page: str, pk: Any, shown: Any) -> str:
    """A link to a row's page; only the text where the back office has none."""
    try:
        url = reverse(f"admin:{page}_change", args=[pk])
    except NoReverseMatch:
        return str(shown)
    return format_html('<a class="underline underline-offset-2" href="{}">{}</a>', url, shown)


def badge(value: str, label: Any) -> SafeString:
    """The badge of a status."""
    variant = (
        "success"
        if value in _GREEN
        else "warning"
        if value in _AMBER
        else "danger"
        if value in _RED
        else "neutral"
    )
    return format_html(
        '<span class="badge badge-dot" data-status="{}" data-variant="{}">{}</span>', value, variant, label
    )


def figure(minor: int, currency: str) -> str:
    """An amount in minor units as the page's language writes it; it never breaks over two lines."""
    shown = formats.money_text(Money(minor, Currency(currency)), locale())
    return format_html('<span class="tabular whitespace-nowrap">{}</span>', shown)


def money_text(minor: int, currency: str) -> str:
    """The same as plain text, for sentences."""
    return formats.money_text(Money(minor, Currency(currency)), locale())


def moment_text(at: datetime) -> str:
    """A short date with the time, in the viewer's zone."""
    zone = timezone.get_current_timezone()
    return f"{formats.short_date_text(at, zone, locale())}, {formats.time_text(at, zone, locale())}"


def locale() -> str:
    """The page's language."""
    return "en" if (get_language() or "fr").startswith("en") else "fr"
