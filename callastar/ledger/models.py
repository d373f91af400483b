"""The journal: double entry, posted once, never changed. A debit is positive, a credit negative.

The ledger knows creators, payments, bookings and payouts by their keys only: it sits below them.
"""

from django.db import models
from django.db.models import Q

from callastar.core import clock
from callastar.core.ids import new_id
from callastar.core.money import Currency


class Account(models.TextChoices):
    """Where money is, and whose it is."""

    # What there is (debit balances)
    PLATFORM_BALANCE = "PLATFORM_BALANCE"  # the platform's balance at Stripe
    CREATOR_BALANCE = "CREATOR_BALANCE"  # a connected account's balance at Stripe
    IN_TRANSIT = "IN_TRANSIT"  # left a connected account, not at the bank yet
    CREATOR_BANK = "CREATOR_BANK"  # arrived at a creator's bank
    PLATFORM_BANK = "PLATFORM_BANK"  # arrived at the platform's own bank
    DISPUTED = "DISPUTED"  # withdrawn by a dispute that is open
    DEBT = "DEBT"  # what a creator owes the platform
    # Whose it is (credit balances)
    FAN_FUNDS = "FAN_FUNDS"  # taken from a fan and not allocated, or still to be given back
    EARNINGS = "EARNINGS"  # earned by a creator and not in a payout
    IN_PAYOUT = "IN_PAYOUT"
    PAID = "PAID"
    DISPUTE_RESERVE = "DISPUTE_RESERVE"  # a creator's share, taken back while a dispute is open
    COMMISSION = "COMMISSION"
    PROCESSING_FEES = "PROCESSING_FEES"  # collected to cover what Stripe takes
    # What it costs the platform
    STRIPE_FEES = "STRIPE_FEES"  # at the estimate that was collected
    FEE_DIFFERENCE = "FEE_DIFFERENCE"  # that estimate less what Stripe really took
    DISPUTE_FEES = "DISPUTE_FEES"
    ADJUSTMENTS = "ADJUSTMENTS"  # moved at Stripe by hand, outside this product
    SETTLED_OUTSIDE = "SETTLED_OUTSIDE"  # debts that were paid in another way, or forgiven

    @property
    def is_of_creator(self) -> bool:
        """Whether each creator has one of their own."""
        return self in _OF_CREATOR

    @property
    def is_kept_by_payment(self) -> bool:
        """Whether its balance is stored for each payment."""
        return self in _BY_PAYMENT


_BY_PAYMENT = {Account.EARNINGS, Account.FAN_FUNDS, Account.DISPUTE_RESERVE, Account.DISPUTED}
_OF_CREATOR = {
    Account.CREATOR_BALANCE,
    Account.IN_TRANSIT,
    Account.CREATOR_BANK,
    Account.DEBT,
    Account.EARNINGS,
    Account.IN_PAYOUT,
    Account.PAID,
    Account.DISPUTE_RESERVE,
}


# In one order, or each process would see another constraint in it.
_CREATORS_NAMES = sorted(account.value for account in _OF_CREATOR)


class EntryKind(models.TextChoices):
    """What happened."""

    CHARGE = "CHARGE"
    TRANSFER = "TRANSFER"
    COMMISSION = "COMMISSION"
    PROCESSING_FEE = "PROCESSING_FEE"
    STRIPE_FEE = "STRIPE_FEE"
    REFUND = "REFUND"
    REFUND_FAILURE = "REFUND_FAILURE"
    TRANSFER_REVERSAL = "TRANSFER_REVERSAL"
    FEE_REFUND = "FEE_REFUND"
    FEE_WAIVED = "FEE_WAIVED"  # the platform's share of a refund that it paid itself
    DISPUTE = "DISPUTE"
    DISPUTE_FEE = "DISPUTE_FEE"
    DISPUTE_WON = "DISPUTE_WON"
    DISPUTE_LOST = "DISPUTE_LOST"
    RESTITUTION = "RESTITUTION"  # what a won dispute gives back to the creator
    DEBT_MADE = "DEBT_MADE"
    DEBT_SETTLED = "DEBT_SETTLED"
    DEBT_CANCELLED = "DEBT_CANCELLED"
    PAYOUT = "PAYOUT"
    PAYOUT_PAID = "PAYOUT_PAID"
    PAYOUT_FAILURE = "PAYOUT_FAILURE"
    PLATFORM_PAYOUT = "PLATFORM_PAYOUT"
    PLATFORM_PAYOUT_FAILURE = "PLATFORM_PAYOUT_FAILURE"
    ADJUSTMENT = "ADJUSTMENT"
    CORRECTION = "CORRECTION"  # the reverse of an entry that was wrong


