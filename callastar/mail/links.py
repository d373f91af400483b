"""Addresses in mails: absolute, from `SITE_URL`, in the recipient's language."""

import re
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils import translation

_LANGUAGE_PREFIX = re.compile(rf"^/?(?:(?:{'|'.join(code for code, _name in settings.LANGUAGES)})/)?")


def home_link(locale: str) -> str:
    """The front page."""
    return f"{settings.SITE_URL}/{locale}/"


def call_link(booking_id: object, locale: str) -> str:
    """The page of a call: stable, the only one about a call that leaves the site."""
    return f"{home_link(locale)}call/{booking_id}"


def booking_link(booking_id: object, locale: str) -> str:
    """A booking's own page."""
    return f"{home_link(locale)}bookings/{booking_id}"


def calendar_uid(booking_id: object) -> str:
    """What calendars know the call by, in mails and in downloads."""
    return f"booking-{booking_id}@{site_host()}"


def creator_link(slug: str, locale: str) -> str:
    """A creator's page with their open slots."""
    return f"{home_link(locale)}creators/{slug}"


def studio_link(locale: str) -> str:
    """The pages of the studio that mails about money lead to: a creator's earnings and payouts."""
    return f"{home_link(locale)}dashboard/creator/earnings"


def site_link(path: str, locale: str) -> str:
    """A page of the site by its path, in the recipient's language: `/fr/x`, `/en/x` and `x` are the same."""
    return home_link(locale) + _LANGUAGE_PREFIX.sub("", path)


def named_link(name: str, locale: str, **kwargs: Any) -> str:
    """The address of a view by its name."""
    with translation.override(locale):
        return settings.SITE_URL + reverse(name, kwargs=kwargs)


def site_host() -> str:
    """The site's host name, without a port."""
    return urlsplit(settings.SITE_URL).hostname or "localhost"
