"""The email log: every mail is a row before it is sent."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from callastar.core import clock
from callastar.core.ids import new_id


class EmailStatus(models.TextChoices):
    """Where a mail stands."""

    PENDING = "pending"
    SENT = "sent"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    FAILED = "failed"
    SKIPPED = "skipped"


class EmailLog(models.Model):
    """One mail to one person. Rendered once, at its first try; tried again with the same bytes."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dedupe_key = models.CharField(max_length=200, unique=True)
    template = models.CharField(max_length=48)
    locale = models.CharField(max_length=2)
    time_zone = models.CharField(max_length=64)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    to = models.EmailField(max_length=254)
    context = models.JSONField(default=dict, help_text="ids and plain values the template is rendered from")
    secret_context = models.TextField(
        blank=True, help_text="signed, encrypted at rest until sent: links with a secret"
    )
    metadata = models.JSONField(default=dict, help_text="booking id and the like, to find it by")
    subject = models.CharField(max_length=300, blank=True)
    html = models.TextField(blank=True)
    text = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=EmailStatus, default=EmailStatus.PENDING)
    provider_id = models.CharField(max_length=128, blank=True)
    error = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=["to", "created_at"], name="emails_by_recipient"),
            models.Index(fields=["status", "created_at"], name="emails_by_status"),
            models.Index(fields=["created_at"], name="emails_by_created"),
            models.Index(fields=["provider_id"], name="emails_by_provider_id", condition=~Q(provider_id="")),
        )

    def __str__(self) -> str:
        return f"{self.template} to {self.to}: {self.status}"
