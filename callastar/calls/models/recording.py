"""Recordings: only if both consent, each time; kept for 30 days."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from callastar.calls.models.call import Call, Room
from callastar.core import clock
from callastar.core.ids import new_id


class RecordingConsent(models.Model):
    """One person's consent to the recording of one call; taken back, it stops what runs."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="consents")
    person_id = models.UUIDField()
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["call", "person_id"], name="one_consent_each"),)

    def __str__(self) -> str:
        return f"{self.person_id} {self.given_at:%H:%M:%S}"


class RecordingState(models.TextChoices):
    """Where a recording stands."""

    RUNNING = "RUNNING", _("Running")
    PROCESSING = "PROCESSING", _("Being prepared")
    READY = "READY", _("Ready")
    FAILED = "FAILED", _("Failed")
    DELETED = "DELETED", _("Deleted")


class Recording(models.Model):
    """A recording at the host, known by the host's id."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="recordings")
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="+")
    provider_id = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=10, choices=RecordingState, default=RecordingState.RUNNING)
    started_at = models.DateTimeField()
    duration_seconds = models.PositiveIntegerField(null=True, blank=True)
    ready_at = models.DateTimeField(null=True, blank=True)
    delete_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("started_at", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=RecordingState.values), name="recording_state_known"
            ),
        )
        indexes = (
            models.Index(fields=["delete_at"], name="recordings_to_delete", condition=~Q(state="DELETED")),
        )

    def __str__(self) -> str:
        return f"{self.provider_id} {self.state}"

    def is_due(self, now: datetime) -> bool:
        """Whether its time has come: nobody gets it any more, and it is to be deleted."""
        return self.delete_at is not None and self.delete_at <= now

    def is_available(self, now: datetime) -> bool:
        """Whether its file can be had."""
        return self.state == RecordingState.READY and not self.is_due(now)
