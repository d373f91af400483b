"""What a creator earned month by month, in months of their own time zone. Amounts in minor units."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db.models import QuerySet, Sum
from django.db.models.functions import TruncMonth

from callastar.ledger.models import Account, EntryKind, Line

# What a creator is owed less what they owe.
OWED = (Account.EARNINGS, Account.DEBT)
# Money that leaves for the bank, or comes back from it, and debts that were paid otherwise: nothing is earned by them.
NOT_EARNED = (EntryKind.PAYOUT, EntryKind.PAYOUT_FAILURE, EntryKind.DEBT_SETTLED)
SHOWN_MONTHS = 12


def month_start(month: date, zone: ZoneInfo) -> datetime:
    """The first moment of a month in `zone`."""
    return datetime.combine(month.replace(day=1), time(), tzinfo=zone)


def next_month(month: date) -> date:
    """The first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def last_months(now: datetime, zone: ZoneInfo, count: int = SHOWN_MONTHS) -> list[date]:
    """The first days of the last months in `zone`, oldest first, the present one last."""
    today = now.astimezone(zone).date()
    last = today.year * 12 + today.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(last - count + 1, last + 1)]


def earned_by_month(*, creator_id: int, months: Iterable[date], zone: ZoneInfo) -> dict[str, dict[date, int]]:
    """What was earned in each of `months` (first days, without a gap), net of fees, refunds and disputes, by currency.

    A month in which more was taken back than came in is below zero.
    """
    months = list(months)
    lines = owed_lines(creator_id).filter(
        occurred_at__gte=month_start(months[0], zone),
        occurred_at__lt=month_start(next_month(months[-1]), zone),
    )
    by_month = (
        lines.exclude(entry__kind__in=NOT_EARNED)
        .annotate(month=TruncMonth("occurred_at", tzinfo=zone))
        .values_list("currency", "month")
        .annotate(total=Sum("amount"))
        .order_by()
    )
    found: defaultdict[str, dict[date, int]] = defaultdict(lambda: dict.fromkeys(months, 0))
    for currency, month, total in by_month:
        found[currency][month.date()] = -total
    return dict(found)


def active_months(*, creator_id: int, zone: ZoneInfo) -> list[tuple[date, str]]:
    """The months and currencies in which anything changed what a creator is owed, latest first."""
    rows = (
        owed_lines(creator_id)
        .annotate(month=TruncMonth("occurred_at", tzinfo=zone))
        .values_list("month", "currency")
        .order_by("-month", "currency")
        .distinct()
    )
    return [(month.date(), currency) for month, currency in rows]


def owed_lines(creator_id: int) -> QuerySet[Line]:
    """The lines that change what a creator is owed, or owes."""
    return Line.objects.filter(creator_id=creator_id, account__in=OWED)
