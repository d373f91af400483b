"""A creator's payments as they see them: what came in, what was kept, what went back, where the rest is."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, Window
from django.db.models.aggregates import Count
from django.db.models.functions import Coalesce

from callastar.accounts.models import User
from callastar.ledger.models import Account, EntryKind, Line
from callastar.offers.models import CallOffer
from callastar.payments.models import (
    OPEN_DISPUTES,
    Dispute,
    Payment,
    PaymentStatus,
    Refund,
    RefundStatus,
)
from callastar.payments.releasing import is_released
from callastar.payouts.earnings.months import NOT_EARNED, OWED
from callastar.payouts.models import PayoutStatus

FEES = (Account.COMMISSION, Account.PROCESSING_FEES)


class Place(StrEnum):
    """Where the money of a payment is, for its creator."""

    BOOKING = "booking"  # Stripe has not settled it yet
    AWAITING_CALL = "awaiting_call"
    HOLDING = "holding"  # the call is over; released later
    AVAILABLE = "available"
    REFUNDING = "refunding"
    DISPUTED = "disputed"
    GIVEN_BACK = "given_back"
    IN_PAYOUT = "in_payout"
    PAID = "paid"


@dataclass(frozen=True, slots=True)
class Earning:
    """One payment. Amounts in minor units; `back` is what refunds and disputes took of the creator's share.

    `gross - fees - back = net`; all are None until Stripe has settled the payment.
    """

    payment_id: UUID
    booking_id: UUID
    title: str
    fan: str
    call_at: datetime
    paid_at: datetime
    currency: str
    gross: int | None
    fees: int | None
    back: int | None
    net: int | None
    place: Place
    release_at: datetime | None
    payout_id: UUID | None
    payout_at: datetime | None


def earnings_of(creator_id: int) -> QuerySet[Payment]:
    """A creator's payments that took money, latest first, with their sums from the journal and how many there are."""
    return (
        with_sums(Payment.objects.filter(creator_id=creator_id, paid_at__isnull=False, is_test=False))
        .annotate(how_many=Window(Count("*")))
        .order_by("-paid_at", "-pk")
    )


def with_sums(payments: QuerySet[Payment]) -> QuerySet[Payment]:
    """Payments with what the page says of them, in one read."""
    offer, fan = CallOffer.objects.filter(pk=OuterRef("offer_id")), User.objects.filter(pk=OuterRef("fan_id"))
    refund = Refund.objects.filter(payment=OuterRef("pk"), status=RefundStatus.PENDING)
    dispute = Dispute.objects.filter(payment=OuterRef("pk"), status__in=OPEN_DISPUTES)
    return payments.annotate(
        offer_title=Subquery(offer.values("title")[:1]),
        call_at=Subquery(offer.values("starts_at")[:1]),
        fan_name=Subquery(fan.values("name")[:1]),
        refund_open=Exists(refund),
        dispute_open=Exists(dispute),
        gross=_credit(Q(account=Account.EARNINGS, entry__kind=EntryKind.TRANSFER)),
        fees=Coalesce(_credit(Q(account__in=FEES)), Value(0)),
        net=Coalesce(_credit(Q(account__in=OWED) & ~Q(entry__kind__in=NOT_EARNED)), Value(0)),
    )


def _credit(what: Q) -> Subquery:
    """The credits less the debits of some of a payment's lines; null if it has none."""
    lines = Line.objects.filter(what, payment_id=OuterRef("pk")).order_by().values("payment_id")
    return Subquery(lines.annotate(total=Sum(-F("amount"))).values("total"))


def earning(row: Any, *, now: datetime) -> Earning:
    """One row of `earnings_of` as plain values."""
    settled = row.gross is not None
    return Earning(
        payment_id=row.pk,
        booking_id=row.booking_id,
        title=row.offer_title or "",
        fan=row.fan_name or "",
        call_at=row.call_at or row.paid_at,
        paid_at=row.paid_at,
        currency=row.currency,
        gross=row.gross,
        fees=row.fees if settled else None,
        back=row.gross - row.fees - row.net if settled else None,
        net=row.net if settled else None,
        place=_place(row, now),
        release_at=row.payout_release_date,
        payout_id=row.payout_id,
        payout_at=row.payout_date,
    )


def _place(row: Any, now: datetime) -> Place:
    if row.dispute_open or row.status == PaymentStatus.DISPUTED:
        return Place.DISPUTED
    if row.gross is None:
        return Place.BOOKING
    if row.refund_open:
        return Place.REFUNDING
    if row.payout_status == PayoutStatus.PAID:
        return Place.PAID
    if row.payout_status == PayoutStatus.PROCESSING:
        return Place.IN_PAYOUT
    if row.net <= 0:
        return Place.GIVEN_BACK
    if row.call_settled_at is None:
        return Place.AWAITING_CALL
    return Place.AVAILABLE if is_released(row, now) else Place.HOLDING
