from django.apps import AppConfig


class CallsConfig(AppConfig):
    name = "callastar.calls"
    label = "calls"
