"""Notifications: what happened, for one person; kept as a key and parameters, written out in the reader's language."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from callastar.core import clock
from callastar.core.ids import new_id


class NotificationType(models.TextChoices):
    """What a notification is about (NO-1); part of the API's contract."""

    BOOKING_CONFIRMED = "BOOKING_CONFIRMED"
    BOOKING_CANCELLED = "BOOKING_CANCELLED"
    CALL_REQUEST = "CALL_REQUEST"
    REVIEW_RECEIVED = "REVIEW_RECEIVED"
    PAYOUT_COMPLETED = "PAYOUT_COMPLETED"
    SYSTEM = "SYSTEM"
    PAYMENT_RECEIVED = "PAYMENT_RECEIVED"
    PAYOUT_REQUEST = "PAYOUT_REQUEST"
    PAYOUT_APPROVED = "PAYOUT_APPROVED"
    PAYOUT_FAILED = "PAYOUT_FAILED"
    REFUND_CREATED = "REFUND_CREATED"
    DISPUTE_CREATED = "DISPUTE_CREATED"
    DEBT_DEDUCTED = "DEBT_DEDUCTED"
    TRANSFER_FAILED = "TRANSFER_FAILED"
    DEBT_THRESHOLD_EXCEEDED = "DEBT_THRESHOLD_EXCEEDED"


class Notification(models.Model):
    """Something that one person is told. `params` are plain JSON; `texts` says what each type makes of them."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications", db_index=False
    )
    type = models.CharField(max_length=24, choices=NotificationType)
    params = models.JSONField(default=dict)
    link = models.CharField(max_length=200, blank=True, help_text="path of a page, without its language")
    dedupe_key = models.CharField(max_length=200, unique=True)
    read_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(type__in=NotificationType.values), name="notification_type_known"
            ),
        )
        indexes = (
            models.Index(fields=["recipient", "-created_at"], name="notifications_by_recipient"),
            # Asked for by every page of everybody: the unread are few, whatever the list has grown to.
            models.Index(fields=["recipient"], name="notifications_unread", condition=Q(read_at=None)),
        )

    def __str__(self) -> str:
        return f"{self.type} to {self.recipient_id}"

    @property
    def is_read(self) -> bool:
        """Whether the person has opened it or said that they have seen it."""
        return self.read_at is not None
