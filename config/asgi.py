"""ASGI entry point: streams of live events are answered in front of Django, everything else by Django."""

import os
import warnings
from typing import cast

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# WhiteNoise hands files over as ordinary iterators; Django reads them in a thread, which is what we want.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
django_application = get_asgi_application()

# Models can be imported only once Django is set up.
from django.conf import settings  # noqa: E402

from callastar.core.admission import AtMost  # noqa: E402
from callastar.live.stream import Application, LiveStreams  # noqa: E402
from callastar.offers.queries import offer_state  # noqa: E402

pages = AtMost(cast(Application, django_application), limit=settings.REQUESTS_AT_ONCE)
application = LiveStreams(pages, offer_snapshot=offer_state)
