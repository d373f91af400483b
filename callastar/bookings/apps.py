from django.apps import AppConfig


class BookingsConfig(AppConfig):
    name = "callastar.bookings"
    label = "bookings"

    def ready(self) -> None:
        from callastar.bookings import mail_checks  # noqa: F401, PLC0415 - the models are loaded only now
