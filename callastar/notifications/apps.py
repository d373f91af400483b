from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "callastar.notifications"
    label = "notifications"
