"""Notifications as their reader sees them: in their language and time zone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from callastar.accounts.models import User
from callastar.core.formats import datetime_text, money_text
from callastar.core.money import Currency, Money
from callastar.live.tokens import person_token
from callastar.notifications.models import Notification, NotificationType
from callastar.notifications.texts import words_for

_MOMENTS = ("_at", "_due_by")  # how the names of parameters end that are moments


@dataclass(frozen=True, slots=True)
class Texts:
    """What is said: plain text, not HTML."""

    title: str
    message: str


def texts_of(notification: Notification, *, locale: str, zone: ZoneInfo) -> Texts:
    """Title and message in one of the site's languages, times in `zone`, which is named."""
    words = words_for(NotificationType(notification.type), notification.params)
    with translation.override(locale):
        written = {
            name: _written(name, value, locale, zone) for name, value in notification.params.items()
        } | {name: str(sentence) for name, sentence in words.sentences(notification.params).items()}
        return Texts(title=str(words.title) % written, message=str(words.message) % written)


def address_of(notification: Notification, *, locale: str) -> str:
    """The path of the page that it leads to, in a language; empty if there is none."""
    return f"/{locale}/{notification.link}" if notification.link else ""


def bell_label(unread: str) -> str:
    """What the bell is called, in the language of the request; `unread` is the number it shows, as text."""
    return _("Notifications, unread: %(count)s") % {"count": unread} if unread else _("Notifications")


def events_address(person: User) -> str:
    """Where a person hears that something was told or read: with a token that is theirs, for some hours."""
    return f"/api/notifications/events?{urlencode({'token': person_token(person.pk)})}"


def _written(name: str, value: Any, locale: str, zone: ZoneInfo) -> str:
    if isinstance(value, Mapping):
        return money_text(Money(value["minor"], Currency(value["currency"])), locale)
    if value and name.endswith(_MOMENTS):
        return datetime_text(datetime.fromisoformat(value), zone, locale, named=True)
    return str(value)
