"""Paying a booking: the form, giving up, and the return from Stripe."""

from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from callastar.accounts.people import person
from callastar.bookings import rules
from callastar.bookings.models import Booking, BookingStatus, CancelReason
from callastar.bookings.operations.give_up import give_up as give_booking_up
from callastar.bookings.operations.refresh import refresh_booking
from callastar.bookings.views.finding import fans_booking
from callastar.core import clock
from callastar.core.errors import Refusal
from callastar.live.tokens import booking_token
from callastar.mail.texts import decline_reason
from callastar.payments.models import PaymentStatus, RefundStatus
from callastar.payments.refusals import PaymentUnavailableError


class Outcome(StrEnum):
    """What a returning fan is told."""

    CONFIRMED = "confirmed"
    PROCESSING = "processing"
    FAILED = "failed"
    UNPAID = "unpaid"
    REFUNDED = "refunded"
    REFUND_DELAYED = "refund_delayed"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"
    CHECKING = "checking"

    @property
    def is_open(self) -> bool:
        """Whether it changes by itself: the page looks again."""
        return self in {Outcome.PROCESSING, Outcome.CHECKING}


@never_cache
@login_required
@require_safe
def pay(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """The payment form of a booking that waits for its money; others lead to where they stand."""
    booking = fans_booking(request, booking_id)
    if not _is_payable(booking):
        return redirect("bookings:detail", booking.pk)
    if booking.payment.status == PaymentStatus.PROCESSING:
        return redirect("bookings:returned", booking.pk)
    steps = rules.refund_steps(terms=booking.terms, starts_at=booking.starts_at, now=clock.now())
    context = {
        "booking": booking,
        "offer": booking.offer,
        "creator": booking.creator,
        "refund_steps": steps,
        "now": clock.now(),
        "stripe_js_url": settings.STRIPE_JS_URL,
        "live_token": booking_token(booking.pk),
    }
    return render(request, "bookings/pay.html", context)


@login_required
@require_POST
def give_up(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """Let an unpaid booking go; the offer is everybody's again."""
    booking = fans_booking(request, booking_id)
    try:
        give_booking_up(booking_id=booking.pk, fan=person(request), now=clock.now())
    except Refusal as refusal:
        messages.error(request, refusal.detail)
        return redirect("bookings:detail", booking.pk)
    messages.success(request, gettext("You have given this call up. Nothing was charged."))
    return redirect("creators:detail", booking.creator.slug)


@never_cache
@login_required
@require_safe
def returned(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """Back from paying: the server asks Stripe and says what is true, whatever the address claims."""
    booking = fans_booking(request, booking_id)
    if request.GET:  # Stripe adds the intent's secret to the address: it must not stay there
        return redirect("bookings:returned", booking.pk)
    booking, answered = _ask(request, booking)
    if booking.status == BookingStatus.CANCELLED and booking.confirmed_at:
        return redirect("bookings:detail", booking.pk)  # cancelled long after paying: another story
    outcome = outcome_of(booking, answered=answered)
    context = {
        "booking": booking,
        "offer": booking.offer,
        "creator": booking.creator,
        "outcome": outcome,
        "decline": decline_reason(booking.payment.failure_code),
        "live_token": booking_token(booking.pk),
    }
    return render(request, "bookings/returned.html", context)


def _ask(request: HttpRequest, booking: Booking) -> tuple[Booking, bool]:
    """The booking after asking Stripe, and whether Stripe answered."""
    try:
        return refresh_booking(booking_id=booking.pk, person=person(request), now=clock.now()), True
    except PaymentUnavailableError:
        return booking, False


def _is_payable(booking: Booking) -> bool:
    return booking.status == BookingStatus.PENDING and booking.hold_expires_at > clock.now()


def outcome_of(booking: Booking, *, answered: bool = True) -> Outcome:
    """What became of a booking's payment."""
    status = PaymentStatus(booking.payment.status)
    if booking.status in {BookingStatus.CONFIRMED, BookingStatus.COMPLETED}:
        return Outcome.CONFIRMED
    if booking.status == BookingStatus.CANCELLED:
        return _outcome_of_cancelled(booking, status)
    if status is PaymentStatus.PROCESSING:
        return Outcome.PROCESSING
    if not answered:
        return Outcome.CHECKING
    if not _is_payable(booking):
        return Outcome.LAPSED
    return Outcome.FAILED if status is PaymentStatus.FAILED else Outcome.UNPAID


def _money_goes_back(booking: Booking, status: PaymentStatus) -> bool:
    under_way = booking.payment.refunds.filter(status=RefundStatus.PENDING)
    return status is PaymentStatus.REFUNDED or under_way.exists()


def _outcome_of_cancelled(booking: Booking, status: PaymentStatus) -> Outcome:
    if status.has_money:
        return Outcome.REFUNDED if _money_goes_back(booking, status) else Outcome.REFUND_DELAYED
    return Outcome.LAPSED if booking.cancel_reason == CancelReason.HOLD_LAPSED else Outcome.CANCELLED
