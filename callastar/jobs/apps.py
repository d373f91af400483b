from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "callastar.jobs"
    label = "jobs"
