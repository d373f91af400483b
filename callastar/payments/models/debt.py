"""Debts: what creators owe the platform, and how it comes back."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from callastar.core import clock
from callastar.core.ids import new_id
from callastar.core.money import Currency
from callastar.payments.models.dispute import Dispute, MoveStatus
from callastar.payments.models.payment import Payment
from callastar.payments.models.refund import Refund


class DebtCause(models.TextChoices):
    """Why a creator owes something."""

    REFUND = "REFUND", _("Refund paid by the platform")
    DISPUTE = "DISPUTE", _("Dispute paid by the platform")
    DISPUTE_FEE = "DISPUTE_FEE", _("Fee of a lost dispute")


class DebtStatus(models.TextChoices):
    """Where a debt stands."""

    OPEN = "OPEN", _("Open")
    SETTLED = "SETTLED", _("Settled")
    CANCELLED = "CANCELLED", _("Cancelled")


class SettlementMethod(models.TextChoices):
    """How a debt comes back."""

    TRANSFER_REVERSAL = "TRANSFER_REVERSAL", _("From money still in the account")
    PAYOUT_DEDUCTION = "PAYOUT_DEDUCTION", _("Deducted before a payout")
    MANUAL = "MANUAL", _("Recorded by hand")


class Debt(models.Model):
    """What one creator owes for one cause."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    creator_id = models.BigIntegerField()
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="debts")
    refund = models.OneToOneField(
        Refund, on_delete=models.PROTECT, null=True, blank=True, related_name="debt"
    )
    dispute = models.ForeignKey(
        Dispute, on_delete=models.PROTECT, null=True, blank=True, related_name="debts"
    )
    cause = models.CharField(max_length=11, choices=DebtCause)
    amount = models.PositiveIntegerField(help_text="minor units")
    settled_amount = models.PositiveIntegerField(default=0, help_text="minor units")
    currency = models.CharField(max_length=3, choices=[(c.value, c.value) for c in Currency])
    status = models.CharField(max_length=9, choices=DebtStatus, default=DebtStatus.OPEN)
    reconciled_by = models.CharField(max_length=17, choices=SettlementMethod, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    settled_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(
        null=True, blank=True, help_text="when it was last tried again to take it back"
    )

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(amount__gt=0), name="debt_is_positive"),
            models.CheckConstraint(condition=Q(settled_amount__lte=F("amount")), name="debt_settled_within"),
            models.CheckConstraint(
                condition=Q(status="SETTLED", settled_amount=F("amount")) | ~Q(status="SETTLED"),
                name="settled_debt_is_whole",
            ),
            models.CheckConstraint(condition=Q(status__in=DebtStatus.values), name="debt_status_known"),
            models.UniqueConstraint(
                fields=["dispute", "cause"],
                condition=Q(dispute__isnull=False),
                name="one_debt_per_dispute_cause",
            ),
        )
        indexes = (
            models.Index(fields=["creator_id", "created_at"], name="debts_open", condition=Q(status="OPEN")),
            models.Index(fields=["-created_at"], name="debts_by_time"),
        )

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} {self.status}"

    @property
    def remaining(self) -> int:
        """What is still owed, in minor units."""
        return self.amount - self.settled_amount if self.status == DebtStatus.OPEN else 0


class ReversalPurpose(models.TextChoices):
    """Why part of a transfer is taken back."""

    DEBT = "DEBT"
    DISPUTE = "DISPUTE"


class TransferReversal(models.Model):
    """Part of a payment's transfer taken back from the creator's account: claimed here, then made at Stripe."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="reversals")
    purpose = models.CharField(max_length=7, choices=ReversalPurpose)
    debt = models.ForeignKey(Debt, on_delete=models.PROTECT, null=True, blank=True, related_name="reversals")
    dispute = models.ForeignKey(
        Dispute, on_delete=models.PROTECT, null=True, blank=True, related_name="reversals"
    )
    method = models.CharField(max_length=17, choices=SettlementMethod, blank=True)
    payout_id = models.UUIDField(null=True, blank=True, help_text="the payout that it was deducted before")
    source_transfer = models.CharField(
        max_length=64, blank=True, help_text="the transfer that it is taken from, once that was chosen"
    )
    amount = models.PositiveIntegerField(help_text="minor units")
    status = models.CharField(max_length=9, choices=MoveStatus, default=MoveStatus.PENDING)
    stripe_reversal_id = models.CharField(max_length=64, blank=True)
    failure_reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    first_asked_at = models.DateTimeField(
        null=True, blank=True, help_text="its key at Stripe is good for a day from then; empty: never asked"
    )

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(amount__gt=0), name="reversal_is_positive"),
            models.CheckConstraint(
                condition=Q(purpose="DEBT", debt__isnull=False, dispute__isnull=True)
                | Q(purpose="DISPUTE", debt__isnull=True, dispute__isnull=False),
                name="reversal_has_its_cause",
            ),
            models.UniqueConstraint(
                fields=["stripe_reversal_id"],
                condition=~Q(stripe_reversal_id=""),
                name="one_row_per_stripe_reversal",
            ),
            models.UniqueConstraint(
                fields=["dispute"], condition=Q(purpose="DISPUTE"), name="one_reversal_per_dispute"
            ),
            models.UniqueConstraint(
                fields=["debt", "payment", "source_transfer"],
                condition=Q(status="PENDING"),
                name="one_pending_reversal",
            ),
        )
        indexes = (
            models.Index(fields=["created_at"], name="reversals_pending", condition=Q(status="PENDING")),
        )

    def __str__(self) -> str:
        return f"{self.purpose} {self.amount} {self.status}"


class DebtSettlement(models.Model):
    """Part of a debt that came back."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    debt = models.ForeignKey(Debt, on_delete=models.PROTECT, related_name="settlements")
    amount = models.PositiveIntegerField(help_text="minor units")
    method = models.CharField(max_length=17, choices=SettlementMethod)
    reversal = models.OneToOneField(
        TransferReversal, on_delete=models.PROTECT, null=True, blank=True, related_name="settlement"
    )
    note = models.CharField(max_length=300, blank=True)
    is_forgiven = models.BooleanField(
        default=False, help_text="nothing was paid: a dispute that is won gives nothing back for it"
    )
    actor_kind = models.CharField(max_length=8, default="SYSTEM")
    actor_id = models.UUIDField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(amount__gt=0), name="settlement_is_positive"),
            models.CheckConstraint(
                condition=Q(method="MANUAL", reversal__isnull=True) & ~Q(note="")
                | ~Q(method="MANUAL") & Q(reversal__isnull=False),
                name="settlement_has_its_proof",
            ),
            models.CheckConstraint(
                condition=Q(is_forgiven=False) | Q(method="MANUAL"), name="forgiven_by_hand_only"
            ),
        )
        indexes = (models.Index(fields=["created_at"], name="settlements_by_time"),)

    def __str__(self) -> str:
        return f"{self.amount} {self.method}"
