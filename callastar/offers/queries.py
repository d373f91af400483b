"""Reads of offers: what fans may see of a creator, and what creators see of their own."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from callastar.accounts.models import User
from callastar.creators.models import Creator
from callastar.offers.models import CallOffer, OfferStatus


def shown_offers(*, creator: Creator, viewer: User | None, now: datetime) -> QuerySet[CallOffer]:
    """A creator's coming slots, free or booked, in order; what is reserved for somebody only that person sees."""
    for_all = Q(reserved_for=None)
    visible = for_all | Q(reserved_for=viewer.pk) if viewer else for_all
    return CallOffer.objects.upcoming(now).filter(visible, creator=creator)


def coming_offers(*, creator: Creator, now: datetime) -> QuerySet[CallOffer]:
    """A creator's own slots that are not over, the next first."""
    return CallOffer.objects.upcoming(now).filter(creator=creator)


def past_offers(*, creator: Creator, now: datetime) -> QuerySet[CallOffer]:
    """A creator's own slots that are over or withdrawn, the latest first."""
    live_and_coming = CallOffer.objects.upcoming(now).filter(creator=creator)
    return (
        CallOffer.objects.filter(creator=creator)
        .exclude(pk__in=live_and_coming.values("pk"))
        .order_by("-starts_at", "-id")
    )


def bookable_offers(
    *,
    now: datetime,
    creator_slug: str = "",
    starts_after: datetime | None = None,
    starts_before: datetime | None = None,
) -> QuerySet[CallOffer]:
    """Slots that anybody can book now, of one creator and within a time if these are named."""
    free = CallOffer.objects.filter(
        status=OfferStatus.AVAILABLE,
        starts_at__gt=max(now, starts_after) if starts_after else now,
        reserved_for=None,
        creator__charges_enabled=True,
        creator__user__is_active=True,
    )
    if starts_before:
        free = free.filter(starts_at__lt=starts_before)
    if creator_slug:
        free = free.filter(creator__slug=creator_slug)
    return free.select_related("creator__user")


def similar_offers(*, offer: CallOffer, viewer: User | None, now: datetime) -> QuerySet[CallOffer]:
    """What could take an offer's place: the same creator's free slots first, then those of the same kind of creator."""
    alike = Q(creator=offer.creator_id) | Q(creator__category=offer.creator.category)
    found = bookable_offers(now=now).filter(alike).exclude(pk=offer.pk)
    if viewer is not None:
        found = found.exclude(creator__user=viewer)
    same_creator = ExpressionWrapper(Q(creator=offer.creator_id), output_field=BooleanField())
    return found.order_by(same_creator.desc(), "starts_at", "id")


def slot_states(*, creator_id: int, now: datetime) -> dict[UUID, str]:
    """The status of each coming slot of a creator: what those who look at a list compare it with."""
    return dict(CallOffer.objects.upcoming(now).filter(creator=creator_id).values_list("pk", "status"))


def public_offer(offer_id: UUID) -> CallOffer | None:
    """A slot as anybody may see it; None where there is none, or its creator is not shown to fans."""
    return (
        CallOffer.objects.filter(creator__charges_enabled=True, creator__user__is_active=True, pk=offer_id)
        .select_related("creator__user")
        .first()
    )


def is_bookable(offer: CallOffer, *, now: datetime) -> bool:
    """Whether anybody could take the slot now."""
    return offer.status == OfferStatus.AVAILABLE and offer.starts_at > now and offer.reserved_for_id is None


def offer_version(offer_id: UUID) -> str | None:
    """An entity tag that changes whenever the slot does."""
    row = CallOffer.objects.filter(pk=offer_id).values_list("updated_at", "status").first()
    return f'"{row[0].timestamp()}-{row[1]}"' if row else None


def offer_state(offer_id: str) -> dict[str, Any] | None:
    """What a watcher is told first: the offer's present status; None if there is no such offer."""
    row = CallOffer.objects.filter(pk=offer_id).values_list("creator_id", "status").first()
    if row is None:
        return None
    return {"kind": "offer", "offer": offer_id, "creator": row[0], "status": row[1]}
