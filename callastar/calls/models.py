"""Calls: the room of a booking, at whichever provider."""

from django.db import models
from django.db.models import Q

from callastar.core import clock
from callastar.core.ids import new_id


class Provider(models.TextChoices):
    """Who hosts the room."""

    DAILY = "daily"


class RoomState(models.TextChoices):
    """Where the room stands."""

    WANTED = "WANTED"
    READY = "READY"
    FAILED = "FAILED"


class Call(models.Model):
    """The call of one confirmed booking. Its room has one name from the start: making it twice is impossible."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    title = models.CharField(max_length=120)
    fan_id = models.UUIDField()
    creator_user_id = models.UUIDField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    provider = models.CharField(max_length=8, choices=Provider, default=Provider.DAILY)
    state = models.CharField(max_length=6, choices=RoomState, default=RoomState.WANTED)
    room_name = models.CharField(max_length=128, unique=True)
    room_url = models.URLField(max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    ready_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(state="READY") | ~Q(room_url=""), name="ready_room_has_url"),
        )
        indexes = (
            models.Index(fields=["starts_at"], name="calls_without_room", condition=Q(state="WANTED")),
        )

    def __str__(self) -> str:
        return f"{self.room_name} {self.state}"
