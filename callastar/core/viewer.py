"""The viewer's time zone: the account's when signed in, else what the browser said, else the platform's."""

from zoneinfo import ZoneInfo

from django.http import HttpRequest

from callastar.core.timezones import known_zones, platform_zone

ZONE_COOKIE = "tz"


def viewer_zone(request: HttpRequest) -> ZoneInfo:
    """The zone that this request's times are shown in."""
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return ZoneInfo(user.timezone)
    told = request.COOKIES.get(ZONE_COOKIE, "")
    return ZoneInfo(told if told in known_zones() else platform_zone())
