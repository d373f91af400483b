"""The page of one offer: what is booked, and what stands in the way."""

from dataclasses import asdict, dataclass
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from callastar.accounts.people import person, viewer
from callastar.bookings import rules
from callastar.bookings.models import Booking, BookingStatus
from callastar.bookings.operations.reserve import reserve_offer, slot_of
from callastar.bookings.queries import live_booking_of
from callastar.bookings.refusals import OBSTACLES, OfferNotFoundError
from callastar.core import clock
from callastar.core.errors import Refusal
from callastar.core.policy import cancellation_policy
from callastar.offers.models import CallOffer
from callastar.offers.queries import similar_offers

NOBODY = UUID(int=0)
SIMILAR = 3


@dataclass(frozen=True, slots=True)
class Situation:
    """How an offer stands for whoever looks at it."""

    offer: CallOffer
    obstacle: rules.Obstacle | None
    mine: Booking | None

    @property
    def name(self) -> str:
        """What the page shows: `free`, `held` or `booked` by the viewer, or the code of the obstacle."""
        if self.mine is not None:
            return "held" if self.mine.status == BookingStatus.PENDING else "booked"
        return str(self.obstacle or "free")

    @property
    def explanation(self) -> str:
        """Why it cannot be booked, in the viewer's language."""
        return OBSTACLES[self.obstacle]().detail if self.obstacle else ""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def book(request: HttpRequest, offer_id: UUID) -> HttpResponse:
    """What one books, for how much, on which terms; posting it takes the offer."""
    if request.method == "POST":
        return _reserve(request, offer_id)
    return render(request, "bookings/book.html", _context(request, offer_id))


@never_cache
@require_safe
def panel(request: HttpRequest, offer_id: UUID) -> HttpResponse:
    """The part of the page that changes while one looks at it."""
    return render(request, "bookings/parts/panel.html", _context(request, offer_id))


@login_required
def _reserve(request: HttpRequest, offer_id: UUID) -> HttpResponse:
    try:
        reservation = reserve_offer(offer_id=offer_id, fan=person(request), now=clock.now())
    except OfferNotFoundError as error:
        raise Http404 from error
    except Refusal as refusal:
        context = {**_context(request, offer_id, even_if_hidden=True), "refusal": refusal.detail}
        return render(request, "bookings/book.html", context, status=refusal.status)
    return redirect("bookings:pay", reservation.booking.pk)


def _context(request: HttpRequest, offer_id: UUID, *, even_if_hidden: bool = False) -> dict[str, object]:
    situation = _situation(request, offer_id)
    if not (even_if_hidden or _may_see(situation)):
        raise Http404
    is_lost = situation.obstacle is not None and situation.mine is None
    terms, now = rules.current_terms(**asdict(cancellation_policy())), clock.now()
    return {
        "offer": situation.offer,
        "creator": situation.offer.creator,
        "situation": situation,
        "refund_steps": rules.refund_steps(terms=terms, starts_at=situation.offer.starts_at, now=now),
        "similar": _similar(request, situation.offer) if is_lost else (),
        "hold_minutes": round(settings.HOLD_DURATION.total_seconds() / 60),
        "now": now,
    }


def _situation(request: HttpRequest, offer_id: UUID) -> Situation:
    offer = CallOffer.objects.select_related("creator__user").filter(pk=offer_id).first()
    if offer is None:
        raise Http404
    fan = viewer(request)
    obstacle = rules.obstacle_to_booking(slot=slot_of(offer), fan=fan.pk if fan else NOBODY, now=clock.now())
    mine = live_booking_of(fan=fan, offer_id=offer_id) if fan and obstacle else None
    return Situation(offer, obstacle, mine)


def _may_see(situation: Situation) -> bool:
    """Offers of creators who cannot be paid are shown to nobody but them and whoever has booked already."""
    is_theirs = situation.obstacle is rules.Obstacle.OWN or situation.mine is not None
    return is_theirs or slot_of(situation.offer).creator_payable


def _similar(request: HttpRequest, offer: CallOffer) -> list[CallOffer]:
    return list(similar_offers(offer=offer, viewer=viewer(request), now=clock.now())[:SIMILAR])
