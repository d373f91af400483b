from django.apps import AppConfig


class BackofficeConfig(AppConfig):
    name = "callastar.backoffice"
    label = "backoffice"
