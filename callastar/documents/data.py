"""What documents are made of: plain values, read elsewhere, in one currency each.

Amounts are never negative unless said. Renderers add up what they show and assert nothing: a statement whose lines do
not meet its closing balance shows so.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from callastar.core.money import Currency, Money


@dataclass(frozen=True, kw_only=True, slots=True)
class Issuer:
    """The platform as it signs its documents."""

    name: str
    support_email: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceiptRefund:
    """What a fan got back of a payment, and when."""

    at: datetime
    amount: Money


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """One payment of a fan. `issued_at` is the document's date: the same values give the same bytes."""

    number: str
    issuer: Issuer
    issued_at: datetime
    paid_at: datetime
    fan_name: str
    fan_email: str
    creator_name: str
    call_title: str
    call_at: datetime
    call_minutes: int
    amount: Money
    payment_reference: str
    refunds: tuple[ReceiptRefund, ...] = ()

    @property
    def refunded(self) -> Money:
        """What was given back so far."""
        return total((refund.amount for refund in self.refunds), self.amount.currency)

    @property
    def kept(self) -> Money:
        """What the fan has paid in the end."""
        return self.amount - self.refunded


@dataclass(frozen=True, kw_only=True, slots=True)
class StatementCall:
    """What one call brought in the month.

    `commission` and `processing` are what is kept of them, less what refunds gave back, so that
    `net = gross − commission − processing − refunds`. A call of another month that is refunded in this one has
    no gross, the refund, and fees below zero.
    """

    at: datetime
    fan: str  # first name, or empty
    reference: str  # the booking's
    gross: Money
    commission: Money
    processing: Money
    refunds: Money

    @property
    def net(self) -> Money:
        """What the creator earned by it; negative when more was given back than came in."""
        return self.gross - self.commission - self.processing - self.refunds


class MovementKind(StrEnum):
    """What else changes what a creator is owed."""

    DISPUTE_OPENED = "DISPUTE_OPENED"
    DISPUTE_WON = "DISPUTE_WON"
    DISPUTE_LOST = "DISPUTE_LOST"
    DEBT_MADE = "DEBT_MADE"
    DEBT_SETTLED = "DEBT_SETTLED"
    DEBT_CANCELLED = "DEBT_CANCELLED"
    PAYOUT_RETURNED = "PAYOUT_RETURNED"  # one of an earlier month that failed in this one
    ADJUSTMENT = "ADJUSTMENT"


@dataclass(frozen=True, kw_only=True, slots=True)
class StatementMovement:
    """Anything but calls and payouts. `amount` is signed: above zero the creator is owed more."""

    at: datetime
    kind: MovementKind
    amount: Money
    reference: str = ""


class PayoutState(StrEnum):
    """How far a payout is, in the payouts' own words."""

    REQUESTED = "REQUESTED"
    APPROVED = "APPROVED"
    PROCESSING = "PROCESSING"
    PAID = "PAID"
    FAILED = "FAILED"
    REJECTED = "REJECTED"
    CANCELED = "CANCELED"


@dataclass(frozen=True, kw_only=True, slots=True)
class StatementPayout:
    """A payout of the month. `deducted`: it left the balance in this month and did not come back in it."""

    at: datetime
    amount: Money
    status: PayoutState
    reference: str
    deducted: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """A creator's month in one currency.

    Balances are what is owed and not yet paid out, less debts; they may be negative.
    """

    issuer: Issuer
    issued_at: datetime
    creator_name: str
    month: date  # any day of it
    opening: Money
    closing: Money
    calls: tuple[StatementCall, ...] = ()
    movements: tuple[StatementMovement, ...] = ()
    payouts: tuple[StatementPayout, ...] = ()

    @property
    def currency(self) -> Currency:
        """Of every amount in it."""
        return self.opening.currency

    @property
    def gross(self) -> Money:
        """What fans paid for the calls."""
        return total((call.gross for call in self.calls), self.currency)

    @property
    def commission(self) -> Money:
        """Commission kept on the calls."""
        return total((call.commission for call in self.calls), self.currency)

    @property
    def processing(self) -> Money:
        """Processing fees kept on the calls."""
        return total((call.processing for call in self.calls), self.currency)

    @property
    def refunds(self) -> Money:
        """What fans got back."""
        return total((call.refunds for call in self.calls), self.currency)

    @property
    def net(self) -> Money:
        """What the calls earned."""
        return total((call.net for call in self.calls), self.currency)

    @property
    def moved(self) -> Money:
        """What the other movements add; negative when they take."""
        return total((movement.amount for movement in self.movements), self.currency)

    @property
    def paid_out(self) -> Money:
        """What left the balance by payouts."""
        return total((payout.amount for payout in self.payouts if payout.deducted), self.currency)

    @property
    def computed_closing(self) -> Money:
        """Opening + calls + other movements − payouts: what `closing` must be."""
        return self.opening + self.net + self.moved - self.paid_out


@dataclass(frozen=True, kw_only=True, slots=True)
class JournalRow:
    """One line of the journal: `amount` in minor units, debit above zero, credit below, as the ledger keeps it."""

    posted_at: datetime
    entry_id: str
    kind: str
    key: str
    account: str
    amount: int
    currency: str
    creator_id: int | None = None
    payment_id: str | None = None
    reference: str = ""
    note: str = ""

    @property
    def debit(self) -> Decimal | None:
        """In major units, or None for a credit."""
        return _major(self.amount) if self.amount >= 0 else None

    @property
    def credit(self) -> Decimal | None:
        """In major units, or None for a debit."""
        return _major(-self.amount) if self.amount < 0 else None


def total(amounts: Iterable[Money], currency: Currency) -> Money:
    """The sum; zero of that currency when there is nothing. Raises MixedCurrenciesError."""
    return sum(amounts, start=Money(0, currency))


def _major(minor: int) -> Decimal:
    return Decimal(minor).scaleb(-2)
