"""The verified inbox of providers' events."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from callastar.core import clock
from callastar.core.ids import new_id


class EventStatus(models.TextChoices):
    """Where an event stands. `PARKED` waits for an admin."""

    RECEIVED = "received", _("Received")
    PROCESSED = "processed", _("Processed")
    IGNORED = "ignored", _("Ignored")
    PARKED = "parked", _("Parked")


class WebhookEvent(models.Model):
    """One verified event, stored once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    provider = models.CharField(max_length=8)
    event_id = models.CharField(max_length=128)
    type = models.CharField(max_length=80)
    account = models.CharField(max_length=64, blank=True, help_text="connected account, for Connect events")
    payload = models.JSONField(help_text="emptied when it is not kept any longer")
    occurred_at = models.DateTimeField(help_text="when the provider says it happened")
    received_at = models.DateTimeField(default=clock.now)
    status = models.CharField(max_length=9, choices=EventStatus, default=EventStatus.RECEIVED)
    attempts = models.PositiveSmallIntegerField(default=0)
    reruns = models.PositiveSmallIntegerField(
        default=0, help_text="how often it was run again by itself after it was parked"
    )
    error = models.TextField(blank=True)
    processed_at = models.DateTimeField(null=True, blank=True)
    payload_forgotten_at = models.DateTimeField(
        null=True, blank=True, help_text="since when nobody knows any more what it said"
    )

    class Meta:
        constraints = (models.UniqueConstraint(fields=["provider", "event_id"], name="event_stored_once"),)
        indexes = (
            models.Index(fields=["provider", "occurred_at"], name="events_by_time"),
            models.Index(
                fields=["received_at"], name="events_waiting", condition=Q(status__in=["received", "parked"])
            ),
            models.Index(
                fields=["received_at"], name="events_with_payloads", condition=Q(payload_forgotten_at=None)
            ),
        )

    def __str__(self) -> str:
        return f"{self.provider} {self.type}"


class CatchUp(models.Model):
    """How far a provider's list of events has been read to its end.

    What was delivered last does not say so: newer events come in while older ones are still missing.
    """

    provider = models.CharField(primary_key=True, max_length=8)
    read_until = models.DateTimeField(help_text="when the newest event of that list happened")

    def __str__(self) -> str:
        return f"{self.provider} until {self.read_until:%Y-%m-%d %H:%M:%S}"
