from django.apps import AppConfig


class BookingsConfig(AppConfig):
    name = "callastar.bookings"
    label = "bookings"
