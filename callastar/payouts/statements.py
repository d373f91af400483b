"""A creator's statement of one month and currency, read from the journal (LE-2, LE-4).

Each entry that changes what the creator is owed, or owes, goes into exactly one of calls, movements and payouts. The
closing balance is summed from the lines on its own, so that a statement that explains it wrongly shows.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Sum

from callastar.accounts.models import User
from callastar.core.money import Currency, Money
from callastar.creators.models import Creator
from callastar.documents import (
    Issuer,
    MovementKind,
    PayoutState,
    Statement,
    StatementCall,
    StatementMovement,
    StatementPayout,
)
from callastar.ledger.models import Account, Entry, EntryKind
from callastar.payments.models import Payment
from callastar.payouts.earnings.months import OWED, month_start, next_month, owed_lines
from callastar.payouts.models import Payout, PayoutStatus

PLATFORM = "Call a Star"
_OF_CALLS = (EntryKind.TRANSFER, EntryKind.COMMISSION, EntryKind.PROCESSING_FEE, EntryKind.FEE_REFUND)
_MOVEMENTS = {
    EntryKind.DEBT_MADE: MovementKind.DEBT_MADE,
    EntryKind.DEBT_SETTLED: MovementKind.DEBT_SETTLED,
    EntryKind.DEBT_CANCELLED: MovementKind.DEBT_CANCELLED,
    EntryKind.RESTITUTION: MovementKind.DISPUTE_WON,
    EntryKind.DISPUTE_LOST: MovementKind.DISPUTE_LOST,
}


def issuer() -> Issuer:
    """The platform as its documents name it."""
    return Issuer(name=PLATFORM, support_email=settings.SUPPORT_EMAIL)


def reference_of(key: UUID) -> str:
    """A short name of a booking or payout that people can read out: the end of its key, which is random."""
    return key.hex[-8:].upper()


def statement_of(
    *, creator: Creator, month: date, currency: Currency, zone: ZoneInfo, now: datetime
) -> Statement:
    """The statement of the month that `month` is in, as of the end of it (of the present one: so far)."""
    since, until = month_start(month, zone), month_start(next_month(month), zone)
    book = _read(creator.pk, currency, since, until)
    return Statement(
        issuer=issuer(),
        issued_at=min(now, until),
        creator_name=creator.name,
        month=month.replace(day=1),
        opening=_owed(creator.pk, currency, since),
        closing=_owed(creator.pk, currency, until),
        calls=tuple(_call(parts, book.fans, currency) for parts in book.calls.values()),
        movements=tuple(book.movements),
        payouts=tuple(_payouts(book, currency)),
    )


def _owed(creator_id: int, currency: Currency, until: datetime) -> Money:
    """What a creator is owed, less what they owe, by all lines before a moment."""
    before = owed_lines(creator_id).filter(currency=currency, occurred_at__lt=until)
    return Money(-(before.aggregate(total=Sum("amount"))["total"] or 0), currency)


@dataclass(slots=True)
class _Parts:
    """What a month brought of one payment, in minor units."""

    at: datetime
    payment_id: UUID
    booking_id: UUID
    gross: int = 0
    commission: int = 0
    processing: int = 0
    refunds: int = 0


@dataclass(slots=True)
class _Left:
    """A payout that left in the month."""

    at: datetime
    payout_id: UUID | None
    reference: str
    amount: int
    has_arrived: bool = False
    came_back: bool = False


@dataclass(slots=True)
class _Book:
    """A month's entries, sorted."""

    currency: Currency
    calls: dict[UUID, _Parts] = field(default_factory=dict)
    movements: list[StatementMovement] = field(default_factory=list)
    left: dict[str, _Left] = field(default_factory=dict)
    fans: dict[UUID, str] = field(default_factory=dict)

    def add(self, entry: Entry) -> None:
        """Sort one entry in."""
        kind, effect = EntryKind(entry.kind), _effect(entry)
        if kind in {EntryKind.PAYOUT, EntryKind.PAYOUT_PAID, EntryKind.PAYOUT_FAILURE}:
            self._add_payout(kind, entry, effect)
        elif entry.payment_id and (kind in _OF_CALLS or _is_refund(entry)):
            self._add_to_call(entry.payment_id, kind, entry, effect)
        elif effect or kind is EntryKind.DISPUTE_LOST:
            self._move(_movement_kind(kind, entry), entry, effect)

    def _add_to_call(self, payment_id: UUID, kind: EntryKind, entry: Entry, effect: int) -> None:
        new = _Parts(entry.occurred_at, payment_id, entry.booking_id or payment_id)
        parts = self.calls.setdefault(payment_id, new)
        if kind is EntryKind.TRANSFER:
            parts.gross += effect
        elif kind is EntryKind.COMMISSION:
            parts.commission -= effect
        elif kind is EntryKind.PROCESSING_FEE:
            parts.processing -= effect
        elif kind is EntryKind.FEE_REFUND:
            commission = _sum(entry, Account.COMMISSION)
            parts.commission -= commission
            parts.processing -= effect - commission
        else:
            parts.refunds -= effect

    def _add_payout(self, kind: EntryKind, entry: Entry, effect: int) -> None:
        if kind is EntryKind.PAYOUT:
            self.left[entry.reference] = _Left(entry.occurred_at, entry.payout_id, entry.reference, -effect)
            return
        leaving = self.left.get(entry.reference)
        if leaving is None:  # it left in another month
            if effect:
                self._move(MovementKind.PAYOUT_RETURNED, entry, effect)
        elif kind is EntryKind.PAYOUT_PAID:
            leaving.has_arrived = True
        elif effect:  # not the reversal of its arrival alone
            leaving.came_back = True

    def _move(self, kind: MovementKind, entry: Entry, effect: int) -> None:
        about = entry.booking_id or entry.payout_id
        self.movements.append(
            StatementMovement(
                at=entry.occurred_at,
                kind=kind,
                amount=Money(effect, self.currency),
                reference=reference_of(about) if about else "",
            )
        )


