from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "callastar.mail"
    label = "mail"
