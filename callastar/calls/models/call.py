"""Calls and their rooms."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from callastar.core import clock
from callastar.core.ids import new_id


class Provider(models.TextChoices):
    """Who hosts a room."""

    DAILY = "daily", "Daily"
    BUILT_IN = "builtin", _("Built-in")


class RoomState(models.TextChoices):
    """Where a room stands. `FAILED`: its host refuses it for good. `GONE`: deleted, or never to be made any more."""

    WANTED = "WANTED", _("Wanted")
    READY = "READY", _("Ready")
    FAILED = "FAILED", _("Failed")
    GONE = "GONE", _("Gone")


class Call(models.Model):
    """The call of one confirmed booking: who, when, and the room that it has now."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    title = models.CharField(max_length=120)
    fan_id = models.UUIDField()
    creator_user_id = models.UUIDField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    room = models.ForeignKey("Room", on_delete=models.SET_NULL, related_name="+", null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(
        null=True, blank=True, help_text="when the host was last asked who was in the room"
    )
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = (
            models.Index(fields=["starts_at"], name="calls_by_start"),
            models.Index(fields=["ends_at"], name="calls_by_end"),
            models.Index(fields=["ends_at"], name="calls_with_room", condition=Q(room__isnull=False)),
        )

    def __str__(self) -> str:
        return f"{self.title} {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def room_url(self) -> str:
        """The address of the present room; empty while there is none."""
        return self.room.url if self.room and self.room.state == RoomState.READY else ""

    @property
    def people(self) -> dict[str, str]:
        """Who takes part, by the ids in their tokens: `fan` or `creator`."""
        return {str(self.fan_id): "fan", str(self.creator_user_id): "creator"}


class Room(models.Model):
    """A room that a call has or had, under a name that makes it unique; the row outlives the room."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="rooms")
    provider = models.CharField(max_length=8, choices=Provider, default=Provider.DAILY)
    state = models.CharField(max_length=6, choices=RoomState, default=RoomState.WANTED)
    name = models.CharField(max_length=128, unique=True)
    url = models.URLField(max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    troubled_since = models.DateTimeField(
        null=True, blank=True, help_text="the first failure since the host last did what it was asked"
    )
    created_at = models.DateTimeField(default=clock.now)
    ready_at = models.DateTimeField(null=True, blank=True)
    unwanted_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="from when it may be deleted: replaced, cancelled, or over for an hour",
    )
    gone_at = models.DateTimeField(null=True, blank=True)
    delete_attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(state="READY") | ~Q(url=""), name="ready_room_has_address"),
            models.CheckConstraint(condition=Q(state__in=RoomState.values), name="room_state_known"),
            models.CheckConstraint(condition=Q(provider__in=Provider.values), name="room_provider_known"),
        )
        indexes = (
            models.Index(fields=["created_at"], name="rooms_wanted", condition=Q(state="WANTED")),
            models.Index(fields=["unwanted_at"], name="rooms_to_delete", condition=Q(gone_at=None)),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.state}"


class CallEvent(models.Model):
    """Something that happened around a call besides people coming and going."""

    class Kind(models.TextChoices):
        """What happened."""

        ROOM_READY = "ROOM_READY", _("Room ready")
        ROOM_FAILED = "ROOM_FAILED", _("Room could not be made")
        ROOM_REPLACED = "ROOM_REPLACED", _("Another room")
        ROOM_DELETED = "ROOM_DELETED", _("Room deleted")
        LET_IN = "LET_IN", _("Token given out")
        SUPPORT = "SUPPORT", _("Staff entered")
        MEETING_STARTED = "MEETING_STARTED", _("Meeting started")
        MEETING_ENDED = "MEETING_ENDED", _("Meeting ended")
        CONNECTION_LOST = "CONNECTION_LOST", _("Connection lost")
        CONNECTION_BACK = "CONNECTION_BACK", _("Connection back")
        POOR_CONNECTION = "POOR_CONNECTION", _("Poor connection")
        DEVICE_PROBLEM = "DEVICE_PROBLEM", _("Camera or microphone problem")
        RECORDING = "RECORDING", _("Recording")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="events")
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="+", null=True, blank=True)
    kind = models.CharField(max_length=16, choices=Kind)
    person_id = models.UUIDField(null=True, blank=True)
    at = models.DateTimeField()
    details = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("at", "id")
        indexes = (models.Index(fields=["call", "at"], name="call_events_by_time"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%H:%M:%S}"
