from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "callastar.core"
    label = "core"
