"""`/api/call-offers`: browsing slots and, for creators, making, changing and withdrawing them."""

from datetime import datetime
from hashlib import sha256
from typing import Annotated, cast
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import condition
from ninja import Query, Router, Schema, Status
from ninja.decorators import decorate_view
from ninja.security import django_auth
from pydantic import AwareDatetime, StringConstraints

from callastar.accounts.people import person
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
    """A slot. `status` is `AVAILABLE`, `BOOKED`, `COMPLETED` or `CANCELLED`."""

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
    """Which offers: of one creator, by status (free ones unless said otherwise)."""

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


def _etag(request: HttpRequest, offer_id: UUID) -> str | None:
    return queries.offer_version(offer_id)


@router.get("", response=OfferPage, auth=None, summary="Free slots, next first")
def list_offers(request: HttpRequest, wanted: Query[OfferFilter]) -> OfferPage:
    """Slots that can be booked now."""
    offers = queries.bookable_offers(
        now=clock.now(),
        creator_slug=wanted.creator,
        starts_after=wanted.starts_after,
        starts_before=wanted.starts_before,
    )
    found = page_of(offers, by="starts_at", page=wanted)
    return OfferPage(data=[_out(offer) for offer in found.rows], next_cursor=found.next_cursor)


@router.get("/states", response=dict[str, str], auth=None, summary="Status of a creator's coming slots")
def list_states(request: HttpRequest, creator: Annotated[int, Query(ge=1, le=MAX_KEY)]) -> HttpResponse:
    """For lists that cannot stream: the status of each slot by its id. Polling with `If-None-Match` costs a 304."""
    states = queries.slot_states(creator_id=creator, now=clock.now())
    answer = JsonResponse({str(offer_id): status for offer_id, status in states.items()})
    etag = f'"{sha256(answer.content).hexdigest()[:32]}"'
    answer["ETag"] = etag
    return cast(HttpResponse, get_conditional_response(request, etag=etag, response=answer))


@router.get("/{uuid:offer_id}", response={200: OfferOut, 404: ProblemOut}, auth=None, summary="One slot")
@decorate_view(condition(etag_func=_etag))
def get_offer(request: HttpRequest, offer_id: UUID) -> OfferOut:
    """A slot as it is now. Its `ETag` changes with it: polling with `If-None-Match` costs a 304."""
    offer = queries.public_offer(offer_id)
    if offer is None:
        raise Http404
    return _out(offer)


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
    return Status(201, _out(offer))


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
    return _out(_mine(creator, offer_id))


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
    offer = CallOffer.objects.select_related("creator__user").filter(pk=offer_id, creator=creator).first()
    if offer is None:
        raise Http404
    return offer


def _out(offer: CallOffer) -> OfferOut:
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
        is_bookable=queries.is_bookable(offer, now=clock.now()),
    )
