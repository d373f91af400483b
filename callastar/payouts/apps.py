from django.apps import AppConfig


class PayoutsConfig(AppConfig):
    name = "callastar.payouts"
    label = "payouts"
