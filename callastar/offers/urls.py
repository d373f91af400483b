"""Addresses of the studio's offers, and of the pages about creators that show their offers."""

from django.urls import path

from callastar.offers.views import public, studio

app_name = "offers"
urlpatterns = [
    path("dashboard/creator/offers", studio.offers, name="studio"),
    path("dashboard/creator/offers/new", studio.new, name="new"),
    path("dashboard/creator/offers/<uuid:offer_id>", studio.edit, name="edit"),
    path("dashboard/creator/offers/<uuid:offer_id>/cancel", studio.cancel, name="cancel"),
]

# Named with those of the creators: `config/urls.py` joins them.
creator_pages = [
    path("creators", public.creators, name="list"),
    path("creators/<slug:slug>", public.creator, name="detail"),
    path("dashboard/creator", studio.home, name="studio"),
]
