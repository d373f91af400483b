from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "callastar.payments"
    label = "payments"
