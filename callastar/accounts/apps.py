from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "callastar.accounts"
    label = "accounts"
