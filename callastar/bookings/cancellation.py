"""What cancelling a booking would do at this moment: the same for pages, the API and the operation that does it."""

from dataclasses import dataclass
from datetime import datetime

from callastar.accounts.models import Role, User
from callastar.bookings import rules
from callastar.bookings.models import Booking, BookingStatus
from callastar.bookings.refusals import (
    BookingCancelledError,
    BookingCompletedError,
    BookingNotFoundError,
    CallStartedError,
)
from callastar.bookings.rules import Canceller
from callastar.core.errors import Refusal
from callastar.core.money import Currency, Money
from callastar.offers.models import OfferStatus
from callastar.payments.models import Payment, PaymentStatus
from callastar.payments.operations.refunds import is_at_the_bank, refundable
from callastar.payments.refusals import PaymentDisputedError, PaymentInProgressError
from callastar.payments.rules import refunded_parts

ENDED = (BookingStatus.CANCELLED, BookingStatus.COMPLETED)


@dataclass(frozen=True, slots=True)
class Cancellation:
    """What would happen: `percent` of the price goes back in all, `refund` is what is missing to that.

    `given_back` went back before and counts towards it, `kept` is what then stays the creator's. `refusal` says why
    nothing of this can happen now.
    """

    by: Canceller
    is_paid: bool
    percent: int
    refund: Money
    given_back: Money
    kept: Money
    offer_reopens: bool
    refusal: Refusal | None

    @property
    def possible(self) -> bool:
        """Whether the booking can be cancelled now."""
        return self.refusal is None


def side_of(*, booking: Booking, person: User) -> Canceller:
    """As who a person would cancel; raises `BookingNotFoundError` for strangers."""
    if booking.fan_id == person.pk:
        return Canceller.FAN
    if booking.creator.user_id == person.pk:
        return Canceller.CREATOR
    if person.role != Role.ADMIN:
        raise BookingNotFoundError
    return Canceller.PLATFORM


def cancellation_of(*, booking: Booking, by: Canceller, now: datetime) -> Cancellation:
    """What cancelling does if it is done now. Binding only while the rows of the booking are locked."""
    payment, start = booking.payment, booking.starts_at
    currency = Currency(payment.currency)
    is_paid = booking.status == BookingStatus.CONFIRMED
    percent = rules.refund_percent(terms=booking.terms, starts_at=start, now=now, by=by) if is_paid else 0
    given_back = payment.amount - refundable(payment) if is_paid else 0
    refund = rules.refund_due(amount=payment.amount, percent=percent, already_given_back=given_back)
    return Cancellation(
        by=by,
        is_paid=is_paid,
        percent=percent,
        refund=Money(refund, currency),
        given_back=Money(given_back, currency),
        kept=kept_by_creator(payment, given_back + refund) if is_paid else Money(0, currency),
        offer_reopens=_reopens(booking, by, is_paid=is_paid, now=now),
        refusal=_refusal(booking, by, now),
    )


def open_cancellation(*, booking: Booking, person: User, now: datetime) -> Cancellation | None:
    """What cancelling does for a person; None once nothing can be cancelled any more."""
    if booking.status in ENDED or booking.starts_at <= now:
        return None
    return cancellation_of(booking=booking, by=side_of(booking=booking, person=person), now=now)


def kept_by_creator(payment: Payment, gone: int) -> Money:
    """What stays the creator's of a payment of which `gone` (minor units) is given back."""
    parts = refunded_parts(
        amount=payment.amount,
        commission=payment.platform_fee,
        processing=payment.processing_fee,
        refunded=min(gone, payment.amount),
    )
    return Money(payment.creator_amount - parts.creator, Currency(payment.currency))


def _reopens(booking: Booking, by: Canceller, *, is_paid: bool, now: datetime) -> bool:
    if by is Canceller.FAN and not is_paid:  # as when the hold lapses: free until it begins
        return booking.starts_at > now
    after = rules.offer_after_cancel(by=by, starts_at=booking.starts_at, now=now, terms=booking.terms)
    return after == OfferStatus.AVAILABLE


def _refusal(booking: Booking, by: Canceller, now: datetime) -> Refusal | None:
    if booking.status == BookingStatus.CANCELLED:
        return BookingCancelledError()
    if booking.status == BookingStatus.COMPLETED:
        return BookingCompletedError()
    if booking.starts_at <= now:
        return CallStartedError()
    return _obstacle_of_payment(booking.payment, by)


def _obstacle_of_payment(payment: Payment, by: Canceller) -> Refusal | None:
    if payment.status == PaymentStatus.DISPUTED:
        # A bank that only asks is answered by giving the money back.
        unheard_of = not payment.disputes.exists()
        return PaymentDisputedError() if unheard_of or is_at_the_bank(payment) else None
    if payment.status == PaymentStatus.PROCESSING and by is Canceller.FAN:  # nothing stops it any more
        return PaymentInProgressError()
    return None
