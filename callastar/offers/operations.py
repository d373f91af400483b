"""Writes of offers. Statuses change by conditional updates; the database refuses overlaps; watchers are told."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NoReturn
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from callastar.audit.operations import Actor, record
from callastar.core.constraints import violated
from callastar.core.money import Currency, Money
from callastar.creators.models import Creator
from callastar.creators.operations import creator_currency
from callastar.creators.rules import effective_fee_percent
from callastar.live.operations import publish_offer
from callastar.offers.models import LIVE, CallOffer, OfferStatus
from callastar.offers.refusals import (
    PROBLEMS,
    OfferBookedError,
    OfferHeldError,
    OfferOverError,
    OfferOverlapsError,
)
from callastar.offers.rules import check_offer

OVERLAP = "no_overlapping_live_offers"
TERMS = ("price", "starts_at", "duration_minutes")  # what somebody who pays has agreed to


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferData:
    """What a creator says about a slot. `price` in minor units of the creator's currency."""

    title: str
    description: str = ""
    price: int
    starts_at: datetime
    duration_minutes: int

    @property
    def ends_at(self) -> datetime:
        """When the call ends."""
        return self.starts_at + timedelta(minutes=self.duration_minutes)


def create_offer(*, creator: Creator, data: OfferData, now: datetime) -> CallOffer:
    """Put a slot on sale in the creator's currency. Raises an `OfferRefusal`."""
    currency = creator_currency(creator)
    _check(creator, data, currency, now)
    offer = CallOffer(
        creator=creator, currency=currency, ends_at=data.ends_at, created_at=now, **asdict(data)
    )
    with transaction.atomic():
        _insert(offer)
        _tell(offer.pk, creator.pk, OfferStatus.AVAILABLE)
        _note("OFFER_CREATED", "A creator made an offer", creator, offer.pk)
    return offer


def update_offer(*, offer_id: UUID, creator: Creator, data: OfferData, now: datetime) -> None:
    """Change a slot of a creator.

    Price, time and duration change only while nobody holds it (`OfferBookedError`), title and description also later.
    Raises an `OfferRefusal`, and `CallOffer.DoesNotExist` for another's offer.
    """
    offer = CallOffer.objects.get(pk=offer_id, creator=creator)
    if not _changes_terms(offer, data):
        _update_texts(offer, data, now)
        return
    _check(creator, data, Currency(offer.currency), now)
    with transaction.atomic():
        _update_terms(offer, data, now)
        _tell(offer.pk, creator.pk, OfferStatus.AVAILABLE)
        _note("OFFER_UPDATED", "A creator changed an offer", creator, offer.pk)


def cancel_offer(*, offer_id: UUID, creator: Creator, now: datetime) -> None:
    """Withdraw a slot that nobody holds; withdrawing it again changes nothing.

    Raises `OfferHeldError`, and `CallOffer.DoesNotExist` for another's offer.
    """
    with transaction.atomic():
        mine = CallOffer.objects.filter(pk=offer_id, creator=creator)
        if mine.filter(status=OfferStatus.AVAILABLE).update(status=OfferStatus.CANCELLED, updated_at=now):
            _tell(offer_id, creator.pk, OfferStatus.CANCELLED)
            _note("OFFER_CANCELLED", "A creator withdrew an offer", creator, offer_id)
        elif mine.get().status != OfferStatus.CANCELLED:
            raise OfferHeldError


def expire_offers(*, now: datetime) -> int:
    """Cancel offers whose time has come unbooked, in one statement; answers how many."""
    with transaction.atomic():
        expired = _cancel_past(now)
        for offer_id, creator_id in expired:
            _tell(offer_id, creator_id, OfferStatus.CANCELLED)
        if expired:
            record(type="OFFERS_EXPIRED", message="Offers passed unbooked", count=len(expired))
    return len(expired)


def fee_percent_of(creator: Creator) -> Decimal:
    """The commission that a creator pays on their offers, in percent."""
    return effective_fee_percent(creator.fee_percent, settings.PLATFORM_FEE_PERCENT)


def _check(creator: Creator, data: OfferData, currency: Currency, now: datetime) -> None:
    problem = check_offer(
        price=Money(data.price, currency),
        fee_percent=fee_percent_of(creator),
        rates=settings.PROCESSING_RATES,
        starts_at=data.starts_at,
        duration_minutes=data.duration_minutes,
        now=now,
    )
    if problem:
        raise PROBLEMS[problem]


def _insert(offer: CallOffer) -> None:
    try:
        with transaction.atomic():
            offer.save(force_insert=True)
    except IntegrityError as error:
        _raise_refusal(error)


def _changes_terms(offer: CallOffer, data: OfferData) -> bool:
    return any(getattr(offer, name) != getattr(data, name) for name in TERMS)


def _update_terms(offer: CallOffer, data: OfferData, now: datetime) -> None:
    free = CallOffer.objects.filter(pk=offer.pk, status=OfferStatus.AVAILABLE, starts_at__gt=now)
    try:
        with transaction.atomic():
            updated = free.update(**asdict(data), ends_at=data.ends_at, updated_at=now)
    except IntegrityError as error:
        _raise_refusal(error)
    if not updated:
        _raise_not_free(offer.pk)


def _update_texts(offer: CallOffer, data: OfferData, now: datetime) -> None:
    live = CallOffer.objects.filter(pk=offer.pk, status__in=LIVE)
    if not live.update(title=data.title, description=data.description, updated_at=now):
        raise OfferOverError


def _raise_refusal(error: IntegrityError) -> NoReturn:
    if violated(error) == OVERLAP:
        raise OfferOverlapsError from error
    raise error


def _raise_not_free(offer_id: UUID) -> NoReturn:
    status = CallOffer.objects.values_list("status", flat=True).get(pk=offer_id)
    raise OfferBookedError if status == OfferStatus.BOOKED else OfferOverError


def _cancel_past(now: datetime) -> list[tuple[UUID, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE offers_calloffer SET status = %s, updated_at = %s"
            " WHERE status = %s AND starts_at <= %s RETURNING id, creator_id",
            [OfferStatus.CANCELLED, now, OfferStatus.AVAILABLE, now],
        )
        return list(cursor.fetchall())


def _tell(offer_id: UUID, creator_id: int, status: OfferStatus) -> None:
    publish_offer(offer_id=offer_id, creator_id=creator_id, status=status.value)


def _note(type: str, message: str, creator: Creator, offer_id: UUID) -> None:
    record(type=type, message=message, actor=Actor.of(creator.user), offer=offer_id)
