"""A creator's colour and words in the mails of their calls; `style` in the context is what `mail_style` answered."""

from datetime import datetime
from typing import Any

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, ngettext

from callastar.core import formats
from callastar.mail.colours import Look, look_for
from callastar.mail.own_words import Placeholder, fill_in

register = template.Library()


@register.simple_tag(takes_context=True)
def mail_look(context: Context) -> Look:
    """The colours of a mail: made of the creator's accent where the mail is about one of their calls."""
    return look_for(_style(context).get("accent", ""))


@register.simple_tag(takes_context=True)
def creators_words(context: Context, name: str) -> str:
    """One of the creator's texts, filled in for its reader; in HTML escaped, its line breaks kept."""
    words = fill_in(_style(context).get(name, ""), _values(context))
    if not context.autoescape:
        return words
    # MJML is XML: a line break closes itself.
    return mark_safe(escape(words).replace("\n", "<br />"))  # noqa: S308  (escaped just before)


def _style(context: Context) -> dict[str, Any]:
    return context.get("style") or {}


def _values(context: Context) -> dict[str, str]:
    """The facts of the call that this mail knows, as its reader's language and time zone have them."""
    values = {
        Placeholder.FAN_NAME: context.get("recipient_name", ""),
        Placeholder.CREATOR_NAME: _style(context).get("creator_name", ""),
        Placeholder.CALL_TITLE: context.get("offer_title", ""),
    }
    if starts_at := context.get("starts_at"):
        values |= _when(datetime.fromisoformat(starts_at))
    if minutes := context.get("duration_minutes"):
        text = ngettext("%(minutes)s minute", "%(minutes)s minutes", minutes)
        values[Placeholder.DURATION] = text % {"minutes": minutes}
    return {str(name): value for name, value in values.items()}


def _when(starts_at: datetime) -> dict[Placeholder, str]:
    zone, locale = timezone.get_current_timezone(), get_language() or "fr"
    clock = formats.time_text(starts_at, zone, locale)
    return {
        Placeholder.DATE: formats.date_text(starts_at, zone, locale),
        Placeholder.TIME: f"{clock} ({formats.zone_text(zone, locale)})",
    }
