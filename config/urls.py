"""Table of contents of all addresses."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

from callastar.backoffice.urls import urls as back_office
from callastar.calls.views import to_room
from callastar.core import media, views
from callastar.creators import urls as creators
from callastar.jobs.views import workers_alive
from callastar.offers import urls as offers
from callastar.offers.views import public
from callastar.webhooks.views import daily_webhook, resend_webhook, stripe_webhook
from config.api import api

site_pages = [path("", public.landing, name="landing")]
creator_pages = [*creators.urlpatterns, *offers.creator_pages]

urlpatterns = [
    path("", views.root, name="root"),
    path("healthz", views.alive),
    path("readyz", views.ready),
    path("healthz/workers", workers_alive),
    path("api/payments/webhook", stripe_webhook, name="stripe-webhook"),
    path("api/daily/webhook", daily_webhook, name="daily-webhook"),
    path("api/email/webhook", resend_webhook, name="email-webhook"),
    path("api/", api.urls),
    path("media/<path:name>", media.serve),
    path("room/<slug:name>", to_room),
    *i18n_patterns(
        path("", include((site_pages, "core"))),
        path("", include((creator_pages, "creators"))),
        path("", include("callastar.offers.urls")),
        path("", include("callastar.bookings.urls")),
        path("", include("callastar.bookings.call_urls")),
        path("", include("callastar.calls.urls")),
        path("", include("callastar.payouts.urls")),
        path("", include("callastar.notifications.urls")),
        path("", include("callastar.mail.urls")),
        path("", include("callastar.accounts.urls")),
        path("account/", include("allauth.urls")),
        path("dashboard/admin/", back_office),
    ),
]
