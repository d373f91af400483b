"""Reads for the back office: what a payout would be now, what a payment's people are called, rows of the journal."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from callastar.accounts.models import User
from callastar.bookings.models import Booking
from callastar.creators.models import Creator
from callastar.documents import JournalRow
from callastar.ledger.models import Line
from callastar.payments.models import Payment
from callastar.payouts.models import Payout, PayoutPolicy, PayoutStatus
from callastar.payouts.queries import claims_of, situation_of
from callastar.payouts.rules.eligibility import Obstacle, obstacles
from callastar.payouts.rules.selection import Claim, oldest_first


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a payout that waits would be if it were agreed to now; amounts in minor units."""

    amount: int
    payable: int
    debt: int
    claims: Sequence[Claim]
    obstacles: Sequence[Obstacle]


def foreseen(*, payout: Payout, now: datetime) -> Foreseen:
    """The amount as it is recomputed, what it covers, and what stands in its way."""
    policy = PayoutPolicy.objects.select_related("creator__user").get(pk=payout.creator_id)
    claims = claims_of(creator_id=payout.creator_id, currency=payout.currency, now=now)
    situation = situation_of(policy=policy, currency=payout.currency, claims=claims, now=now)
    against = [
        obstacle
        for obstacle in obstacles(situation, automatic=False)
        if obstacle is not Obstacle.PAYOUT_IN_PROGRESS or payout.status != PayoutStatus.REQUESTED  # this one
    ]
    return Foreseen(
        amount=situation.payable - situation.debt,
        payable=situation.payable,
        debt=situation.debt,
        claims=oldest_first(claims.payable),
        obstacles=against,
    )


def with_people(rows: QuerySet[Any], payment: str = "") -> QuerySet[Any]:
    """Rows with the names of the two people and of the call; `payment` leads from a row to its payment."""
    path = f"{payment}__" if payment else ""
    creator = Creator.objects.filter(pk=OuterRef(f"{path}creator_id"))
    return rows.annotate(
        creator_name=Subquery(creator.values("user__name")[:1]),
        fan_name=Subquery(User.objects.filter(pk=OuterRef(f"{path}fan_id")).values("name")[:1]),
        offer_title=Subquery(
            Booking.objects.filter(pk=OuterRef(f"{path}booking_id")).values("offer_title")[:1]
        ),
    )


def payments_by_id(ids: Sequence[UUID]) -> dict[UUID, Any]:
    """Payments with the names of their people, by key."""
    return {row.pk: row for row in with_people(Payment.objects.filter(pk__in=ids))}


def journal_rows(*, since: datetime, until: datetime) -> Iterator[JournalRow]:
    """The lines posted within [since, until), in the order of posting: what was written once stays as it is."""
    lines = (
        Line.objects.filter(entry__posted_at__gte=since, entry__posted_at__lt=until)
        .select_related("entry")
        .order_by("entry__posted_at", "entry_id", "id")
    )
    for line in lines.iterator(chunk_size=1000):
        entry = line.entry
        yield JournalRow(
            posted_at=entry.posted_at,
            entry_id=str(entry.pk),
            kind=entry.kind,
            key=entry.key,
            account=line.account,
            amount=line.amount,
            currency=line.currency,
            creator_id=line.creator_id,
            payment_id=str(line.payment_id) if line.payment_id else None,
            reference=entry.reference,
            note=entry.note,
        )
