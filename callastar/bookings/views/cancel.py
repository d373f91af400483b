"""Cancelling a booking: first the page that says exactly what will happen, then the act."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from callastar.accounts.people import person
from callastar.bookings import rules
from callastar.bookings.cancellation import Cancellation, cancellation_of, side_of
from callastar.bookings.forms import CancelForm
from callastar.bookings.models import Booking
from callastar.bookings.operations.cancel import cancel_booking
from callastar.bookings.refusals import RefundChangedError
from callastar.bookings.rules import Canceller
from callastar.bookings.views.finding import own_booking
from callastar.core import clock
from callastar.core.errors import Refusal
from callastar.core.templatetags.callastar import money


@dataclass(frozen=True, slots=True)
class Rung:
    """A step of the accepted terms: `state` is `over`, `now` or `later`."""

    until: datetime | None
    percent: int
    state: str


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """Ask, with the exact refund and why; posting it cancels."""
    booking = own_booking(request, booking_id)
    cancellation = _cancellation(request, booking)
    sent = request.POST if request.method == "POST" else None
    form = CancelForm(sent, initial={"expected_refund": cancellation.refund.minor})
    if form.is_valid():
        return _carry_out(request, booking, cancellation, form)
    if cancellation.refusal is not None:
        return _refused(request, booking, cancellation.refusal)
    return _page(request, booking, cancellation, form, status=422 if form.errors else 200)


def _cancellation(request: HttpRequest, booking: Booking) -> Cancellation:
    by = side_of(booking=booking, person=person(request))
    return cancellation_of(booking=booking, by=by, now=clock.now())


def _carry_out(
    request: HttpRequest, booking: Booking, cancellation: Cancellation, form: CancelForm
) -> HttpResponse:
    expected: int = form.cleaned_data["expected_refund"]
    try:
        cancel_booking(
            booking_id=booking.pk,
            person=person(request),
            now=clock.now(),
            expected_refund=expected,
            reason=form.cleaned_data["reason"],
        )
    except RefundChangedError as refusal:
        return _ask_again(request, booking, form, refusal)
    except Refusal as refusal:
        return _refused(request, booking, refusal)
    messages.success(request, _done(booking, cancellation, expected))
    return redirect("bookings:detail", booking.pk)


def _ask_again(
    request: HttpRequest, booking: Booking, form: CancelForm, refusal: RefundChangedError
) -> HttpResponse:
    """The same page with the refund as it is now; what the person wrote stays."""
    fresh = own_booking(request, booking.pk)
    cancellation = _cancellation(request, fresh)
    if cancellation.refusal is not None:
        return _refused(request, fresh, cancellation.refusal)
    again = CancelForm(
        initial={"expected_refund": cancellation.refund.minor, "reason": form.cleaned_data["reason"]}
    )
    return _page(request, fresh, cancellation, again, status=refusal.status, refusal=refusal.detail)


def _refused(request: HttpRequest, booking: Booking, refusal: Refusal) -> HttpResponse:
    messages.error(request, refusal.detail)
    return redirect("bookings:detail", booking.pk)


def _page(
    request: HttpRequest,
    booking: Booking,
    cancellation: Cancellation,
    form: CancelForm,
    *,
    status: int,
    refusal: str = "",
) -> HttpResponse:
    by_creator = cancellation.by is Canceller.CREATOR
    context = {
        "booking": booking,
        "offer": booking.offer,
        "cancellation": cancellation,
        "by": cancellation.by,
        "other": booking.fan.name if by_creator else booking.creator.user.name,
        "rungs": _rungs(booking, clock.now()),
        "form": form,
        "refusal": refusal,
        "Canceller": Canceller,
    }
    return render(request, "bookings/cancel.html", context, status=status)


def _rungs(booking: Booking, now: datetime) -> list[Rung]:
    ladder = rules.refund_ladder(terms=booking.terms, starts_at=booking.starts_at)
    open_steps = [step for step in ladder if step.until >= now]
    rungs = [Rung(step.until, step.percent, _state(step, open_steps)) for step in ladder]
    return [*rungs, Rung(None, 0, "later" if open_steps else "now")]


def _state(step: rules.RefundStep, open_steps: list[rules.RefundStep]) -> str:
    if step not in open_steps:
        return "over"
    return "now" if step == open_steps[0] else "later"


def _done(booking: Booking, cancellation: Cancellation, refund: int) -> str:
    if not cancellation.is_paid:
        return gettext("The call is cancelled. Nothing was charged.")
    if not refund:
        return gettext("The call is cancelled.")
    amount = money(refund, booking.payment.currency)
    if cancellation.by is Canceller.FAN:
        return gettext("The call is cancelled. %(amount)s goes back to you.") % {"amount": amount}
    values = {"amount": amount, "name": booking.fan.name}
    return gettext("The call is cancelled. %(name)s gets %(amount)s back.") % values
