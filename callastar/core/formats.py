"""Dates and amounts as a locale writes them; the site, the mails and the API use these and nothing else.

The patterns come from Unicode's CLDR through Babel.
"""

import math
import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time, get_timezone_location
from babel.numbers import format_currency
from babel.units import format_unit

from callastar.core.money import Money

_DATETIME = {"fr": "EEEE d MMMM y 'à' HH:mm", "en": "EEEE d MMMM y 'at' HH:mm"}
_DATE = {"fr": "EEEE d MMMM y", "en": "EEEE d MMMM y"}
_SHORT_DATE = "d MMM y"
_MONTH = "LLLL y"
_TIME = {"fr": "HH:mm", "en": "HH:mm"}
_CITY_TIME = {"fr": "heure de {city}", "en": "{city} time"}


def money_text(money: Money, locale: str) -> str:
    """`100,00 €` in French, `€100.00` in English."""
    text = format_currency(money.major, money.currency.value, locale=_region(locale))
    # CLDR's currencySpacing, which Babel leaves out: a symbol of letters stands apart from the digits.
    return re.sub(r"([A-Za-z])(\d)", "\\1\u00a0\\2", text)


def datetime_text(moment: datetime, zone: ZoneInfo, locale: str, *, named: bool = False) -> str:
    """`mardi 3 mars 2026 à 18:00`, followed by the zone's name in brackets when `named`."""
    text = format_datetime(moment.astimezone(zone), _DATETIME[locale], tzinfo=zone, locale=_region(locale))
    return f"{text} ({zone_text(zone, locale)})" if named else text


def date_text(moment: datetime, zone: ZoneInfo, locale: str) -> str:
    """`mardi 3 mars 2026`."""
    return format_date(moment.astimezone(zone), _DATE[locale], locale=_region(locale))


def short_date_text(moment: datetime, zone: ZoneInfo, locale: str) -> str:
    """`3 mars 2026`, `22 sept. 2026`: for tables."""
    return format_date(moment.astimezone(zone), _SHORT_DATE, locale=_region(locale))


def month_text(day: date, locale: str) -> str:
    """`mars 2026`, `March 2026`: the month that the day is in."""
    return format_date(day, _MONTH, locale=_region(locale))


def time_text(moment: datetime, zone: ZoneInfo, locale: str) -> str:
    """`18:00`."""
    return format_time(moment.astimezone(zone), _TIME[locale], tzinfo=zone, locale=_region(locale))


def time_left_text(left: timedelta, locale: str) -> str:
    """`04:05`, `1:04:05`, `2 j 01:04:05`: as countdowns in the page go on with it; nothing left is `00:00`."""
    seconds = max(0, math.ceil(left.total_seconds()))
    hours, rest = divmod(seconds, 3600)
    clock = f"{rest // 60:02}:{rest % 60:02}"
    if hours < 24:
        return f"{hours}:{clock}" if hours else clock
    days = format_unit(hours // 24, "duration-day", length="short", locale=_region(locale))
    return f"{days} {hours % 24:02}:{clock}"


def zone_text(zone: ZoneInfo, locale: str) -> str:
    """`heure de Paris`, `Paris time`; UTC is `UTC`."""
    if zone.key == "UTC":
        return "UTC"
    city = get_timezone_location(zone, locale=_region(locale), return_city=True)
    return _CITY_TIME[locale].format(city=city)


def _region(locale: str) -> str:
    return {"fr": "fr_FR", "en": "en_GB"}[locale]
