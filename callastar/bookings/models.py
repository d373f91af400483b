"""Bookings: a fan's claim on an offer, from the hold to the call."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from callastar.calls.models import Call
from callastar.core import clock
from callastar.core.ids import new_id
from callastar.creators.models import Creator
from callastar.offers.models import CallOffer
from callastar.payments.models import Payment


class BookingStatus(models.TextChoices):
    """States of a booking; `bookings.rules` says which may follow which."""

    PENDING = "PENDING", _("Awaiting payment")
    CONFIRMED = "CONFIRMED", _("Confirmed")
    COMPLETED = "COMPLETED", _("Completed")
    CANCELLED = "CANCELLED", _("Cancelled")


class CancelReason(models.TextChoices):
    """Why a booking ended before its call."""

    HOLD_LAPSED = "hold_lapsed", _("Not paid in time")
    PAYMENT_CANCELED = "payment_canceled", _("Payment cancelled")
    FAN = "fan", _("Given up by the fan")
    CREATOR = "creator", _("Cancelled by the creator")
    ADMIN = "admin", _("Cancelled by the platform")


class Outcome(models.TextChoices):
    """What became of a call; `calls.attendance` says how it is found out, `bookings.rules` what it means for money."""

    HELD = "HELD", _("Held")
    FAN_NO_SHOW = "FAN_NO_SHOW", _("The fan did not come")
    CREATOR_NO_SHOW = "CREATOR_NO_SHOW", _("The creator did not come")
    NOBODY_CAME = "NOBODY_CAME", _("Nobody came")
    TECHNICAL = "TECHNICAL", _("Technical problem")
    UNKNOWN = "UNKNOWN", _("Not known")


class Booking(models.Model):
    """One fan's booking of one offer."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    offer = models.ForeignKey(CallOffer, on_delete=models.PROTECT, related_name="bookings")
    # The indexes below begin with creator and fan: those that keys get by themselves would only be written.
    creator = models.ForeignKey(Creator, on_delete=models.PROTECT, related_name="bookings", db_index=False)
    fan = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="bookings", db_index=False
    )
    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="+")
    call = models.OneToOneField(Call, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    status = models.CharField(max_length=9, choices=BookingStatus, default=BookingStatus.PENDING)
    # The offer as it was when booked: once it is free again, its creator may change it.
    offer_title = models.CharField(max_length=120)
    starts_at = models.DateTimeField()
    duration_minutes = models.PositiveSmallIntegerField()
    hold_expires_at = models.DateTimeField()
    terms = models.JSONField(help_text="the cancellation policy that the fan accepted")
    cancel_reason = models.CharField(max_length=16, choices=CancelReason, blank=True)
    outcome = models.CharField(max_length=15, choices=Outcome, blank=True)
    outcome_at = models.DateTimeField(null=True, blank=True)
    outcome_by = models.UUIDField(
        null=True, blank=True, help_text="the admin who decided; empty: the call log"
    )
    outcome_final_at = models.DateTimeField(null=True, blank=True)
    refund_due_at = models.DateTimeField(
        null=True, blank=True, help_text="when the fan gets everything back, unless somebody decides before"
    )
    is_test = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    moved_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="when the present start was agreed, if that was after the confirmation",
    )
    # The start that both were reminded of: at another one they are reminded again.
    reminded_24h_for = models.DateTimeField(null=True, blank=True)
    reminded_15m_for = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["offer"], condition=~Q(status="CANCELLED"), name="one_live_booking_per_offer"
            ),
            models.CheckConstraint(condition=Q(status__in=BookingStatus.values), name="booking_status_known"),
            models.CheckConstraint(
                condition=Q(status="CANCELLED", cancelled_at__isnull=False) & ~Q(cancel_reason="")
                | ~Q(status="CANCELLED") & Q(cancel_reason="", cancelled_at__isnull=True),
                name="cancelled_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", outcome_at__isnull=True, outcome_final_at__isnull=True)
                | Q(outcome__in=Outcome.values, outcome_at__isnull=False),
                name="outcome_with_its_time",
            ),
        )
        indexes = (
            models.Index(fields=["fan", "-starts_at"], name="bookings_by_fan"),
            models.Index(fields=["creator", "-starts_at"], name="bookings_by_creator"),
            models.Index(fields=["status", "starts_at"], name="bookings_by_status"),
            models.Index(fields=["starts_at"], name="bookings_by_start"),
            models.Index(fields=["created_at"], name="bookings_by_created"),
            models.Index(fields=["is_test"], name="bookings_test", condition=Q(is_test=True)),
            models.Index(fields=["hold_expires_at"], name="bookings_held", condition=Q(status="PENDING")),
            *(
                models.Index(
                    fields=["starts_at"],
                    name=f"bookings_remind_{kind}",
                    condition=Q(status="CONFIRMED") & ~Q(**{f"reminded_{kind}_for": F("starts_at")}),
                )
                for kind in ("24h", "15m")
            ),
            models.Index(
                fields=["completed_at"],
                name="bookings_without_outcome",
                condition=Q(status="COMPLETED", outcome=""),
            ),
            models.Index(
                fields=["completed_at"],
                name="bookings_not_final",
                condition=Q(status="COMPLETED", outcome_final_at=None),
            ),
            models.Index(
                fields=["refund_due_at"], name="bookings_to_refund", condition=Q(refund_due_at__isnull=False)
            ),
        )

    def __str__(self) -> str:
        return f"{self.id} {self.status}"

    @property
    def ends_at(self) -> datetime:
        """When the call ends."""
        return self.offer.ends_at


class Transition(models.Model):
    """One change of a booking's state: the timeline that both sides see."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="transitions")
    from_status = models.CharField(max_length=9, choices=BookingStatus, blank=True)
    to_status = models.CharField(max_length=9, choices=BookingStatus)
    reason = models.CharField(max_length=32, blank=True)
    actor_kind = models.CharField(max_length=8)
    actor_id = models.UUIDField(null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "id")

    def __str__(self) -> str:
        return f"{self.from_status} → {self.to_status}"


class Contest(models.Model):
    """One side does not agree with the outcome: an admin decides."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="contests")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    contested_outcome = models.CharField(max_length=15, choices=Outcome)
    text = models.TextField(max_length=2000)
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.UUIDField(null=True, blank=True)
    answer = models.TextField(max_length=2000, blank=True)

    class Meta:
        ordering = ("created_at", "id")
        constraints = (models.UniqueConstraint(fields=["booking", "person"], name="one_contest_each"),)
        indexes = (models.Index(fields=["created_at"], name="contests_open", condition=Q(decided_at=None)),)

    def __str__(self) -> str:
        return f"{self.booking_id} {self.contested_outcome}"
