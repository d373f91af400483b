from django.apps import AppConfig


class LiveConfig(AppConfig):
    name = "callastar.live"
    label = "live"
