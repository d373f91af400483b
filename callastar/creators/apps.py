from django.apps import AppConfig


class CreatorsConfig(AppConfig):
    name = "callastar.creators"
    label = "creators"
