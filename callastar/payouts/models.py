"""Payouts: when a creator's money leaves for their bank, who agreed, and what became of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from callastar.core import clock
from callastar.core.ids import new_id
from callastar.core.money import Currency, Money
from callastar.creators.models import Creator


class Frequency(models.TextChoices):
    """How often a creator is paid by themselves."""

    DAILY = "DAILY", _("Every day")
    WEEKLY = "WEEKLY", _("Every week")
    MANUAL = "MANUAL", _("Only when I ask")


class Weekday(models.IntegerChoices):
    """Days of the week, as Python counts them."""

    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class BlockReason(models.TextChoices):
    """Why the platform holds a creator's payouts."""

    FAILURES = "failures", _("Three payouts in a row have failed")
    REVIEW = "review", _("Our team is looking into the account")
    FRAUD = "fraud", _("Suspicion of fraud")
    OTHER = "other", _("Another reason")


class PayoutPolicy(models.Model):
    """How one creator is paid. Frequency, day, pause and minimum are theirs; the rest is the platform's."""

    creator = models.OneToOneField(
        Creator, on_delete=models.PROTECT, primary_key=True, related_name="payout_policy"
    )
    frequency = models.CharField(max_length=6, choices=Frequency, default=Frequency.WEEKLY)
    weekday = models.PositiveSmallIntegerField(choices=Weekday, default=Weekday.MONDAY)
    is_paused = models.BooleanField(default=False)
    minimum = models.PositiveIntegerField(default=1000, help_text="minor units of the creator's currency")
    requires_approval = models.BooleanField(
        default=False, help_text="an admin must agree to each payout of this creator"
    )
    blocked_reason = models.CharField(max_length=8, choices=BlockReason, blank=True)
    blocked_note = models.CharField(max_length=300, blank=True, help_text="told to the creator")
    next_payout_at = models.DateTimeField(null=True, blank=True)
    retry_at = models.DateTimeField(
        null=True, blank=True, help_text="when a payout that failed is tried again"
    )
    failures_in_a_row = models.PositiveSmallIntegerField(default=0)
    failed_bank_account = models.CharField(
        max_length=64, blank=True, help_text="the bank account that must be changed before anything is tried"
    )
    last_run_at = models.DateTimeField(null=True, blank=True)
    last_obstacles = models.JSONField(default=list, blank=True, help_text="why the last run paid nothing")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "payout policies"
        constraints = (
            models.CheckConstraint(
                condition=Q(frequency__in=Frequency.values), name="payout_frequency_known"
            ),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="payout_weekday_known"),
            models.CheckConstraint(
                condition=Q(blocked_reason="") | Q(blocked_reason__in=BlockReason.values),
                name="payout_block_known",
            ),
        )
        indexes = (
            models.Index(fields=["next_payout_at"], name="payout_policies_due"),
            models.Index(
                fields=["retry_at"], name="payout_policies_retry", condition=Q(retry_at__isnull=False)
            ),
            models.Index(
                fields=["creator"],
                name="payout_policies_bank",
                condition=~Q(failed_bank_account=""),
            ),
        )

    def __str__(self) -> str:
        return f"{self.creator_id}: {self.frequency}"


class PayoutStatus(models.TextChoices):
    """Where a payout stands; `payouts.rules.states` says which may follow which."""

    REQUESTED = "REQUESTED", _("Waiting for approval")
    APPROVED = "APPROVED", _("Approved")
    PROCESSING = "PROCESSING", _("On its way")
    PAID = "PAID", _("Paid")
    FAILED = "FAILED", _("Failed")
    REJECTED = "REJECTED", _("Rejected")
    CANCELED = "CANCELED", _("Cancelled")

    @property
    def is_active(self) -> bool:
        """Whether it is not decided yet."""
        return self in ACTIVE


ACTIVE = (PayoutStatus.REQUESTED, PayoutStatus.APPROVED, PayoutStatus.PROCESSING)