class Entry(models.Model):
    """One movement of money. `key` names what caused it: the same cause is posted once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=24, choices=EntryKind)
    currency = models.CharField(max_length=3)
    creator_id = models.BigIntegerField(null=True)
    payment_id = models.UUIDField(null=True)
    booking_id = models.UUIDField(null=True)
    payout_id = models.UUIDField(null=True)
    reference = models.CharField(max_length=64, blank=True, help_text="Stripe's id")
    note = models.CharField(max_length=200, blank=True)
    reverses = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="reversed_by")
    line_count = models.PositiveSmallIntegerField(help_text="how many lines belong to it: none can be added")
    occurred_at = models.DateTimeField(help_text="when it happened at its source")
    posted_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name_plural = "entries"
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=EntryKind.values), name="entry_kind_known"),
            models.CheckConstraint(condition=Q(currency__in=list(Currency)), name="entry_currency_known"),
        )
        indexes = (
            models.Index(fields=["occurred_at"], name="entries_by_time"),
            models.Index(fields=["creator_id", "occurred_at"], name="entries_by_creator"),
            models.Index(
                fields=["payment_id"], name="entries_by_payment", condition=Q(payment_id__isnull=False)
            ),
            models.Index(
                fields=["payout_id"], name="entries_by_payout", condition=Q(payout_id__isnull=False)
            ),
        )

    def __str__(self) -> str:
        return self.key


class Line(models.Model):
    """One side of an entry: an amount in minor units, debit positive, credit negative."""

    id = models.BigAutoField(primary_key=True)
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="lines")
    account = models.CharField(max_length=20, choices=Account)
    creator_id = models.BigIntegerField(null=True)
    payment_id = models.UUIDField(null=True)
    currency = models.CharField(max_length=3)
    amount = models.BigIntegerField(help_text="minor units; debit positive, credit negative")
    occurred_at = models.DateTimeField(help_text="the entry's")

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(amount=0), name="line_moves_something"),
            models.CheckConstraint(condition=Q(account__in=Account.values), name="line_account_known"),
            models.CheckConstraint(condition=Q(currency__in=list(Currency)), name="line_currency_known"),
            models.CheckConstraint(
                condition=Q(account__in=_CREATORS_NAMES, creator_id__isnull=False)
                | ~Q(account__in=_CREATORS_NAMES) & Q(creator_id__isnull=True),
                name="line_names_its_creator",
            ),
        )
        indexes = (
            models.Index(fields=["account", "currency", "occurred_at"], name="lines_by_account"),
            models.Index(
                fields=["creator_id", "account", "occurred_at"],
                name="lines_by_creator",
                condition=Q(creator_id__isnull=False),
            ),
            models.Index(
                fields=["payment_id"], name="lines_by_payment", condition=Q(payment_id__isnull=False)
            ),
        )

    def __str__(self) -> str:
        return f"{self.account} {self.amount} {self.currency}"


class Balance(models.Model):
    """The sum of an account's lines, kept for speed with each posting and compared with the lines by a job."""

    id = models.BigAutoField(primary_key=True)
    account = models.CharField(max_length=20, choices=Account)
    creator_id = models.BigIntegerField(null=True)
    payment_id = models.UUIDField(null=True)
    currency = models.CharField(max_length=3)
    amount = models.BigIntegerField(help_text="minor units; debit positive, credit negative")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["account", "creator_id", "payment_id", "currency"],
                nulls_distinct=False,
                name="one_balance_per_account",
            ),
        )
        indexes = (
            # What is settled is zero and stays so: reading what is open does not grow with the journal.
            models.Index(fields=["creator_id", "account"], name="balances_open", condition=~Q(amount=0)),
            models.Index(
                fields=["account"],
                name="balances_unsettled",
                condition=~Q(amount=0) & Q(creator_id__isnull=True),
            ),
            models.Index(
                fields=["payment_id"], name="balances_by_payment", condition=Q(payment_id__isnull=False)
            ),
        )

    def __str__(self) -> str:
        return f"{self.account} {self.amount} {self.currency}"


class RunStatus(models.TextChoices):
    """How a comparison with Stripe ended."""

    RUNNING = "RUNNING"
    CLEAN = "CLEAN"
    DIFFERENT = "DIFFERENT"
    FAILED = "FAILED"  # Stripe could not be read to the end


class ReconciliationRun(models.Model):
    """One comparison of the journal with what Stripe says."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    status = models.CharField(max_length=9, choices=RunStatus, default=RunStatus.RUNNING)
    since = models.DateTimeField(null=True, help_text="older objects are compared by the balances only")
    started_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)
    compared = models.JSONField(default=dict, help_text="how many of each kind")
    error = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ("-started_at",)
        constraints = (
            models.CheckConstraint(
                condition=Q(status__in=RunStatus.values), name="reconciliation_status_known"
            ),
        )
        indexes = (models.Index(fields=["-started_at"], name="reconciliations_by_time"),)

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M} {self.status}"


class Difference(models.Model):
    """One thing that the journal and Stripe do not agree on, with the ids on both sides."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey(ReconciliationRun, on_delete=models.CASCADE, related_name="differences")
    kind = models.CharField(max_length=24)
    stripe_id = models.CharField(max_length=64, blank=True)
    our_id = models.CharField(max_length=120, blank=True)
    account = models.CharField(max_length=64, blank=True, help_text="connected account, if it is about one")
    currency = models.CharField(max_length=3, blank=True)
    ours = models.BigIntegerField(null=True, help_text="minor units; empty: we do not have it")
    theirs = models.BigIntegerField(null=True, help_text="minor units; empty: Stripe does not have it")
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("kind", "stripe_id")

    def __str__(self) -> str:
        return f"{self.kind} {self.stripe_id or self.our_id}: {self.ours} ≠ {self.theirs}"
