"""Starting (or resuming) the payment of a booking: one intent, however often it is asked for."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from callastar.accounts.models import User
from callastar.bookings.models import Booking, BookingStatus, CancelReason
from callastar.bookings.operations.names import CLOSE_PAYMENT
from callastar.bookings.operations.settle import apply_intent, close_payment, lock_rows
from callastar.bookings.refusals import (
    AlreadyPaidError,
    BookingCancelledError,
    BookingNotFoundError,
    CreatorNotPayableError,
    HoldLapsedError,
)
from callastar.core.errors import ProviderError, Refusal
from callastar.core.queue import defer
from callastar.payments.models import TAKING_MONEY, IntentState
from callastar.payments.operations import intents
from callastar.payments.refusals import PaymentRefusedError, PaymentUnavailableError
from callastar.providers.stripe.types import IntentSnapshot


@dataclass(frozen=True, slots=True)
class PaymentTicket:
    """What the fan's browser needs to pay."""

    booking: Booking
    intent_id: str
    client_secret: str = field(repr=False)


def start_payment(*, booking_id: UUID, fan: User, now: datetime) -> PaymentTicket:
    """Open the booking's intent, or find the one that is open. The same call again gives the same intent.

    Raises a refusal when the booking is not the fan's, is not to be paid any more, or Stripe cannot or will not.
    """
    try:
        _close_earlier_intents(booking_id, fan, now)
        _claim(booking_id, fan, now)
        snapshot = intents.open_intent(payment_id=_payment_id(booking_id))
    except ProviderError as error:
        raise (PaymentUnavailableError if error.is_temporary else PaymentRefusedError) from error
    return _ticket(booking_id, snapshot, now)


def _claim(booking_id: UUID, fan: User, now: datetime) -> None:
    with transaction.atomic(durable=True):
        offer, booking, payment = lock_rows(booking_id)
        _check(booking, now)
        creator = offer.creator
        if not creator.charges_enabled or not creator.stripe_account_id:
            raise CreatorNotPayableError
        intents.claim_intent(
            payment=payment,
            destination=creator.stripe_account_id,
            country=creator.stripe_country,
            receipt_email=fan.email,
            title=offer.title,
        )


def _check(booking: Booking, now: datetime) -> None:
    if (refusal := _why_not(booking, now)) is not None:
        raise refusal


def _why_not(booking: Booking, now: datetime) -> Refusal | None:
    if booking.status in {BookingStatus.CONFIRMED, BookingStatus.COMPLETED}:
        return AlreadyPaidError()
    if booking.status == BookingStatus.CANCELLED:
        return (
            HoldLapsedError()
            if booking.cancel_reason == CancelReason.HOLD_LAPSED
            else BookingCancelledError()
        )
    return HoldLapsedError() if booking.hold_expires_at <= now else None


def _payment_id(booking_id: UUID) -> UUID:
    return Booking.objects.values_list("payment_id", flat=True).get(pk=booking_id)


def _close_earlier_intents(booking_id: UUID, fan: User, now: datetime) -> None:
    """An offer has at most one intent that can take money: those of ended bookings are closed before a new one opens.

    Those of live bookings are left alone: whoever comes back to a lapsed one must not end another fan's payment.
    """
    booking = Booking.objects.filter(pk=booking_id, fan=fan).first()
    if booking is None:
        raise BookingNotFoundError
    _check(booking, now)
    ended = Booking.objects.filter(
        offer_id=booking.offer_id,
        status=BookingStatus.CANCELLED,
        payment__intent_state__in=TAKING_MONEY,
    )
    for earlier in ended.order_by("pk").values_list("pk", flat=True):
        close_payment(booking_id=earlier, now=now)


def _ticket(booking_id: UUID, snapshot: IntentSnapshot, now: datetime) -> PaymentTicket:
    """Hand the intent out, unless the hold lapsed while Stripe was making it."""
    if snapshot.status in {"succeeded", "processing", "canceled"}:
        apply_intent(booking_id=booking_id, snapshot=snapshot, now=now)
    booking = Booking.objects.select_related("offer", "payment").get(pk=booking_id)
    if booking.status == BookingStatus.CANCELLED and booking.payment.intent_state != IntentState.CANCELED:
        defer(CLOSE_PAYMENT, booking_id=str(booking_id))
    _check(booking, now)
    return PaymentTicket(booking, snapshot.id, snapshot.client_secret)
