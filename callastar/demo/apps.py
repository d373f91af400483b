from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "callastar.demo"
    label = "demo"
