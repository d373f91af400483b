from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "callastar.webhooks"
    label = "webhooks"
