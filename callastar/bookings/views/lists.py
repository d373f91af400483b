"""One's bookings: a fan's calls, the calls of a creator's fans."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from callastar.accounts.people import person
from callastar.bookings import queries
from callastar.bookings.models import Booking, BookingStatus
from callastar.bookings.outcomes import BADGES
from callastar.calls.rules import Door, door
from callastar.core import clock
from callastar.creators.access import for_creators
from callastar.creators.models import Creator
from callastar.payments.models import PaymentStatus

PER_PAGE = 12


@dataclass(frozen=True, slots=True)
class Card:
    """A booking in a list, and the next thing to do about it."""

    booking: Booking
    other: str
    action: str
    variant: str  # of the badge of its outcome

    @classmethod
    def of(cls, booking: Booking, *, for_fan: bool, now: datetime) -> "Card":
        """The card that fan or creator sees."""
        other = booking.creator.user.name if for_fan else booking.fan.name
        action = _action(booking, for_fan=for_fan, now=now)
        return cls(booking, other, action, BADGES.get(booking.outcome, ""))


def _action(booking: Booking, *, for_fan: bool, now: datetime) -> str:
    """`pay`, `join`, or nothing: the details are always one click away."""
    if booking.status == BookingStatus.PENDING and for_fan:
        waits = booking.payment.status != PaymentStatus.PROCESSING and booking.hold_expires_at > now
        return "pay" if waits else ""
    opened = door(starts_at=booking.starts_at, ends_at=booking.ends_at, now=now)
    return "join" if booking.status == BookingStatus.CONFIRMED and opened is Door.OPEN else ""


@never_cache
@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What the fan booked: calls to come, or those that are over."""
    view, now = _view(request), clock.now()
    read = queries.past_bookings if view == "past" else queries.upcoming_bookings
    context = _page(request, read(person(request), now=now), for_fan=True, now=now)
    return render(request, "bookings/list.html", {**context, "view": view, "now": now})


@never_cache
@for_creators
@require_safe
def studio(request: HttpRequest, creator: Creator) -> HttpResponse:
    """The creator's calls with their fans."""
    view, now = _view(request), clock.now()
    read = queries.creator_past if view == "past" else queries.creator_upcoming
    context = _page(request, read(creator.user, now=now), for_fan=False, now=now)
    return render(request, "bookings/studio.html", {**context, "creator": creator, "view": view, "now": now})


@login_required
@require_safe
def user_dashboard(request: HttpRequest) -> HttpResponse:
    """A fan's dashboard is their list of calls."""
    return redirect("bookings:list")


def _view(request: HttpRequest) -> str:
    return "past" if request.GET.get("view") == "past" else "coming"


def _page(
    request: HttpRequest, bookings: QuerySet[Booking], *, for_fan: bool, now: datetime
) -> dict[str, object]:
    page = Paginator(bookings, PER_PAGE).get_page(request.GET.get("page"))
    return {"page": page, "cards": [Card.of(booking, for_fan=for_fan, now=now) for booking in page]}
