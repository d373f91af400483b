"""Reads of the journal: what creators have, what a payment earned, what the platform made. Amounts in minor units."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, F, QuerySet, Sum

from callastar.core.money import Currency
from callastar.ledger.models import Account, Balance, Entry, EntryKind, Line

_SHOWN = (
    Account.IN_PAYOUT,
    Account.PAID,
    Account.DEBT,
    Account.DISPUTE_RESERVE,
    Account.EARNINGS,
    Account.CREATOR_BALANCE,
)


@dataclass(frozen=True, slots=True)
class CreatorTotals:
    """What one creator has in one currency. All positive as a person would say it.

    `earned` is owed and not in a payout; `at_stripe` is what their account there should hold.
    """

    currency: str
    earned: int = 0
    in_payout: int = 0
    paid: int = 0
    debt: int = 0
    reserved: int = 0
    at_stripe: int = 0


def creator_totals(creator_id: int) -> list[CreatorTotals]:
    """A creator's figures, by currency; none for who never earned anything."""
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    rows = Balance.objects.filter(creator_id=creator_id, account__in=_SHOWN).exclude(amount=0)
    for currency, account, total in rows.values_list("currency", "account").annotate(total=Sum("amount")):
        found[currency][account] = total
    return [_totals(currency, sums) for currency, sums in sorted(found.items())]


def _totals(currency: str, sums: dict[str, int]) -> CreatorTotals:
    return CreatorTotals(
        currency=currency,
        earned=-sums.get(Account.EARNINGS, 0),
        in_payout=-sums.get(Account.IN_PAYOUT, 0),
        paid=-sums.get(Account.PAID, 0),
        debt=sums.get(Account.DEBT, 0),
        reserved=-sums.get(Account.DISPUTE_RESERVE, 0),
        at_stripe=sums.get(Account.CREATOR_BALANCE, 0),
    )


@dataclass(frozen=True, slots=True)
class Position:
    """Everything that stands open between a creator and the platform: totals by currency, earnings by payment."""

    totals: list[CreatorTotals]
    earned: dict[UUID, int]


def creator_position(creator_id: int) -> Position:
    """`creator_totals` and `open_earnings` in one read."""
    found: defaultdict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    earned: dict[UUID, int] = {}
    rows = Balance.objects.filter(creator_id=creator_id, account__in=_SHOWN).exclude(amount=0)
    for currency, account, payment_id, amount in rows.values_list(
        "currency", "account", "payment_id", "amount"
    ):
        found[currency][account] += amount
        if account == Account.EARNINGS and payment_id:
            earned[payment_id] = -amount
    return Position([_totals(currency, sums) for currency, sums in sorted(found.items())], earned)


def open_earnings(creator_id: int) -> dict[UUID, int]:
    """What is owed for each payment that is not settled: positive owed to the creator, negative by them."""
    rows = Balance.objects.filter(creator_id=creator_id, account=Account.EARNINGS).exclude(amount=0)
    return {payment: -amount for payment, amount in rows.values_list("payment_id", "amount") if payment}


def payment_sums(payment_id: UUID) -> dict[Account, int]:
    """The sum of each account over the lines of one payment, debit positive."""
    rows = Line.objects.filter(payment_id=payment_id).values_list("account").annotate(total=Sum("amount"))
    return {Account(account): total for account, total in rows}


def entries_of_payment(payment_id: UUID) -> QuerySet[Entry]:
    """All that happened to the money of one payment, oldest first, with its lines; payouts included."""
    return (
        Entry.objects.filter(lines__payment_id=payment_id)
        .distinct()
        .order_by("occurred_at", "id")
        .prefetch_related("lines")
    )


def account_total(account: Account, currency: str) -> int:
    """The sum of all lines of an account, debit positive."""
    return (
        Line.objects.filter(account=account, currency=currency).aggregate(total=Sum("amount"))["total"] or 0
    )


def sums_by_currency(*, since: datetime, until: datetime) -> dict[str, dict[Account, int]]:
    """The movements of the platform's own accounts within [since, until), by currency; debit positive."""
    found: defaultdict[str, dict[Account, int]] = defaultdict(dict)
    rows = Line.objects.filter(account__in=RESULT_ACCOUNTS, occurred_at__gte=since, occurred_at__lt=until)
    for currency, account, total in rows.values_list("currency", "account").annotate(total=Sum("amount")):
        found[currency][Account(account)] = total
    return dict(found)


