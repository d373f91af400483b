"""Disputes: a fan's bank takes money back, and decides who keeps it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from callastar.core import clock
from callastar.core.ids import new_id
from callastar.payments.models.payment import Payment


class DisputeStatus(models.TextChoices):
    """Stripe's words (https://docs.stripe.com/api/disputes/object#dispute_object-status)."""

    WARNING_NEEDS_RESPONSE = "warning_needs_response", _("Inquiry: answer needed")
    WARNING_UNDER_REVIEW = "warning_under_review", _("Inquiry under review")
    WARNING_CLOSED = "warning_closed", _("Inquiry closed")
    NEEDS_RESPONSE = "needs_response", _("Answer needed")
    UNDER_REVIEW = "under_review", _("Under review")
    PREVENTED = "prevented", _("Prevented")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")

    @property
    def is_open(self) -> bool:
        """Whether nobody knows yet who keeps the money."""
        return self in OPEN_DISPUTES

    @property
    def may_be_answered(self) -> bool:
        """Whether evidence can still be sent."""
        return self in {self.NEEDS_RESPONSE, self.WARNING_NEEDS_RESPONSE}


OPEN_DISPUTES = (
    DisputeStatus.WARNING_NEEDS_RESPONSE,
    DisputeStatus.WARNING_UNDER_REVIEW,
    DisputeStatus.NEEDS_RESPONSE,
    DisputeStatus.UNDER_REVIEW,
)


class Dispute(models.Model):
    """A dispute of a payment, as Stripe tells it, and what of it the creator bears."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="disputes")
    stripe_dispute_id = models.CharField(max_length=64, unique=True)
    amount = models.PositiveIntegerField(help_text="minor units")
    status = models.CharField(max_length=24, choices=DisputeStatus)
    reason = models.CharField(max_length=64, help_text="Stripe's word")
    share = models.PositiveIntegerField(
        null=True, blank=True, help_text="the creator's part in minor units, once the money was withdrawn"
    )
    evidence_due_by = models.DateTimeField(null=True, blank=True)
    evidence = models.JSONField(
        default=dict, blank=True, help_text="what was gathered, by Stripe's names of fields"
    )
    evidence_submitted_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(
        null=True, blank=True, help_text="when Stripe last said what became of it"
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(status__in=DisputeStatus.values), name="dispute_status_known"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="dispute_is_positive"),
        )
        indexes = (
            models.Index(
                fields=["evidence_due_by"], name="disputes_open", condition=Q(status__in=OPEN_DISPUTES)
            ),
            models.Index(fields=["-opened_at"], name="disputes_by_time"),
        )

    def __str__(self) -> str:
        return f"{self.stripe_dispute_id} {self.status}"


class MoveStatus(models.TextChoices):
    """Where a movement between platform and creator stands that this product asked Stripe for."""

    PENDING = "PENDING", _("Pending")
    SUCCEEDED = "SUCCEEDED", _("Done")
    FAILED = "FAILED", _("Failed")  # given up: it waits for an admin, or something else took its place


class Restitution(models.Model):
    """What a won dispute gives back to the creator: a transfer from the platform's balance."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dispute = models.OneToOneField(Dispute, on_delete=models.PROTECT, related_name="restitution")
    amount = models.PositiveIntegerField(help_text="minor units")
    status = models.CharField(max_length=9, choices=MoveStatus, default=MoveStatus.PENDING)
    stripe_transfer_id = models.CharField(max_length=64, blank=True)
    failure_reason = models.CharField(max_length=200, blank=True)
    claimed_at = models.DateTimeField(
        default=clock.now, help_text="its key at Stripe is good for a day from then"
    )
    tries = models.PositiveSmallIntegerField(default=1, help_text="raised when an admin tries again")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(amount__gt=0), name="restitution_is_positive"),
            models.UniqueConstraint(
                fields=["stripe_transfer_id"],
                condition=~Q(stripe_transfer_id=""),
                name="one_row_per_restitution",
            ),
        )
        indexes = (
            models.Index(fields=["created_at"], name="restitutions_pending", condition=Q(status="PENDING")),
        )

    def __str__(self) -> str:
        return f"{self.amount} {self.status}"
