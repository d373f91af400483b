"""Table of contents of all addresses."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

from callastar.core import views

urlpatterns = [
    path("", views.root, name="root"),
    path("healthz", views.alive),
    path("readyz", views.ready),
    *i18n_patterns(
        path("", include("callastar.accounts.urls")),
        path("account/", include("allauth.urls")),
    ),
]
