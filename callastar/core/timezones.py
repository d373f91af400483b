"""IANA time zones that people may choose."""

from functools import cache
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

DEFAULT_ZONE = "Europe/Paris"


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


def is_time_zone(value: str) -> None:
    """Validator: refuse what is not a known IANA zone."""
    if value not in known_zones():
        raise ValidationError(_("This is not a known time zone."), code="unknown_time_zone")