RESULT_ACCOUNTS = (
    Account.COMMISSION,
    Account.PROCESSING_FEES,
    Account.STRIPE_FEES,
    Account.FEE_DIFFERENCE,
    Account.DISPUTE_FEES,
    Account.ADJUSTMENTS,
    Account.SETTLED_OUTSIDE,
)


@dataclass(frozen=True, slots=True)
class Turnover:
    """What went through the journal in one currency. All positive as a person would say it, less what was taken back.

    `result` is what was left to the platform: commission and what was collected for Stripe, less what Stripe took.
    """

    currency: str
    charged: int = 0
    refunded: int = 0
    commission: int = 0
    result: int = 0
    paid_out: int = 0


def turnover(*, since: datetime, until: datetime) -> list[Turnover]:
    """The figures of [since, until), by currency; none for one in which nothing moved."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    # Both are named, or the index by account, currency and time would be read for all times.
    mine = Line.objects.filter(account__in=_TURNED_OVER, currency__in=list(Currency))
    rows = mine.filter(occurred_at__gte=since, occurred_at__lt=until)
    sums = rows.values_list("currency", "account", "entry__kind").annotate(total=Sum("amount"))
    for currency, account, kind, total in sums:
        for name, amount in _figures(Account(account), EntryKind(kind), total):
            found[currency][name] += amount
    return [
        Turnover(currency, **figures) for currency, figures in sorted(found.items()) if any(figures.values())
    ]


def _figures(account: Account, kind: EntryKind, total: int) -> Iterator[tuple[str, int]]:
    """To which figures the lines of an account in entries of a kind add, and how much."""
    if account in RESULT_ACCOUNTS:
        yield "result", -total
    if account == Account.COMMISSION:
        yield "commission", -total
    elif account == Account.CREATOR_BANK:
        yield "paid_out", total
    elif kind == EntryKind.CHARGE:
        yield "charged", -total
    elif kind in {EntryKind.REFUND, EntryKind.REFUND_FAILURE}:
        yield "refunded", total


_TURNED_OVER = (*RESULT_ACCOUNTS, Account.CREATOR_BANK, Account.FAN_FUNDS)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A stored balance that is not the sum of its lines."""

    account: str
    creator_id: int | None
    payment_id: UUID | None
    currency: str
    stored: int
    summed: int


def mismatched_balances() -> list[Mismatch]:
    """Stored balances that differ from their lines: none, unless somebody wrote past the postings."""
    stored = {
        (row.account, row.creator_id, row.payment_id, row.currency): row.amount
        for row in Balance.objects.exclude(amount=0)
    }
    summed = _sums_of_lines()
    return [
        Mismatch(*key, stored=stored.get(key, 0), summed=summed.get(key, 0))
        for key in sorted(stored.keys() | summed.keys(), key=str)
        if stored.get(key, 0) != summed.get(key, 0)
    ]


_Key = tuple[str, int | None, UUID | None, str]


def _sums_of_lines() -> dict[_Key, int]:
    by_payment = [account for account in Account if account.is_kept_by_payment]
    by_creator = [account for account in Account if account.is_of_creator and not account.is_kept_by_payment]
    sums: dict[_Key, int] = {}
    for account, creator, payment, currency, total in (
        Line.objects.filter(account__in=by_payment)
        .values_list("account", "creator_id", "payment_id", "currency")
        .annotate(total=Sum("amount"))
    ):
        sums[account, creator, payment, currency] = total
    for account, creator, currency, total in (
        Line.objects.filter(account__in=by_creator)
        .values_list("account", "creator_id", "currency")
        .annotate(total=Sum("amount"))
    ):
        sums[account, creator, None, currency] = total
    return {key: total for key, total in sums.items() if total}


def unbalanced_entries() -> list[UUID]:
    """Entries whose lines do not add up or are not as many as they were: none, as the database refuses them."""
    found = (
        Line.objects.values("entry_id", "currency")
        .annotate(total=Sum("amount"))
        .exclude(total=0)
        .values_list("entry_id", flat=True)
    )
    short = (
        Entry.objects.annotate(found=Count("lines"))
        .exclude(found=F("line_count"))
        .values_list("pk", flat=True)
    )
    return sorted({*found, *short}, key=str)
