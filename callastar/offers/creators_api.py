"""`/api/creators`: finding creators and what they have to offer."""

from datetime import datetime
from typing import Annotated, Any

from django.conf import settings
from django.db.models import QuerySet
from django.db.models.fields.files import FieldFile
from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema
from pydantic import StringConstraints

from callastar.core import clock
from callastar.core.api.fields import MoneyOut, ProblemOut, Text
from callastar.core.api.money import money_out
from callastar.core.api.pages import PageIn, page_of
from callastar.core.money import Currency, Money
from callastar.core.viewer import viewer_zone
from callastar.creators.models import Category, Creator
from callastar.offers.browse import Wishes, browse_creators

router = Router(tags=["creators"])


class CreatorOut(Schema):
    """A creator as lists show them; `offer_count` counts the slots that can be booked now."""

    slug: str
    name: str
    expertise: str
    category: Category
    portrait_url: str
    currency: str
    rating_average: float | None
    rating_count: int
    offer_count: int
    price_from: MoneyOut | None
    next_slot: datetime | None


class CreatorDetailOut(CreatorOut):
    """The same with what their page says."""

    bio: str
    banner_url: str
    social_links: dict[str, str]
    offers_url: str
    live_url: str


class CreatorPage(Schema):
    """Some creators; `next_cursor` asks for those that follow, empty on the last page."""

    data: list[CreatorOut]
    next_cursor: str


class CreatorFilter(PageIn):
    """What to look for: words of name, expertise and bio; a category."""

    q: Annotated[Text, StringConstraints(max_length=100)] = ""
    category: Category | None = None


@router.get("", response=CreatorPage, auth=None, summary="Creators, newest first")
def list_creators(request: HttpRequest, wanted: Query[CreatorFilter]) -> CreatorPage:
    """Creators who can be booked."""
    wishes = Wishes(text=wanted.q, category=wanted.category or "")
    found = page_of(_browse(request, wishes), by="-created_at", page=wanted, key=int)
    return CreatorPage(
        data=[CreatorOut.model_validate(_values(row)) for row in found.rows], next_cursor=found.next_cursor
    )


@router.get(
    "/{slug:slug}", response={200: CreatorDetailOut, 404: ProblemOut}, auth=None, summary="One creator"
)
def get_creator(request: HttpRequest, slug: str) -> CreatorDetailOut:
    """A creator's public page; their slots are at `offers_url`, changes of them at `live_url`."""
    creator = _browse(request, Wishes()).filter(slug=slug).first()
    if creator is None:
        raise Http404
    return CreatorDetailOut.model_validate(
        {
            **_values(creator),
            "bio": creator.bio,
            "banner_url": _absolute(creator.banner_image),
            "social_links": creator.social_links,
            "offers_url": f"{settings.SITE_URL}/api/call-offers?creator={creator.slug}",
            "live_url": f"{settings.SITE_URL}/api/call-offers/events?creator={creator.pk}",
        }
    )


def _browse(request: HttpRequest, wishes: Wishes) -> QuerySet[Creator]:
    return browse_creators(wishes=wishes, zone=viewer_zone(request), now=clock.now())


def _values(creator: Any) -> dict[str, object]:
    """From a row of `browse_creators`, which carries more than its model."""
    currency = Currency(creator.currency or Currency.EUR)
    price_from = creator.price_from
    return {
        "slug": creator.slug,
        "name": creator.user.name,
        "expertise": creator.expertise,
        "category": creator.category,
        "portrait_url": _absolute(creator.profile_image),
        "currency": currency,
        "rating_average": creator.rating_average,
        "rating_count": creator.rating_count,
        "offer_count": creator.free_count,
        "price_from": money_out(Money(price_from, currency)) if price_from is not None else None,
        "next_slot": creator.next_slot,
    }


def _absolute(image: FieldFile) -> str:
    return f"{settings.SITE_URL}{image.url}" if image else ""
