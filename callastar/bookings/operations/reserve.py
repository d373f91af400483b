"""Taking an offer: one conditional write decides who wins."""

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from callastar.accounts.models import User
from callastar.audit.models import Level
from callastar.audit.operations import Actor, record
from callastar.bookings.models import Booking, BookingStatus
from callastar.bookings.operations.names import EXPIRE_HOLD
from callastar.bookings.operations.transitions import note_creation
from callastar.bookings.refusals import OBSTACLES, OfferNotFoundError
from callastar.bookings.rules import Obstacle, Slot, current_terms, hold_until, obstacle_to_booking
from callastar.core.errors import Refusal
from callastar.core.fees import split_fees
from callastar.core.ids import new_id
from callastar.core.policy import cancellation_policy
from callastar.core.queue import defer
from callastar.creators.models import Creator
from callastar.creators.rules import effective_fee_percent
from callastar.live.operations import publish_offer
from callastar.offers.models import CallOffer, OfferStatus
from callastar.payments.operations.intents import create_payment


@dataclass(frozen=True, slots=True)
class Reservation:
    """A fan's booking of an offer and whether it was made just now."""

    booking: Booking
    is_new: bool


def reserve_offer(*, offer_id: UUID, fan: User, now: datetime) -> Reservation:
    """Book an offer for a fan, or find the booking that they already hold.

    Exactly one of any number of simultaneous callers wins; the others get `OfferTakenError` at once. Raises the refusal
    that fits otherwise.
    """
    with transaction.atomic(durable=True):
        won = _take(offer_id, fan, now)
        booking = _insert(offer_id, fan, now) if won else None
    if booking is not None:
        return Reservation(booking, is_new=True)
    if (held := _held_by(offer_id, fan)) is not None:
        return Reservation(held, is_new=False)
    raise _refusal(offer_id, fan, now)


def slot_of(offer: CallOffer) -> Slot:
    """What the rules need to know of an offer (its creator and their user are loaded)."""
    creator = offer.creator
    return Slot(
        status=offer.status,
        starts_at=offer.starts_at,
        reserved_for=offer.reserved_for_id,
        creator_user=creator.user_id,
        creator_payable=creator.charges_enabled and creator.user.is_active,
    )


def _take(offer_id: UUID, fan: User, now: datetime) -> bool:
    """The conditional write: the same conditions as `obstacle_to_booking`, decided by PostgreSQL in one statement.

    Those on the offer stand in the statement itself: who waited for a faster one's commit is only then judged by the
    row as it has become. Conditions across a join would move into a subquery, which PostgreSQL does not look at again.
    """
    free = Q(status=OfferStatus.AVAILABLE, starts_at__gt=now) & (Q(reserved_for=None) | Q(reserved_for=fan))
    payable = Creator.objects.filter(charges_enabled=True, user__is_active=True).exclude(user=fan)
    taken = CallOffer.objects.filter(free, pk=offer_id, creator__in=payable.values("pk"))
    return taken.update(status=OfferStatus.BOOKED, updated_at=now) == 1


def _insert(offer_id: UUID, fan: User, now: datetime) -> Booking:
    offer = CallOffer.objects.select_related("creator__user").get(pk=offer_id)
    booking_id = new_id()
    payment = create_payment(
        booking_id=booking_id,
        offer_id=offer.pk,
        creator_id=offer.creator_id,
        fan_id=fan.pk,
        price=offer.amount,
        split=split_fees(
            offer.amount,
            effective_fee_percent(offer.creator.fee_percent, settings.PLATFORM_FEE_PERCENT),
            settings.PROCESSING_RATES,
        ),
    )
    booking = Booking.objects.create(
        id=booking_id,
        offer=offer,
        creator=offer.creator,
        fan=fan,
        payment=payment,
        offer_title=offer.title,
        starts_at=offer.starts_at,
        duration_minutes=offer.duration_minutes,
        hold_expires_at=hold_until(now=now, starts_at=offer.starts_at, hold=settings.HOLD_DURATION),
        terms=current_terms(**asdict(cancellation_policy())),
        created_at=now,
    )
    defer(EXPIRE_HOLD, at=booking.hold_expires_at, booking_id=str(booking.pk))
    note_creation(booking=booking, actor=Actor.of(fan), now=now)
    publish_offer(offer_id=offer.pk, creator_id=offer.creator_id, status=OfferStatus.BOOKED)
    return booking


def _held_by(offer_id: UUID, fan: User) -> Booking | None:
    return (
        Booking.objects.filter(offer_id=offer_id, fan=fan)
        .exclude(status=BookingStatus.CANCELLED)
        .select_related("offer__creator__user", "payment", "call")
        .first()
    )


def _refusal(offer_id: UUID, fan: User, now: datetime) -> Refusal:
    offer = CallOffer.objects.select_related("creator__user").filter(pk=offer_id).first()
    if offer is None:
        return OfferNotFoundError()
    # Free again since the write was lost: to this fan it was taken all the same.
    obstacle = obstacle_to_booking(slot=slot_of(offer), fan=fan.pk, now=now) or Obstacle.TAKEN
    if obstacle is Obstacle.TAKEN:
        record(
            type="DOUBLE_BOOKING_ATTEMPT",
            level=Level.WARNING,
            message="A fan tried to book an offer that is taken",
            actor=Actor.of(fan),
            offer=offer.pk,
        )
    return OBSTACLES[obstacle]()
