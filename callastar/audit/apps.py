from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "callastar.audit"
    label = "audit"
