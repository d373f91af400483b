"""Payments: what a fan paid for a booking, how it was split, where its money stands."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from callastar.core import clock
from callastar.core.ids import new_id
from callastar.core.money import Currency, Money


class PaymentStatus(models.TextChoices):
    """Where the money of a booking stands."""

    PENDING = "PENDING", _("Awaiting payment")
    PROCESSING = "PROCESSING", _("Payment in progress")
    SUCCEEDED = "SUCCEEDED", _("Paid")
    FAILED = "FAILED", _("Payment failed")
    REFUNDED = "REFUNDED", _("Refunded")
    PARTIALLY_REFUNDED = "PARTIALLY_REFUNDED", _("Partly refunded")
    DISPUTED = "DISPUTED", _("Disputed")

    @property
    def has_money(self) -> bool:
        """Whether the fan's money arrived (some of it may have gone back since)."""
        return self in {self.SUCCEEDED, self.REFUNDED, self.PARTIALLY_REFUNDED, self.DISPUTED}


class IntentState(models.TextChoices):
    """Where the intent at Stripe stands, as far as this side knows."""

    NONE = "NONE"
    OPENING = "OPENING"  # claimed: the call to Stripe may or may not have happened
    OPEN = "OPEN"  # exists and can take money
    PROCESSING = "PROCESSING"  # the fan has paid by a slow method; the money is on its way
    SUCCEEDED = "SUCCEEDED"
    CANCELED = "CANCELED"


TAKING_MONEY = (IntentState.OPENING, IntentState.OPEN)
UNSETTLED = (*TAKING_MONEY, IntentState.PROCESSING)


class Payment(models.Model):
    """The payment of one booking (`booking_id` is its key; bookings sit above payments and hold the relation)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    booking_id = models.UUIDField(unique=True)
    offer_id = models.UUIDField()
    creator_id = models.BigIntegerField()
    fan_id = models.UUIDField()
    amount = models.PositiveIntegerField(help_text="minor units")
    currency = models.CharField(max_length=3, choices=[(c.value, c.value) for c in Currency])
    platform_fee = models.PositiveIntegerField(help_text="commission, minor units")
    processing_fee = models.PositiveIntegerField(help_text="minor units")
    creator_amount = models.PositiveIntegerField(help_text="minor units")
    refunded_amount = models.PositiveIntegerField(default=0, help_text="minor units, refunds that succeeded")
    status = models.CharField(max_length=18, choices=PaymentStatus, default=PaymentStatus.PENDING)
    intent_state = models.CharField(max_length=10, choices=IntentState, default=IntentState.NONE)
    intent_id = models.CharField(max_length=64, blank=True)
    intent_attempt = models.PositiveSmallIntegerField(
        default=1, help_text="raised when Stripe refused for good"
    )
    intent_request = models.JSONField(default=dict, blank=True, help_text="parameters frozen when claimed")
    charge_id = models.CharField(max_length=64, blank=True)
    transfer_id = models.CharField(max_length=64, blank=True)
    transfer_status = models.CharField(max_length=16, blank=True)
    payout_id = models.UUIDField(null=True, blank=True, help_text="the payout that took it along last")
    payout_status = models.CharField(max_length=16, blank=True)
    payout_release_date = models.DateTimeField(null=True, blank=True)
    call_settled_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="when the call was over and its outcome final: nothing is paid out before",
    )
    payout_date = models.DateTimeField(null=True, blank=True)
    failure_code = models.CharField(max_length=64, blank=True)
    stripe_fee = models.IntegerField(
        null=True, blank=True, help_text="Stripe's real fee in minor units, once known"
    )
    stripe_fee_currency = models.CharField(max_length=3, blank=True)
    booked_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="when charge, transfer, fees and Stripe's fee were all in the journal",
    )
    is_test = models.BooleanField(default=False)
    paid_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["offer_id"],
                condition=Q(intent_state__in=TAKING_MONEY),
                name="one_open_intent_per_offer",
            ),
            models.UniqueConstraint(
                fields=["intent_id"], condition=~Q(intent_id=""), name="one_payment_per_intent"
            ),
            models.CheckConstraint(
                condition=Q(amount=F("platform_fee") + F("processing_fee") + F("creator_amount")),
                name="payment_parts_add_up",
            ),
            models.CheckConstraint(
                condition=Q(refunded_amount__lte=F("amount")), name="refunds_within_amount"
            ),
            models.CheckConstraint(condition=Q(currency__in=list(Currency)), name="payment_currency_known"),
            models.CheckConstraint(condition=Q(status__in=PaymentStatus.values), name="payment_status_known"),
        )
        indexes = (
            models.Index(fields=["payout_release_date"], name="payments_by_release"),
            models.Index(fields=["charge_id"], name="payments_by_charge", condition=~Q(charge_id="")),
            models.Index(fields=["creator_id", "-paid_at"], name="payments_by_creator"),
            models.Index(
                fields=["paid_at"],
                name="payments_unbooked",
                condition=Q(paid_at__isnull=False, booked_at__isnull=True),
            ),
            models.Index(
                fields=["created_at"],
                name="payments_unsettled",
                condition=Q(intent_state__in=UNSETTLED),
            ),
        )

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} {self.status}"

    @property
    def money(self) -> Money:
        """What the fan pays."""
        return Money(self.amount, Currency(self.currency))

    @property
    def application_fee(self) -> int:
        """What the platform keeps, in minor units: commission plus processing."""
        return self.platform_fee + self.processing_fee
