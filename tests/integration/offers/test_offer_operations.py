"""Making, changing, withdrawing and expiring offers (OF-1, OF-2, OF-4, OF-5)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from callastar.audit.models import LogEntry
from callastar.creators.models import Creator
from callastar.offers import operations, refusals
from callastar.offers.models import CallOffer, OfferStatus
from callastar.offers.operations import OfferData, cancel_offer, create_offer, expire_offers, update_offer
from tests.factories import make_creator, make_offer, utc

pytestmark = pytest.mark.django_db

NOW = utc(2030, 5, 1, 12)
DATA = OfferData(title="A call", price=5000, starts_at=utc(2030, 5, 6, 16), duration_minutes=30)


@pytest.fixture
def creator() -> Creator:
    return make_creator(currency="CHF")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[dict]:
    """What watchers are told, in order."""
    messages: list[dict] = []
    monkeypatch.setattr(operations, "publish_offer", lambda **message: messages.append(message))
    return messages


def _rows() -> list[tuple]:
    return list(CallOffer.objects.order_by("id").values_list())


def test_an_offer_is_in_its_creators_currency(creator: Creator, told: list[dict]) -> None:
    """OF-1."""
    offer = create_offer(creator=creator, data=DATA, now=NOW)
    saved = CallOffer.objects.get(pk=offer.pk)
    assert (saved.currency, saved.price, saved.status) == ("CHF", 5000, OfferStatus.AVAILABLE)
    assert saved.ends_at == DATA.starts_at + timedelta(minutes=30)
    assert told == [{"offer_id": offer.pk, "creator_id": creator.pk, "status": "AVAILABLE"}]
    assert LogEntry.objects.get(type="OFFER_CREATED").actor_id == creator.user_id


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"price": 99}, refusals.PriceTooLowError),
        ({"price": 100_000_000}, refusals.PriceTooHighError),
        ({"duration_minutes": 4}, refusals.DurationError),
        ({"duration_minutes": 181}, refusals.DurationError),
        ({"starts_at": NOW}, refusals.OfferInPastError),
        ({"starts_at": NOW + timedelta(days=400)}, refusals.OfferTooFarError),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_reason(
    creator: Creator, told: list[dict], change: dict, refusal: type
) -> None:
    """OF-1, OF-2: and nothing is saved, nobody is told."""
    with pytest.raises(refusal) as caught:
        create_offer(creator=creator, data=replace(DATA, **change), now=NOW)
    assert caught.value.field_errors
    assert not CallOffer.objects.exists()
    assert told == []


def test_a_price_that_its_fees_eat_up_is_refused(creator: Creator) -> None:
    """OF-2: 1.00 at 70 % leaves nothing after processing."""
    creator.fee_percent = 70
    creator.save()
    with pytest.raises(refusals.FeesExceedPriceError):
        create_offer(creator=creator, data=replace(DATA, price=100), now=NOW)
    assert not CallOffer.objects.exists()


def test_an_overlap_is_refused_and_the_transaction_goes_on(creator: Creator, told: list[dict]) -> None:
    """OF-2: the database's refusal becomes a reason."""
    create_offer(creator=creator, data=DATA, now=NOW)
    with pytest.raises(refusals.OfferOverlapsError):
        create_offer(creator=creator, data=replace(DATA, title="Another"), now=NOW)
    assert CallOffer.objects.get().title == "A call"
    assert len(told) == 1


def test_a_free_offer_can_be_changed(creator: Creator, told: list[dict]) -> None:
    """OF-5: nobody holds it."""
    offer = create_offer(creator=creator, data=DATA, now=NOW)
    later = replace(DATA, price=7000, starts_at=DATA.starts_at + timedelta(hours=1), duration_minutes=45)
    update_offer(offer_id=offer.pk, creator=creator, data=later, now=NOW)
    offer.refresh_from_db()
    assert (offer.price, offer.starts_at, offer.duration_minutes) == (7000, later.starts_at, 45)
    assert offer.ends_at == later.ends_at
    assert len(told) == 2


