from django.apps import AppConfig


class OffersConfig(AppConfig):
    name = "callastar.offers"
    label = "offers"
