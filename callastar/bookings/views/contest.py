"""Contesting the outcome of a call: what it was found to be, and what the person says happened."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from callastar.accounts.people import person
from callastar.bookings.attendance_log import attendance_log
from callastar.bookings.cancellation import side_of
from callastar.bookings.forms import ContestForm
from callastar.bookings.models import Booking
from callastar.bookings.operations.contest import contest_outcome
from callastar.bookings.outcomes import outcome_view
from callastar.bookings.refusals import CONTEST_REFUSALS
from callastar.bookings.rules import Canceller
from callastar.bookings.views.finding import own_booking
from callastar.core import clock
from callastar.core.errors import Refusal


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def contest(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """Ask what happened; or say why nothing can be contested, or that it was. Only for the two people of the call."""
    booking = own_booking(request, booking_id)
    if side_of(booking=booking, person=person(request)) is Canceller.PLATFORM:
        raise Http404
    form = ContestForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _page(request, booking, form, status=422 if form.errors else 200)
    try:
        contest_outcome(
            booking_id=booking.pk, person=person(request), text=form.cleaned_data["text"], now=clock.now()
        )
    except Refusal as refusal:
        return _page(request, own_booking(request, booking_id), form, status=refusal.status)
    messages.success(request, gettext("Thank you. Our team looks into it and writes to you."))
    return redirect("bookings:detail", booking.pk)


def _page(request: HttpRequest, booking: Booking, form: ContestForm, *, status: int) -> HttpResponse:
    now = clock.now()
    outcome = outcome_view(booking=booking, person=person(request), now=now)
    if outcome is None:
        raise Http404
    refusal = CONTEST_REFUSALS.get(outcome.state)
    is_fan = booking.fan_id == person(request).pk
    context = {
        "booking": booking,
        "offer": booking.offer,
        "outcome": outcome,
        "attendance": attendance_log(booking=booking, now=now),
        "other": booking.creator.user.name if is_fan else booking.fan.name,
        "refusal": refusal().detail if refusal else "",
        "form": form,
    }
    return render(request, "bookings/contest.html", context, status=status)
