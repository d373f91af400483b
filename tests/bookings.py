"""Bookings in each of their states, brought there as the product does it; what Stripe says is given, not asked."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from callastar.accounts.models import User
from callastar.audit.operations import SYSTEM, Actor
from callastar.bookings.models import Booking, BookingStatus, CancelReason, Outcome
from callastar.bookings.operations.contest import contest_outcome
from callastar.bookings.operations.decide import decide_outcome
from callastar.bookings.operations.judge import judge_calls
from callastar.bookings.operations.lapse import expire_hold
from callastar.bookings.operations.reserve import reserve_offer
from callastar.bookings.operations.settle import apply_intent
from callastar.bookings.operations.transitions import change
from callastar.calls.models import Call
from callastar.core import clock
from callastar.offers.models import CallOffer, OfferStatus
from callastar.payments.models import IntentState, Payment
from callastar.providers.stripe.types import IntentSnapshot
from tests.factories import make_admin
from tests.outcomes import Span, attend


def held(offer: CallOffer, fan: User) -> Booking:
    """Reserved and not paid."""
    return reserve_offer(offer_id=offer.pk, fan=fan, now=clock.now()).booking


def confirmed(offer: CallOffer, fan: User) -> Booking:
    """Paid."""
    return stripe_says(held(offer, fan), "succeeded")


def declined(offer: CallOffer, fan: User) -> Booking:
    """Held, with a card that was refused."""
    return stripe_says(held(offer, fan), "requires_payment_method", failure_code="insufficient_funds")


def processing(offer: CallOffer, fan: User) -> Booking:
    """Paid by a method that takes days."""
    return stripe_says(held(offer, fan), "processing")


def unanswered(offer: CallOffer, fan: User) -> Booking:
    """Held, with an intent of which Stripe knows nothing: it cannot say how the payment stands."""
    booking = held(offer, fan)
    Payment.objects.filter(pk=booking.payment_id).update(
        intent_state=IntentState.OPEN, intent_id=_intent_id(booking.pk)
    )
    return booking


def lapsed(offer: CallOffer, fan: User) -> Booking:
    """Not paid in time: cancelled, and the offer is free again."""
    booking = held(offer, fan)
    expire_hold(booking_id=booking.pk, now=booking.hold_expires_at)
    return Booking.objects.get(pk=booking.pk)


def paid_too_late(offer: CallOffer, fan: User, other: User) -> Booking:
    """Paid after it had lapsed and `other` had booked the offer: to be refunded in full."""
    booking = lapsed(offer, fan)
    held(offer, other)
    return stripe_says(booking, "succeeded")


def cancelled(offer: CallOffer, fan: User) -> Booking:
    """Paid, then cancelled by the creator."""
    booking = confirmed(offer, fan)
    by = Actor.of(booking.creator.user)
    change(
        booking=booking, to=BookingStatus.CANCELLED, actor=by, now=clock.now(), reason=CancelReason.CREATOR
    )
    return booking


def completed(offer: CallOffer, fan: User, *, ago: timedelta = timedelta(days=1)) -> Booking:
    """It took place, so long ago."""
    booking = confirmed(offer, fan)
    starts_at = clock.now() - ago
    ends_at = starts_at + timedelta(minutes=offer.duration_minutes)
    CallOffer.objects.filter(pk=offer.pk).update(
        starts_at=starts_at, ends_at=ends_at, status=OfferStatus.COMPLETED
    )
    Call.objects.filter(pk=booking.call_id).update(starts_at=starts_at, ends_at=ends_at)
    booking.starts_at = starts_at
    change(booking=booking, to=BookingStatus.COMPLETED, actor=SYSTEM, now=ends_at, reason="")
    return booking


def took_place(offer: CallOffer, fan: User) -> Booking:
    """Over and found to have been held: it can be contested."""
    return judged(offer, fan, fan_there=[(0, 900), (960, 1500)], creator_there=[(-120, 1500)])


def fan_missed(offer: CallOffer, fan: User) -> Booking:
    """Only the creator came."""
    return judged(offer, fan, creator_there=[(0, 900)])


def creator_missed(offer: CallOffer, fan: User) -> Booking:
    """Only the fan came: they get everything back."""
    return judged(offer, fan, fan_there=[(-60, 900)])


def broke_down(offer: CallOffer, fan: User) -> Booking:
    """Both came and were not together for a minute."""
    return judged(offer, fan, fan_there=[(0, 30)], creator_there=[(20, 400)])


def contested(offer: CallOffer, fan: User) -> Booking:
    """Found not to have been held, and its creator objects."""
    booking = creator_missed(offer, fan)
    contest_outcome(
        booking_id=booking.pk,
        person=booking.creator.user,
        text="Lorem ipsum dolor sit amet.",
        now=clock.now(),
    )
    return Booking.objects.get(pk=booking.pk)


def decided(offer: CallOffer, fan: User) -> Booking:
    """The same, and an admin has decided."""
    booking = contested(offer, fan)
    return decide_outcome(
        booking_id=booking.pk,
        admin=make_admin(name="Oda Rhys"),
        outcome=Outcome.HELD,
        refund=0,
        reason="Lorem ipsum dolor.",
        now=clock.now(),
    )


def judged(
    offer: CallOffer,
    fan: User,
    *,
    fan_there: Iterable[Span] = (),
    creator_there: Iterable[Span] = (),
    ago: timedelta = timedelta(hours=1),
) -> Booking:
    """Over since so long, and judged by who was there."""
    length = timedelta(minutes=offer.duration_minutes)
    booking = Booking.objects.get(pk=completed(offer, fan, ago=ago + length).pk)
    attend(booking, fan=fan_there, creator=creator_there)
    assert judge_calls(now=clock.now())["failed"] == 0
    return Booking.objects.select_related("payment", "creator__user", "offer", "fan").get(pk=booking.pk)


def stripe_says(booking: Booking, status: str, *, failure_code: str = "") -> Booking:
    """Carry out what Stripe is supposed to say of the booking's intent."""
    payment = Payment.objects.get(pk=booking.payment_id)
    snapshot = IntentSnapshot(
        id=_intent_id(booking.pk),
        status=status,
        amount=payment.amount,
        amount_received=payment.amount if status == "succeeded" else 0,
        currency=payment.currency,
        client_secret="",
        failure_code=failure_code,
        cancellation_reason="",
        charge=None,
    )
    return apply_intent(booking_id=booking.pk, snapshot=snapshot, now=clock.now())


def _intent_id(booking_id: UUID) -> str:
    return f"pi_{booking_id.hex}"
