"""The system log: what support and auditors ask about later."""

from django.db import models

from callastar.core import clock
from callastar.core.ids import new_id


class Level(models.TextChoices):
    """How serious an entry is; decides how long it is kept."""

    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"
    CRITICAL = "CRITICAL"


class ActorKind(models.TextChoices):
    """Who did it."""

    USER = "USER"
    CREATOR = "CREATOR"
    ADMIN = "ADMIN"
    SYSTEM = "SYSTEM"
    GUEST = "GUEST"


class LogEntry(models.Model):
    """One thing that happened. English; never a password, token, card or full payload."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    level = models.CharField(max_length=8, choices=Level)
    type = models.CharField(max_length=48)
    actor_kind = models.CharField(max_length=8, choices=ActorKind)
    actor_id = models.UUIDField(null=True, blank=True)
    message = models.TextField()
    metadata = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name_plural = "log entries"
        indexes = (
            models.Index(fields=["level", "created_at"], name="log_by_level"),
            models.Index(fields=["type", "created_at"], name="log_by_type"),
            models.Index(fields=["actor_id", "created_at"], name="log_by_actor"),
        )

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M:%S} {self.level} {self.type}"
