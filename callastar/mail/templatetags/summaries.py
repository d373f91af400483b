"""Filters of the summary of a day: its names as a person reads them."""

from django import template

from callastar.mail.summary_texts import LABELS, TABLES

register = template.Library()


@register.filter
def table_title(what: str) -> str:
    """What a table is about."""
    return str(TABLES[what])


@register.filter
def figure_label(what: str) -> str:
    """What a figure counts."""
    return str(LABELS[what])
