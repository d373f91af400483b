"""Refunds: money that goes back to a fan."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from callastar.core import clock
from callastar.core.ids import new_id
from callastar.payments.models.payment import Payment


class RefundStatus(models.TextChoices):
    """Where a refund stands."""

    PENDING = "PENDING", _("Pending")
    SUCCEEDED = "SUCCEEDED", _("Refunded")
    FAILED = "FAILED", _("Failed")
    CANCELED = "CANCELED", _("Canceled")


class RefundCause(models.TextChoices):
    """Why money goes back."""

    LATE_PAYMENT = "LATE_PAYMENT", _("Paid too late")
    WRONG_AMOUNT = "WRONG_AMOUNT", _("Wrong amount")
    FAN_CANCELLED = "FAN_CANCELLED", _("Cancelled by the fan")
    CREATOR_CANCELLED = "CREATOR_CANCELLED", _("Cancelled by the creator")
    OUTCOME = "OUTCOME", _("The call did not take place")
    ADMIN = "ADMIN", _("Decided by Call a Star")
    PROVIDER = "PROVIDER", _("Made at Stripe")  # outside this product


class Refund(models.Model):
    """Money that goes back to a fan."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    amount = models.PositiveIntegerField(help_text="minor units")
    status = models.CharField(max_length=9, choices=RefundStatus, default=RefundStatus.PENDING)
    cause = models.CharField(max_length=18, choices=RefundCause)
    reason = models.CharField(max_length=300, blank=True, help_text="what an admin, fan or creator said")
    from_platform = models.BooleanField(
        default=False,
        help_text="paid from the platform's balance: the creator's account could not give it back",
    )
    actor_kind = models.CharField(max_length=8, default="SYSTEM")
    actor_id = models.UUIDField(null=True, blank=True)
    stripe_refund_id = models.CharField(max_length=64, blank=True)
    failure_reason = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    first_asked_at = models.DateTimeField(
        null=True, blank=True, help_text="its key at Stripe is good for a day from then; empty: never asked"
    )
    asked_at = models.DateTimeField(null=True, blank=True, help_text="when Stripe was asked last")
    refused_at = models.DateTimeField(
        null=True, blank=True, help_text="since when Stripe does not answer for a refund that it had made"
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["stripe_refund_id"],
                condition=~Q(stripe_refund_id=""),
                name="one_row_per_stripe_refund",
            ),
            models.UniqueConstraint(
                fields=["payment"], condition=Q(cause="LATE_PAYMENT"), name="one_late_payment_refund"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_is_positive"),
            models.CheckConstraint(condition=Q(status__in=RefundStatus.values), name="refund_status_known"),
        )
        indexes = (
            models.Index(fields=["created_at"], name="refunds_pending", condition=Q(status="PENDING")),
        )

    def __str__(self) -> str:
        return f"{self.amount} {self.status}"
