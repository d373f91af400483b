"""Cancelling a booking before its call: the refund that is due, the offer, and both sides told, all or nothing."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from callastar.accounts.models import User
from callastar.audit.operations import Actor, record
from callastar.bookings import mails, queries, telling
from callastar.bookings.cancellation import Cancellation, cancellation_of, side_of
from callastar.bookings.models import Booking, BookingStatus, CancelReason
from callastar.bookings.operations.give_up import give_up
from callastar.bookings.operations.names import CLOSE_PAYMENT
from callastar.bookings.operations.settle import lock_rows
from callastar.bookings.operations.transitions import change
from callastar.bookings.refusals import RefundChangedError
from callastar.bookings.rules import Canceller
from callastar.calls.operations.schedule import cancel_call
from callastar.core.api.money import money_out
from callastar.core.money import Currency, Money
from callastar.core.queue import defer
from callastar.live.operations import publish_offer
from callastar.offers.models import CallOffer, OfferStatus
from callastar.payments.models import UNSETTLED, Payment, RefundCause
from callastar.payments.operations.refunds import request_refund

_REASONS = {
    Canceller.FAN: CancelReason.FAN,
    Canceller.CREATOR: CancelReason.CREATOR,
    Canceller.PLATFORM: CancelReason.ADMIN,
}
_CAUSES = {
    Canceller.FAN: RefundCause.FAN_CANCELLED,
    Canceller.CREATOR: RefundCause.CREATOR_CANCELLED,
    Canceller.PLATFORM: RefundCause.ADMIN,
}


def cancel_booking(
    *, booking_id: UUID, person: User, now: datetime, expected_refund: int | None = None, reason: str = ""
) -> Booking:
    """Cancel as the booking's fan or creator, or as the platform (an admin).

    `expected_refund` (minor units) is the refund that the person agreed to: `RefundChangedError` if another one is due
    meanwhile. `reason` is what they say, for the staff. Raises the refusal that fits; nothing has changed then.
    """
    booking = queries.booking_for(booking_id=booking_id, person=person)
    by = side_of(booking=booking, person=person)
    if booking.status == BookingStatus.PENDING and by is Canceller.FAN:
        _check_expected(expected_refund, Money(0, Currency(booking.payment.currency)))
        return give_up(booking_id=booking_id, fan=person, now=now)
    with transaction.atomic(durable=True):
        offer, booking, payment = lock_rows(booking_id)
        booking.payment = payment
        cancellation = cancellation_of(booking=booking, by=by, now=now)
        if cancellation.refusal is not None:
            raise cancellation.refusal
        _check_expected(expected_refund, cancellation.refund)
        _end(offer, booking, cancellation, person, now, reason)
        if cancellation.is_paid:
            _give_back(booking, payment, cancellation, person, now, reason)
        elif payment.intent_state in UNSETTLED:  # what is paid all the same comes too late, and goes back
            defer(CLOSE_PAYMENT, booking_id=str(booking_id))
        telling.cancelled(booking=booking, by=by, is_paid=cancellation.is_paid, now=now)
    return booking


def _check_expected(expected: int | None, due: Money) -> None:
    if expected is not None and expected != due.minor:
        raise RefundChangedError(amount=money_out(due).text)


def _end(
    offer: CallOffer,
    booking: Booking,
    cancellation: Cancellation,
    person: User,
    now: datetime,
    reason: str,
) -> None:
    actor = Actor.of(person)
    change(
        booking=booking,
        to=BookingStatus.CANCELLED,
        actor=actor,
        now=now,
        reason=_REASONS[cancellation.by],
    )
    offer.status = OfferStatus.CANCELLED
    if cancellation.offer_reopens:  # to everybody: whoever it was reserved for does not want it any more
        offer.status, offer.reserved_for = OfferStatus.AVAILABLE, None
    offer.save(update_fields=["status", "reserved_for", "updated_at"])
    publish_offer(offer_id=offer.pk, creator_id=offer.creator_id, status=offer.status)
    if booking.call_id:
        cancel_call(call_id=booking.call_id, now=now)
    record(
        type="CANCELLATION",
        message=f"Cancelled by the {cancellation.by}: {cancellation.percent} % of the price goes back in all",
        actor=actor,
        booking=booking.pk,
        percent=cancellation.percent,
        refund=cancellation.refund.minor,
        currency=cancellation.refund.currency,
        offer_status=offer.status,
        said=reason,
    )


def _give_back(
    booking: Booking,
    payment: Payment,
    cancellation: Cancellation,
    person: User,
    now: datetime,
    reason: str,
) -> None:
    payment.call_settled_at = now  # no call, no outcome to wait for: what stays the creator's may be paid out
    payment.save(update_fields=["call_settled_at", "updated_at"])
    if cancellation.refund.minor:
        request_refund(
            payment=payment,
            amount=cancellation.refund.minor,
            cause=_CAUSES[cancellation.by],
            actor=Actor.of(person),
            reason=reason,
        )
    mails.forget_confirmed(booking=booking, now=now)
    mails.cancelled(booking=booking, cancellation=cancellation)
