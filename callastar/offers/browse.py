"""Finding creators: one query for a page of them, with what each has to offer."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from unicodedata import combining, normalize
from zoneinfo import ZoneInfo

from django.db.models import Count, F, FilteredRelation, Func, Min, Q, QuerySet, TextField, Value
from django.db.models.functions import Concat
from django.urls import reverse

from callastar.creators.models import Creator
from callastar.offers.models import OfferStatus


class Sort(StrEnum):
    """Orders of the list."""

    SOONEST = "soonest"
    PRICE = "price"
    RATING = "rating"
    NEWEST = "newest"


_NEXT = F("next_slot").asc(nulls_last=True)
_BEST = F("rating_average").desc(nulls_last=True)
_ORDERS = {
    Sort.SOONEST: (_NEXT, _BEST, "id"),
    Sort.PRICE: (F("price_from").asc(nulls_last=True), _NEXT, "id"),
    Sort.RATING: (_BEST, "-rating_count", _NEXT, "id"),
    Sort.NEWEST: ("-created_at", "id"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Wishes:
    """What a fan looks for. Prices in minor units; the day is one of the fan's own time zone."""

    text: str = ""
    category: str = ""
    price_min: int | None = None
    price_max: int | None = None
    day: date | None = None
    sort: Sort = Sort.SOONEST
    has_time: bool = False

    @property
    def is_about_offers(self) -> bool:
        """Whether only creators with a fitting free slot are asked for."""
        wished = (self.price_min, self.price_max, self.day)
        return self.has_time or any(wish is not None for wish in wished)


def browse_creators(*, wishes: Wishes, zone: ZoneInfo, now: datetime) -> QuerySet[Creator]:
    """Creators who may take money, annotated with `free_count`, `price_from` and `next_slot` of their fitting slots."""
    creators = _matching_text(Creator.objects.payable().select_related("user"), wishes.text)
    if wishes.category:
        creators = creators.filter(category=wishes.category)
    creators = creators.annotate(
        slot=FilteredRelation("offers", condition=_fitting(wishes, zone, now)),
        free_count=Count("slot"),
        price_from=Min("slot__price"),
        next_slot=Min("slot__starts_at"),
    )
    if wishes.is_about_offers:
        creators = creators.filter(free_count__gt=0)
    return creators.order_by(*_ORDERS[wishes.sort])


@dataclass(frozen=True, slots=True)
class CreatorCard:
    """A creator as lists show them."""

    url: str
    name: str
    bio: str
    category: str
    portrait: str
    rating: object
    review_count: int
    offer_count: int
    price_from: int | None
    currency: str

    @classmethod
    def of(cls, creator: Creator) -> "CreatorCard":
        """From a row of `browse_creators`."""
        return cls(
            url=reverse("creators:detail", args=[creator.slug]),
            name=creator.name,
            bio=creator.expertise or creator.bio,
            category=creator.get_category_display(),
            portrait=creator.profile_image.url if creator.profile_image else "",
            rating=creator.rating_average,
            review_count=creator.rating_count,
            offer_count=creator.free_count,  # type: ignore[attr-defined]
            price_from=creator.price_from,  # type: ignore[attr-defined]
            currency=creator.currency or "EUR",
        )


def fold(text: str) -> str:
    """Small letters without accents, as the search compares them."""
    return "".join(letter for letter in normalize("NFD", text.lower()) if not combining(letter))


class _Folded(Func):
    """`fold` in PostgreSQL: the marks from U+0300 to U+036F are what NFD splits off Latin letters."""

    template = "regexp_replace(normalize(lower(%(expressions)s), NFD), '[\u0300-\u036f]', '', 'g')"
    output_field = TextField()


def _matching_text(creators: QuerySet[Creator], text: str) -> QuerySet[Creator]:
    words = fold(text).split()
    if not words:
        return creators
    told = Concat("user__name", Value(" "), "expertise", Value(" "), "bio", output_field=TextField())
    creators = creators.alias(told=_Folded(told))
    for word in words:
        creators = creators.filter(told__contains=word)
    return creators


def _fitting(wishes: Wishes, zone: ZoneInfo, now: datetime) -> Q:
    fitting = Q(offers__status=OfferStatus.AVAILABLE, offers__reserved_for=None, offers__starts_at__gt=now)
    if wishes.price_min is not None:
        fitting &= Q(offers__price__gte=wishes.price_min)
    if wishes.price_max is not None:
        fitting &= Q(offers__price__lte=wishes.price_max)
    if wishes.day:
        midnight = datetime.combine(wishes.day, time(), tzinfo=zone)
        next_midnight = datetime.combine(wishes.day + timedelta(days=1), time(), tzinfo=zone)
        fitting &= Q(offers__starts_at__gte=midnight, offers__starts_at__lt=next_midnight)
    return fitting
