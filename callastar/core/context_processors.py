"""What every template may say about the site."""

from django.conf import settings
from django.http import HttpRequest

from callastar.core.viewer import viewer_zone


def site(request: HttpRequest) -> dict[str, object]:
    """Name, address and support of the site, and the zone that times are shown in."""
    return {
        "SITE_NAME": "Call a Star",
        "SITE_URL": settings.SITE_URL,
        "SUPPORT_EMAIL": settings.SUPPORT_EMAIL,
        "viewer_zone": viewer_zone(request).key,
    }
