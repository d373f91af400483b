"""Finding creators (PE-2, UI-3): search, filters, sorting, and a bounded number of queries (UI-8)."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from callastar.core import clock
from callastar.creators.models import Category, Creator
from callastar.offers.browse import Sort, Wishes, browse_creators
from callastar.offers.models import OfferStatus
from tests.factories import make_creator, make_offer, make_user, utc

pytestmark = pytest.mark.django_db

PARIS = ZoneInfo("Europe/Paris")
NOW = utc(2030, 5, 1, 12)


def _found(**wishes: Any) -> list[Creator]:
    return list(browse_creators(wishes=Wishes(**wishes), zone=PARIS, now=NOW))


def test_fans_see_only_creators_who_can_be_paid() -> None:
    """PE-2: until charges are enabled nobody else sees them."""
    payable = make_creator()
    make_offer(creator=make_creator(payable=False), starts_at=NOW + timedelta(days=1))
    blocked = make_creator(user=make_user(is_active=False))
    assert _found() == [payable]
    assert blocked not in _found()


@pytest.mark.parametrize("text", ["élodie", "ELODIE", "elodie jazz", "conge", "Congés", "  jazz  "])
def test_search_minds_neither_case_nor_accents(text: str) -> None:
    """UI-3: name, expertise and bio."""
    wanted = make_creator(
        user=make_user(name="Élodie Martin"), expertise="Jazz", bio="Racontez-moi vos congés"
    )
    make_creator()
    assert _found(text=text) == [wanted]


@pytest.mark.parametrize("text", ["100%", "a_b", "'; --", "\\", "nobody at all"])
def test_search_takes_any_text(text: str) -> None:
    make_creator()
    assert _found(text=text) == []


def test_cards_say_how_many_times_are_free_and_from_which_price() -> None:
    """UI-3: booked, past, withdrawn and reserved slots do not count."""
    creator = make_creator()
    for day, fields in enumerate(
        (
            {"price": 4000},
            {"price": 3000},
            {"price": 1000, "status": OfferStatus.BOOKED},
            {"price": 1000, "status": OfferStatus.CANCELLED},
            {"price": 1000, "reserved_for": make_user()},
        ),
        start=1,
    ):
        make_offer(creator=creator, starts_at=NOW + timedelta(days=day), **fields)
    make_offer(creator=creator, starts_at=NOW - timedelta(minutes=1), price=1000)
    [found] = _found()
    assert (found.free_count, found.price_from) == (2, 3000)
    assert found.next_slot == NOW + timedelta(days=1)


def test_price_day_and_category_narrow_the_list() -> None:
    """UI-3: the day is one of the viewer's time zone."""
    late = make_creator(category=Category.SPORT)
    make_offer(creator=late, starts_at=utc(2030, 5, 9, 22, 30), price=9000)  # 00:30 on the 10th in Paris
    early = make_creator(category=Category.MUSIC)
    make_offer(creator=early, starts_at=utc(2030, 5, 9, 10), price=2000)
    assert _found(day=utc(2030, 5, 10).date()) == [late]
    assert _found(day=utc(2030, 5, 9).date()) == [early]
    assert _found(price_max=5000) == [early]
    assert _found(price_min=5000) == [late]
    assert _found(category=Category.SPORT) == [late]
    assert _found(category=Category.SPORT, price_max=100) == []


def test_orders() -> None:
    """UI-3: those without a free time or a rating come last."""
    cheap = make_creator(rating_average="4.00", rating_count=3)
    make_offer(creator=cheap, starts_at=NOW + timedelta(days=3), price=1000)
    soon = make_creator()
    make_offer(creator=soon, starts_at=NOW + timedelta(days=1), price=9000)
    best = make_creator(rating_average="5.00", rating_count=1)
    assert _found(sort=Sort.SOONEST) == [soon, cheap, best]
    assert _found(sort=Sort.PRICE) == [cheap, soon, best]
    assert _found(sort=Sort.RATING) == [best, cheap, soon]
    assert _found(sort=Sort.NEWEST) == [best, soon, cheap]


@pytest.mark.parametrize("many", [1, 12])
def test_the_list_needs_two_queries_however_long(
    client: Client, many: int, django_assert_num_queries: Any
) -> None:
    """UI-8: one to count, one to read."""
    for _ in range(many):
        make_offer(starts_at=clock.now() + timedelta(days=1))
    with django_assert_num_queries(2):
        page = client.get("/en/creators", {"sort": "price"})
    assert page.content.count(b'<article class="creator-card"') == many


def test_an_address_with_nonsense_shows_everybody(client: Client) -> None:
    """UI-3: pages can be shared, and typed wrong."""
    make_creator(user=make_user(name="Somebody"))
    page = client.get("/fr/creators?price_min=abc&day=2030-13-40&sort=magic&category=nope&page=99")
    assert page.status_code == 200
    assert "Somebody" in page.content.decode()


def test_the_landing_page_shows_creators_with_time(client: Client) -> None:
    make_offer(creator=make_creator(user=make_user(name="With Time")))
    make_creator(user=make_user(name="Without Time"))
    page = client.get("/en/").content.decode()
    assert "With Time" in page
    assert "Without Time" not in page
