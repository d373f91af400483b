"""`/api/call-offers`: browsing slots and, for creators, making, changing and withdrawing them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import conditional_page
from django.views.decorators.vary import vary_on_cookie
from ninja import Query, Router, Schema, Status
from ninja.decorators import decorate_view
from ninja.errors import HttpError
from ninja.security import django_auth
from pydantic import AwareDatetime, StringConstraints

from callastar.accounts.people import person, viewer
from callastar.core import clock
from callastar.core.api.fields import MoneyOut, ProblemOut, Text
from callastar.core.api.money import money_out
from callastar.core.api.pages import PageIn, page_of
from callastar.creators.models import Creator
from callastar.offers import operations, queries
from callastar.offers.models import CallOffer

router = Router(tags=["call-offers"])
MAX_KEY = 2**63 - 1


class CreatorRef(Schema):
    """The creator of an offer."""

    slug: str
    name: str


class OfferOut(Schema):
    """A slot. `status` is `AVAILABLE`, `BOOKED`, `COMPLETED` or `CANCELLED`; `is_bookable`: by who asks, now."""

    id: UUID
    creator: CreatorRef
    title: str
    description: str
    price: MoneyOut
    starts_at: datetime
    ends_at: datetime
    duration_minutes: int
    status: str
    is_bookable: bool


class OfferPage(Schema):
    """Some offers; `next_cursor` asks for those that follow, empty on the last page."""

    data: list[OfferOut]
    next_cursor: str


class OfferFilter(PageIn):
    """Which offers: free ones, of one creator, within a time; with `mine` a creator's own, in every status."""

    mine: bool = False
    creator: Annotated[Text, StringConstraints(max_length=60)] = ""
    starts_after: AwareDatetime | None = None
    starts_before: AwareDatetime | None = None


class OfferIn(Schema):
    """A slot to sell: `price` in minor units of one's currency, `starts_at` with its UTC offset."""

    title: Annotated[Text, StringConstraints(min_length=1, max_length=120)]
    description: Annotated[Text, StringConstraints(max_length=2000)] = ""
    price: int
    starts_at: AwareDatetime
    duration_minutes: int


class OfferChange(Schema):
    """What to change; what is left out stays."""

    title: Annotated[Text, StringConstraints(min_length=1, max_length=120)] | None = None
    description: Annotated[Text, StringConstraints(max_length=2000)] | None = None
    price: int | None = None
    starts_at: AwareDatetime | None = None
    duration_minutes: int | None = None


@router.get(
    "",
    response={200: OfferPage, (401, 404, 422): ProblemOut},
    auth=None,
    summary="Free slots, or all of one's own, next first",
)
def list_offers(request: HttpRequest, wanted: Query[OfferFilter]) -> OfferPage:
    """Slots that can be booked now; with `mine` those of the signed-in creator, whatever became of them."""
    found = page_of(_wanted_offers(request, wanted), by="starts_at", page=wanted)
    return OfferPage(data=[_out(request, offer) for offer in found.rows], next_cursor=found.next_cursor)


def _wanted_offers(request: HttpRequest, wanted: OfferFilter) -> QuerySet[CallOffer]:
    wishes: queries.Wanted = {
        "creator_slug": wanted.creator,
        "starts_after": wanted.starts_after,
        "starts_before": wanted.starts_before,
    }
    if not wanted.mine:
        return queries.bookable_offers(now=clock.now(), **wishes)
    if viewer(request) is None:
        raise HttpError(401, "mine")
    return queries.own_offers(owner=_creator(request), **wishes)


@router.get("/states", response=dict[str, str], auth=None, summary="Status of a creator's coming slots")
@decorate_view(conditional_page, vary_on_cookie)
def list_states(request: HttpRequest, creator: Annotated[int, Query(ge=1, le=MAX_KEY)]) -> dict[str, str]:
    """For lists that cannot stream: the status of each slot by its id. Polling with `If-None-Match` costs a 304."""
    states = queries.slot_states(creator_id=creator, viewer=viewer(request), now=clock.now())
    return {str(offer_id): status for offer_id, status in states.items()}


@router.get("/{uuid:offer_id}", response={200: OfferOut, 404: ProblemOut}, auth=None, summary="One slot")
@decorate_view(conditional_page, vary_on_cookie)
def get_offer(request: HttpRequest, offer_id: UUID) -> OfferOut:
    """A slot as it is now. Its `ETag` changes with what is said of it: polling with `If-None-Match` costs a 304.

    What is reserved for a fan, or of a creator who cannot be paid yet, is there only for that fan or creator.
    """
    offer = queries.visible_offer(offer_id, viewer=viewer(request))
    if offer is None:
        raise Http404
    return _out(request, offer)


@router.post(
    "",
    response={201: OfferOut, (401, 403, 404, 409, 422): ProblemOut},
    auth=django_auth,
    summary="Sell a slot",
)
def create_offer(request: HttpRequest, payload: OfferIn) -> Status:
    """Put a slot on sale; only creators can."""
    data = operations.OfferData(**payload.dict())
    offer = operations.create_offer(creator=_creator(request), data=data, now=clock.now())
    return Status(201, _out(request, offer))


@router.api_operation(
    ["PUT", "PATCH"],
    "/{uuid:offer_id}",
    response={200: OfferOut, (401, 403, 404, 409, 422): ProblemOut},
    auth=django_auth,
    summary="Change a slot",
)
def update_offer(request: HttpRequest, offer_id: UUID, payload: OfferChange) -> OfferOut:
    """Change one's slot; price, time and duration only while nobody holds it."""
    creator = _creator(request)
    offer = _mine(creator, offer_id)
    said = payload.dict(exclude_none=True)
    fields = ("title", "description", "price", "starts_at", "duration_minutes")
    data = operations.OfferData(**{name: said.get(name, getattr(offer, name)) for name in fields})
    operations.update_offer(offer_id=offer_id, creator=creator, data=data, now=clock.now())
    return _out(request, _mine(creator, offer_id))


@router.delete(
    "/{uuid:offer_id}",
    response={204: None, (401, 403, 404, 409): ProblemOut},
    auth=django_auth,
    summary="Withdraw a slot",
)
def cancel_offer(request: HttpRequest, offer_id: UUID) -> HttpResponse:
    """Withdraw one's slot that nobody holds."""
    creator = _creator(request)
    _mine(creator, offer_id)
    operations.cancel_offer(offer_id=offer_id, creator=creator, now=clock.now())
    return HttpResponse(status=204)


def _creator(request: HttpRequest) -> Creator:
    """The signed-in creator; for everybody else there is nothing here."""
    creator = Creator.objects.select_related("user").filter(user=person(request)).first()
    if creator is None:
        raise Http404
    return creator


def _mine(creator: Creator, offer_id: UUID) -> CallOffer:
    offer = queries.own_offers(owner=creator).filter(pk=offer_id).first()
    if offer is None:
        raise Http404
    return offer


def _out(request: HttpRequest, offer: CallOffer) -> OfferOut:
    creator = offer.creator
    return OfferOut(
        id=offer.pk,
        creator=CreatorRef(slug=creator.slug, name=creator.user.name),
        title=offer.title,
        description=offer.description,
        price=money_out(offer.amount),
        starts_at=offer.starts_at,
        ends_at=offer.ends_at,
        duration_minutes=offer.duration_minutes,
        status=offer.status,
        is_bookable=queries.is_bookable(offer, viewer=viewer(request), now=clock.now()),
    )