@pytest.mark.parametrize(
    "change",
    [{"price": 6000}, {"duration_minutes": 20}, {"starts_at": DATA.starts_at + timedelta(hours=2)}],
)
def test_what_somebody_pays_for_does_not_change(creator: Creator, change: dict) -> None:
    """OF-5: refused with the reason, and nothing changed."""
    offer = create_offer(creator=creator, data=DATA, now=NOW)
    CallOffer.objects.update(status=OfferStatus.BOOKED)
    before = _rows()
    with pytest.raises(refusals.OfferBookedError):
        update_offer(offer_id=offer.pk, creator=creator, data=replace(DATA, **change), now=NOW)
    assert _rows() == before


def test_its_title_may_still_change(creator: Creator) -> None:
    """OF-5 speaks of price, time and duration."""
    offer = create_offer(creator=creator, data=DATA, now=NOW)
    CallOffer.objects.update(status=OfferStatus.BOOKED)
    update_offer(offer_id=offer.pk, creator=creator, data=replace(DATA, title="A better title"), now=NOW)
    offer.refresh_from_db()
    assert (offer.title, offer.status) == ("A better title", OfferStatus.BOOKED)


def test_moving_onto_another_offer_is_refused(creator: Creator) -> None:
    """OF-2."""
    create_offer(creator=creator, data=DATA, now=NOW)
    second = create_offer(
        creator=creator, data=replace(DATA, starts_at=DATA.starts_at + timedelta(hours=1)), now=NOW
    )
    with pytest.raises(refusals.OfferOverlapsError):
        update_offer(offer_id=second.pk, creator=creator, data=DATA, now=NOW)


@pytest.mark.parametrize("status", [OfferStatus.CANCELLED, OfferStatus.COMPLETED])
def test_an_offer_that_is_over_does_not_change(creator: Creator, status: OfferStatus) -> None:
    offer = create_offer(creator=creator, data=DATA, now=NOW)
    CallOffer.objects.update(status=status)
    for change in ({"title": "New"}, {"price": 6000}):
        with pytest.raises(refusals.OfferOverError):
            update_offer(offer_id=offer.pk, creator=creator, data=replace(DATA, **change), now=NOW)


def test_another_creators_offer_does_not_exist(creator: Creator) -> None:
    """PE-3."""
    offer = make_offer()
    before = _rows()
    with pytest.raises(CallOffer.DoesNotExist):
        update_offer(offer_id=offer.pk, creator=creator, data=DATA, now=NOW)
    with pytest.raises(CallOffer.DoesNotExist):
        cancel_offer(offer_id=offer.pk, creator=creator, now=NOW)
    assert _rows() == before


def test_a_free_offer_is_withdrawn_once(creator: Creator, told: list[dict]) -> None:
    """OF-1: AVAILABLE → CANCELLED."""
    offer = create_offer(creator=creator, data=DATA, now=NOW)
    for _ in range(2):
        cancel_offer(offer_id=offer.pk, creator=creator, now=NOW)
    offer.refresh_from_db()
    assert offer.status == OfferStatus.CANCELLED
    assert [message["status"] for message in told] == ["AVAILABLE", "CANCELLED"]


@pytest.mark.parametrize("status", [OfferStatus.BOOKED, OfferStatus.COMPLETED])
def test_an_offer_that_somebody_holds_is_not_withdrawn(creator: Creator, status: OfferStatus) -> None:
    """OF-5: its booking must be cancelled instead."""
    offer = create_offer(creator=creator, data=DATA, now=NOW)
    CallOffer.objects.update(status=status)
    with pytest.raises(refusals.OfferHeldError):
        cancel_offer(offer_id=offer.pk, creator=creator, now=NOW)
    offer.refresh_from_db()
    assert offer.status == status


def test_offers_whose_time_came_unbooked_are_cancelled(told: list[dict]) -> None:
    """OF-4: only those, and watchers are told."""
    past = make_offer(starts_at=NOW)
    booked = make_offer(starts_at=NOW - timedelta(hours=1), status=OfferStatus.BOOKED)
    future = make_offer(starts_at=NOW + timedelta(seconds=1))
    assert expire_offers(now=NOW) == 1
    assert expire_offers(now=NOW) == 0
    statuses = dict(CallOffer.objects.values_list("pk", "status"))
    assert statuses == {past.pk: "CANCELLED", booked.pk: "BOOKED", future.pk: "AVAILABLE"}
    assert told == [{"offer_id": past.pk, "creator_id": past.creator_id, "status": "CANCELLED"}]
    assert LogEntry.objects.filter(type="OFFERS_EXPIRED").count() == 1
