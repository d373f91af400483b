from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "callastar.ledger"
    label = "ledger"
