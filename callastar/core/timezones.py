"""IANA time zones that people may choose."""

from functools import cache
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


@cache
def known_zones() -> tuple[str, ...]:
    """Region/City names and UTC, sorted; legacy aliases such as `EST` or `Etc/GMT+1` are left out."""
    regions = (
        "Africa",
        "America",
        "Antarctica",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
    )
    zones = {zone for zone in available_timezones() if zone.split("/")[0] in regions and "/" in zone}
    return ("UTC", *sorted(zones))


def platform_zone() -> str:
    """The zone of people who have not said theirs."""
    zone: str = settings.PLATFORM_TIME_ZONE
    return zone


def is_time_zone(value: str) -> None:
    """Validator: refuse what is not a known IANA zone."""
    if value not in known_zones():
        raise ValidationError(_("This is not a known time zone."), code="unknown_time_zone")
