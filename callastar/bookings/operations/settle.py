"""Paid means booked or refunded.

Whatever Stripe says of a booking's intent is carried out here, in any order, any number of times.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from callastar.audit.models import Level
from callastar.audit.operations import SYSTEM, Actor, record
from callastar.bookings import mails, telling
from callastar.bookings.models import Booking, BookingStatus, CancelReason
from callastar.bookings.operations.names import CLOSE_PAYMENT, EXPIRE_HOLD
from callastar.bookings.operations.remind import remind_if_due
from callastar.bookings.operations.reserve import slot_of
from callastar.bookings.operations.transitions import change, lock_booking
from callastar.bookings.rules import LatePayment, hold_until, late_payment, processing_hold_until
from callastar.calls.operations.schedule import schedule_call
from callastar.core.queue import defer
from callastar.live.operations import publish_offer
from callastar.offers.models import CallOffer, OfferStatus
from callastar.payments.models import UNSETTLED, IntentState, Payment, PaymentStatus, RefundCause
from callastar.payments.operations import intents, recording
from callastar.payments.operations.refunds import request_full_refund
from callastar.providers.stripe.types import IntentSnapshot

PAID, PAID_LATE = "paid", "paid_late"


def settle_payment(*, booking_id: UUID, now: datetime) -> Booking:
    """Ask Stripe how the booking's payment stands and carry that out. Raises `ProviderError` when it cannot say."""
    payment_id = Booking.objects.values_list("payment_id", flat=True).get(pk=booking_id)
    snapshot = intents.fetch_intent(payment_id=payment_id)
    return apply_intent(booking_id=booking_id, snapshot=snapshot, now=now)


def settle_intent(*, intent_id: str, now: datetime) -> Booking | None:
    """The same for an intent that an event names; None if it is none of ours."""
    booking_id = (
        Payment.objects.filter(intent_id=intent_id)
        .exclude(intent_id="")
        .values_list("booking_id", flat=True)
        .first()
    )
    return settle_payment(booking_id=booking_id, now=now) if booking_id else None


def close_payment(*, booking_id: UUID, now: datetime, patience: float | None = None) -> Booking:
    """Make sure that no more money can arrive for a booking, and carry out what Stripe then says."""
    payment_id = Booking.objects.values_list("payment_id", flat=True).get(pk=booking_id)
    snapshot = intents.close_intent(payment_id=payment_id, patience=patience)
    return apply_intent(booking_id=booking_id, snapshot=snapshot, now=now)


def apply_intent(*, booking_id: UUID, snapshot: IntentSnapshot | None, now: datetime) -> Booking:
    """Carry out what Stripe says of a booking's intent. Older news than what is recorded changes nothing."""
    with transaction.atomic(durable=True):
        offer, booking, payment = lock_rows(booking_id)
        if snapshot is not None:
            handle = _HANDLERS.get(snapshot.status, _waiting)
            handle(offer, booking, payment, snapshot, now)
    return booking


def lock_rows(booking_id: UUID) -> tuple[CallOffer, Booking, Payment]:
    """The three rows of a booking, locked in the one order that everybody keeps: offer, booking, payment."""
    offer_id = Booking.objects.values_list("offer_id", flat=True).get(pk=booking_id)
    offer = CallOffer.objects.select_for_update(of=("self",)).select_related("creator__user").get(pk=offer_id)
    booking = lock_booking(booking_id)
    booking.offer = offer
    return offer, booking, recording.lock_payment(booking.payment_id)


def _paid(
    offer: CallOffer, booking: Booking, payment: Payment, snapshot: IntentSnapshot, now: datetime
) -> None:
    was_processing = payment.intent_state == IntentState.PROCESSING
    if not recording.record_paid(payment=payment, snapshot=snapshot, now=now):
        return
    record(type="PAYMENT_SUCCEEDED", message="The fan has paid", booking=booking.pk, intent=snapshot.id)
    mails.forget_unpaid(booking=booking, now=now)
    if not recording.matches(payment, snapshot):
        _refuse_amount(offer, booking, payment, snapshot, now)
        return
    if payment.status == PaymentStatus.REFUNDED:  # at Stripe itself, before this news came
        _release_unpaid(offer, booking, payment, now)
        return
    if booking.status == BookingStatus.PENDING:
        _confirm(booking, payment, now, reason=PAID)
        return
    fate = late_payment(
        slot=slot_of(offer),
        as_agreed=(offer.starts_at, offer.amount) == (booking.starts_at, payment.money),
        fan=booking.fan_id,
        cancel_reason=booking.cancel_reason,
        was_processing=was_processing,
        now=now,
    )
    if fate is LatePayment.TAKE_BACK:
        _take_back(offer, booking, payment, now)
    else:
        _refund_late(booking, payment)


def _refuse_amount(
    offer: CallOffer, booking: Booking, payment: Payment, snapshot: IntentSnapshot, now: datetime
) -> None:
    """Stripe took another amount than was asked for: it goes back, nothing is booked, and somebody must look."""
    record(
        type="PAYMENT_AMOUNT_WRONG",
        level=Level.CRITICAL,
        message=f"Stripe took {snapshot.amount_received} {snapshot.currency} for {payment.amount} {payment.currency}",
        booking=booking.pk,
        intent=snapshot.id,
    )
    _release_unpaid(offer, booking, payment, now)
    request_full_refund(payment=payment, cause=RefundCause.WRONG_AMOUNT, received=snapshot.amount_received)


