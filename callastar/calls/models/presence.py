"""Who was in which room, from when to when; and the built-in room's mailbox."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from callastar.calls.models.call import Call, Room
from callastar.core import clock
from callastar.core.ids import new_id


class Ended(models.TextChoices):
    """How we know that somebody left."""

    LEFT = "left", _("left")
    LOST = "lost", _("connection lost")
    REPLACED = "replaced", _("joined on another device")
    MEETING = "meeting", _("the meeting ended")
    ASKED = "asked", _("as the host says")


class Presence(models.Model):
    """One session of one person in a room. Who it is comes from our token, never from what was typed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="presences")
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="presences")
    person_id = models.UUIDField()
    session = models.CharField(max_length=64, help_text="the host's name for it")
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)
    ended = models.CharField(max_length=8, choices=Ended, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True, help_text="last sign of life, in built-in rooms")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("joined_at", "id")
        constraints = (
            models.UniqueConstraint(fields=["room", "session"], name="session_once"),
            models.CheckConstraint(
                condition=Q(left_at=None) | Q(left_at__gte=F("joined_at")), name="joined_before_left"
            ),
            # Only where we see them ourselves: what Daily says may come in any order.
            models.UniqueConstraint(
                fields=["room", "person_id"],
                condition=Q(left_at=None, seen_at__isnull=False),
                name="one_live_session",
            ),
        )
        indexes = (
            models.Index(fields=["call", "joined_at"], name="presences_by_call"),
            models.Index(fields=["room", "seen_at"], name="presences_open", condition=Q(left_at=None)),
        )

    def __str__(self) -> str:
        return f"{self.person_id} {self.joined_at:%H:%M:%S}"


class Signal(models.Model):
    """A message from one browser to the other, kept until it is fetched: it survives any process."""

    id = models.BigAutoField(primary_key=True)
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="signals")
    sender = models.ForeignKey(Presence, on_delete=models.CASCADE, related_name="+")
    to = models.ForeignKey(Presence, on_delete=models.CASCADE, related_name="+", db_index=False)
    payload = models.JSONField()
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = (
            models.Index(fields=["to", "id"], name="signals_by_reader"),
            models.Index(fields=["created_at"], name="signals_by_age"),
        )

    def __str__(self) -> str:
        return f"{self.pk}"
