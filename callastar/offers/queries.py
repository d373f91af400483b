"""Reads of offers: what fans may see of a creator, and what creators see of their own."""

from datetime import datetime
from typing import Any, TypedDict, Unpack
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


class Wanted(TypedDict, total=False):
    """What narrows a list of slots: one creator's, within a time."""

    creator_slug: str
    starts_after: datetime | None
    starts_before: datetime | None


def own_offers(*, owner: Creator, **wanted: Unpack[Wanted]) -> QuerySet[CallOffer]:
    """All slots of a creator, whatever became of them, also while the creator cannot be paid yet."""
    return _narrowed(CallOffer.objects.filter(creator=owner), wanted)


def bookable_offers(*, now: datetime, **wanted: Unpack[Wanted]) -> QuerySet[CallOffer]:
    """Slots that anybody can book now, of one creator and within a time if these are named."""
    return _narrowed(CallOffer.objects.free(now).filter(_seen_by(None)), wanted)


def _narrowed(offers: QuerySet[CallOffer], wanted: Wanted) -> QuerySet[CallOffer]:
    if slug := wanted.get("creator_slug"):
        offers = offers.filter(creator__slug=slug)
    if after := wanted.get("starts_after"):
        offers = offers.filter(starts_at__gt=after)
    if before := wanted.get("starts_before"):
        offers = offers.filter(starts_at__lt=before)
    return offers.select_related("creator__user")


def similar_offers(*, offer: CallOffer, viewer: User | None, now: datetime) -> QuerySet[CallOffer]:
    """What could take an offer's place: the same creator's free slots first, then those of the same kind of creator."""
    alike = Q(creator=offer.creator_id) | Q(creator__category=offer.creator.category)
    found = bookable_offers(now=now).filter(alike).exclude(pk=offer.pk)
    if viewer is not None:
        found = found.exclude(creator__user=viewer)
    same_creator = ExpressionWrapper(Q(creator=offer.creator_id), output_field=BooleanField())
    return found.order_by(same_creator.desc(), "starts_at", "id")


def slot_states(*, creator_id: int, viewer: User | None, now: datetime) -> dict[UUID, str]:
    """The status of each coming slot of a creator: what those who look at a list compare it with."""
    seen = CallOffer.objects.upcoming(now).filter(_seen_by(viewer), creator=creator_id)
    return dict(seen.values_list("pk", "status"))


def visible_offer(offer_id: UUID, *, viewer: User | None) -> CallOffer | None:
    """A slot as this person, or a guest, may see it; None where there is none for them."""
    return CallOffer.objects.filter(_seen_by(viewer), pk=offer_id).select_related("creator__user").first()


def is_bookable(offer: CallOffer, *, viewer: User | None, now: datetime) -> bool:
    """Whether a fan like this viewer could take the slot now."""
    may_be_paid = offer.creator.charges_enabled and offer.creator.user.is_active
    is_for_them = offer.reserved_for_id in {None, viewer.pk if viewer else None}
    return offer.status == OfferStatus.AVAILABLE and offer.starts_at > now and may_be_paid and is_for_them


def offer_state(offer_id: str) -> dict[str, Any] | None:
    """What a watcher is told first: the offer's present status; None if there is no offer that everybody may see."""
    row = CallOffer.objects.filter(_seen_by(None), pk=offer_id).values_list("creator_id", "status").first()
    if row is None:
        return None
    return {"kind": "offer", "offer": offer_id, "creator": row[0], "status": row[1]}


def _seen_by(viewer: User | None) -> Q:
    """What creators who can be paid show to fans, without what is reserved for others; and one's own slots."""
    shown = Q(creator__charges_enabled=True, creator__user__is_active=True)
    for_all = Q(reserved_for=None)
    if viewer is None:
        return shown & for_all
    return shown & (for_all | Q(reserved_for=viewer.pk)) | Q(creator__user=viewer.pk)