def _read(creator_id: int, currency: Currency, since: datetime, until: datetime) -> _Book:
    entries = (
        Entry.objects.filter(
            creator_id=creator_id, currency=currency, occurred_at__gte=since, occurred_at__lt=until
        )
        .order_by("occurred_at", "posted_at", "id")
        .prefetch_related("lines")
    )
    book = _Book(currency)
    for entry in _departures_first(entries):
        book.add(entry)
    book.fans = _first_names(book.calls)
    return book


def _departures_first(entries: Iterable[Entry]) -> list[Entry]:
    """In their order, but what left before what became of it: Stripe's clock and ours differ by moments."""
    return sorted(entries, key=lambda entry: entry.kind in {EntryKind.PAYOUT_PAID, EntryKind.PAYOUT_FAILURE})


def _first_names(payment_ids: Iterable[UUID]) -> dict[UUID, str]:
    fans = dict(Payment.objects.filter(pk__in=list(payment_ids)).values_list("pk", "fan_id"))
    names = dict(User.objects.filter(pk__in=set(fans.values())).values_list("pk", "name"))
    return {payment_id: names.get(fan_id, "").partition(" ")[0] for payment_id, fan_id in fans.items()}


def _sum(entry: Entry, *accounts: Account) -> int:
    return sum(line.amount for line in entry.lines.all() if line.account in accounts)


def _effect(entry: Entry) -> int:
    """What an entry adds to what the creator is owed, less what they owe."""
    return -_sum(entry, *OWED)


def _is_refund(entry: Entry) -> bool:
    """Whether part of a transfer went back to the fan."""
    is_reversal = entry.kind == EntryKind.TRANSFER_REVERSAL
    return is_reversal and any(line.account == Account.FAN_FUNDS for line in entry.lines.all())


def _movement_kind(kind: EntryKind, entry: Entry) -> MovementKind:
    if kind is EntryKind.TRANSFER_REVERSAL and _sum(entry, Account.DISPUTE_RESERVE):
        return MovementKind.DISPUTE_OPENED
    return _MOVEMENTS.get(kind, MovementKind.ADJUSTMENT)


def _call(parts: _Parts, fans: dict[UUID, str], currency: Currency) -> StatementCall:
    return StatementCall(
        at=parts.at,
        fan=fans.get(parts.payment_id, ""),
        reference=reference_of(parts.booking_id),
        gross=Money(parts.gross, currency),
        commission=Money(parts.commission, currency),
        processing=Money(parts.processing, currency),
        refunds=Money(parts.refunds, currency),
    )


def _payouts(book: _Book, currency: Currency) -> Iterator[StatementPayout]:
    """How far each payout of the month was at its end: what happened later is another month's."""
    ids = [left.payout_id for left in book.left.values() if left.came_back and left.payout_id]
    canceled = set(
        Payout.objects.filter(pk__in=ids, status=PayoutStatus.CANCELED).values_list("pk", flat=True)
    )
    for left in book.left.values():
        yield StatementPayout(
            at=left.at,
            amount=Money(left.amount, currency),
            status=_state(left, is_canceled=left.payout_id in canceled),
            reference=reference_of(left.payout_id) if left.payout_id else left.reference,
            deducted=not left.came_back,
        )


def _state(left: _Left, *, is_canceled: bool) -> PayoutState:
    if left.came_back:
        return PayoutState.CANCELED if is_canceled else PayoutState.FAILED
    return PayoutState.PAID if left.has_arrived else PayoutState.PROCESSING