def _release_unpaid(offer: CallOffer, booking: Booking, payment: Payment, now: datetime) -> None:
    if booking.status == BookingStatus.PENDING:
        release(offer=offer, booking=booking, payment=payment, reason=CancelReason.PAYMENT_CANCELED, now=now)


def _confirm(booking: Booking, payment: Payment, now: datetime, *, reason: str) -> None:
    change(booking=booking, to=BookingStatus.CONFIRMED, actor=SYSTEM, now=now, reason=reason)
    payment.payout_release_date = booking.offer.ends_at + settings.PAYOUT_HOLDING
    payment.save(update_fields=["payout_release_date", "updated_at"])
    booking.call = schedule_call(
        title=booking.offer.title,
        fan_id=booking.fan_id,
        creator_user_id=booking.creator.user_id,
        starts_at=booking.offer.starts_at,
        ends_at=booking.offer.ends_at,
        now=now,
    )
    booking.save(update_fields=["call"])
    mails.confirmed(booking=booking, payment=payment)
    telling.confirmed(booking=booking, payment=payment, now=now)
    remind_if_due(booking=booking, now=now)
    publish_offer(offer_id=booking.offer_id, creator_id=booking.creator_id, status=OfferStatus.BOOKED)


def _take_back(offer: CallOffer, booking: Booking, payment: Payment, now: datetime) -> None:
    offer.status = OfferStatus.BOOKED
    offer.save(update_fields=["status", "updated_at"])
    record(type="OFFER_TAKEN_BACK", message="A late payment found its call still free", booking=booking.pk)
    _confirm(booking, payment, now, reason=PAID_LATE)


def _refund_late(booking: Booking, payment: Payment) -> None:
    record(
        type="LATE_PAYMENT_REFUNDED",
        level=Level.WARNING,
        message="A payment came too late for its call and is refunded in full",
        booking=booking.pk,
    )
    request_full_refund(payment=payment, cause=RefundCause.LATE_PAYMENT)


def _processing(
    offer: CallOffer, booking: Booking, payment: Payment, snapshot: IntentSnapshot, now: datetime
) -> None:
    if not recording.record_processing(payment=payment, snapshot=snapshot):
        return
    record(type="PAYMENT_PROCESSING", message="The payment is on its way", booking=booking.pk)
    if booking.status == BookingStatus.PENDING:
        _hold(booking, processing_hold_until(current=booking.hold_expires_at, starts_at=offer.starts_at))


def _waiting(
    offer: CallOffer, booking: Booking, payment: Payment, snapshot: IntentSnapshot, now: datetime
) -> None:
    was_processing = payment.intent_state == IntentState.PROCESSING
    is_held = booking.status == BookingStatus.PENDING
    if recording.record_declined(payment=payment, snapshot=snapshot, still_wanted=is_held):
        record(
            type="PAYMENT_FAILED",
            level=Level.WARNING,
            message="A payment was declined",
            booking=booking.pk,
            code=snapshot.failure_code,
        )
        if is_held:
            mails.payment_failed(booking=booking, payment=payment)
    if not is_held and payment.intent_state in UNSETTLED:
        defer(CLOSE_PAYMENT, booking_id=str(booking.pk))
    elif is_held and was_processing:  # the fan gets the usual time to pay in another way
        _hold(booking, hold_until(now=now, starts_at=offer.starts_at, hold=settings.HOLD_DURATION))


def _canceled(
    offer: CallOffer, booking: Booking, payment: Payment, snapshot: IntentSnapshot, now: datetime
) -> None:
    recording.record_canceled(payment=payment, snapshot=snapshot)
    if booking.status != BookingStatus.PENDING or booking.hold_expires_at <= now:
        return
    reason, actor = CancelReason.PAYMENT_CANCELED, SYSTEM
    if snapshot.was_given_up:
        reason, actor = CancelReason.FAN, Actor.of(booking.fan)
    release(offer=offer, booking=booking, payment=payment, reason=reason, now=now, actor=actor)


def _hold(booking: Booking, until: datetime) -> None:
    booking.hold_expires_at = until
    booking.save(update_fields=["hold_expires_at"])
    defer(EXPIRE_HOLD, at=until, booking_id=str(booking.pk))


def release(
    *,
    offer: CallOffer,
    booking: Booking,
    payment: Payment,
    reason: CancelReason,
    now: datetime,
    actor: Actor = SYSTEM,
) -> None:
    """Cancel an unpaid booking and give its offer back to everybody; all rows are locked by the caller.

    An intent that may still take money is closed by a job.
    """
    change(booking=booking, to=BookingStatus.CANCELLED, actor=actor, now=now, reason=reason)
    offer.status = OfferStatus.AVAILABLE if offer.starts_at > now else OfferStatus.CANCELLED
    offer.save(update_fields=["status", "updated_at"])
    publish_offer(offer_id=offer.pk, creator_id=offer.creator_id, status=offer.status)
    if payment.intent_state in UNSETTLED:
        defer(CLOSE_PAYMENT, booking_id=str(booking.pk))
    if reason == CancelReason.HOLD_LAPSED:
        mails.hold_lapsed(booking=booking)


_Handler = Callable[[CallOffer, Booking, Payment, IntentSnapshot, datetime], None]
_HANDLERS: dict[str, _Handler] = {"succeeded": _paid, "processing": _processing, "canceled": _canceled}