class PayoutTrigger(models.TextChoices):
    """Who wanted it."""

    SCHEDULE = "SCHEDULE", _("By schedule")
    REQUEST = "REQUEST", _("Asked for")
    RETRY = "RETRY", _("Tried again")


class Payout(models.Model):
    """Money of one creator on its way to their bank."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    creator = models.ForeignKey(Creator, on_delete=models.PROTECT, related_name="payouts", db_index=False)
    currency = models.CharField(max_length=3, choices=[(c.value, c.value) for c in Currency])
    amount = models.PositiveIntegerField(help_text="minor units; what was foreseen until it is on its way")
    status = models.CharField(max_length=10, choices=PayoutStatus)
    trigger = models.CharField(max_length=8, choices=PayoutTrigger)
    stripe_account = models.CharField(max_length=64, blank=True)
    stripe_payout_id = models.CharField(max_length=64, blank=True)
    bank_account = models.CharField(max_length=64, blank=True, help_text="Stripe's id of the bank account")
    bank_last4 = models.CharField(max_length=4, blank=True)
    arrival_date = models.DateTimeField(null=True, blank=True)
    failure_code = models.CharField(max_length=64, blank=True)
    failure_message = models.CharField(max_length=300, blank=True)
    reason = models.CharField(max_length=300, blank=True, help_text="why it was rejected or cancelled")
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=clock.now)
    requested_at = models.DateTimeField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    paid_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    rejected_at = models.DateTimeField(null=True, blank=True)
    canceled_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(
        null=True, blank=True, help_text="when Stripe was last asked to make it, or how it stands"
    )
    unanswered_since = models.DateTimeField(
        null=True, blank=True, help_text="since when Stripe refuses to say how it stands"
    )

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["creator", "currency"], condition=Q(status__in=ACTIVE), name="one_active_payout"
            ),
            models.UniqueConstraint(
                fields=["stripe_payout_id"],
                condition=~Q(stripe_payout_id=""),
                name="one_row_per_stripe_payout",
            ),
            models.CheckConstraint(condition=Q(status__in=PayoutStatus.values), name="payout_status_known"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payout_is_positive"),
            models.CheckConstraint(condition=Q(currency__in=list(Currency)), name="payout_currency_known"),
        )
        indexes = (
            models.Index(fields=["creator", "-created_at"], name="payouts_by_creator"),
            models.Index(fields=["status", "created_at"], name="payouts_by_status"),
            models.Index(fields=["paid_at"], name="payouts_by_arrival", condition=Q(status="PAID")),
        )

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} {self.status}"

    @property
    def money(self) -> Money:
        """What leaves for the bank."""
        return Money(self.amount, Currency(self.currency))


class PayoutItem(models.Model):
    """What a payout covers of one payment; negative for what was given back after its own payout."""

    id = models.BigAutoField(primary_key=True)
    payout = models.ForeignKey(Payout, on_delete=models.PROTECT, related_name="items")
    payment_id = models.UUIDField()
    amount = models.IntegerField(help_text="minor units")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["payout", "payment_id"], name="one_item_per_payment"),
            models.CheckConstraint(condition=~Q(amount=0), name="item_moves_something"),
        )
        indexes = (models.Index(fields=["payment_id"], name="payout_items_by_payment"),)

    def __str__(self) -> str:
        return f"{self.payment_id} {self.amount}"


class PayoutAuditLog(models.Model):
    """One change of a payout: who, when, why."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    payout = models.ForeignKey(Payout, on_delete=models.PROTECT, related_name="audit")
    from_status = models.CharField(max_length=10, choices=PayoutStatus, blank=True)
    to_status = models.CharField(max_length=10, choices=PayoutStatus)
    reason = models.CharField(max_length=300, blank=True)
    actor_kind = models.CharField(max_length=8)
    actor_id = models.UUIDField(null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "id")

    def __str__(self) -> str:
        return f"{self.from_status} → {self.to_status}"
