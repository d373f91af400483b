from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "callastar.accounts"
    label = "accounts"

    def ready(self) -> None:
        from callastar.accounts import audit  # noqa: PLC0415 - the models are loaded only now

        audit.connect()
