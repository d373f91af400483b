"""The studio's pages (PE-3, OF-1, OF-2, OF-3, OF-5)."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from callastar.core import clock
from callastar.creators.models import Creator
from callastar.offers.models import CallOffer, OfferStatus
from tests.factories import make_creator, make_offer, make_user

pytestmark = pytest.mark.django_db

STUDIO = "/en/dashboard/creator"


@pytest.fixture
def creator(client: Client) -> Creator:
    creator = make_creator(user=make_user(role="CREATOR", timezone="Europe/Paris"))
    client.force_login(creator.user)
    return creator


def _entry(**changes: Any) -> dict[str, Any]:
    day = (clock.now() + timedelta(days=20)).date().isoformat()
    values = {"title": "A call", "day": day, "time": "18:00", "duration_minutes": "20", "price": "49.90"}
    return {**values, **changes}


def test_an_offer_is_made_in_the_creators_own_time(client: Client, creator: Creator) -> None:
    """OF-1, OF-3: 18:00 is 18:00 in Paris."""
    answer = client.post(f"{STUDIO}/offers/new", _entry(day="2027-01-12", time="18:00"))
    assert answer.status_code in {302, 422}
    answer = client.post(f"{STUDIO}/offers/new", _entry())
    assert answer.headers["Location"] == f"{STUDIO}/offers"
    offer = CallOffer.objects.latest("created_at")
    assert (offer.price, offer.currency, offer.duration_minutes) == (4990, "EUR", 20)
    assert offer.starts_at.astimezone(creator.user.zone).hour == 18


@pytest.mark.parametrize(
    ("day", "time", "text"),
    [
        ("2027-03-28", "02:30", "does not exist that day"),
        ("2027-10-31", "02:30", "exists twice that day"),
    ],
)
def test_times_that_the_clocks_skip_or_repeat_are_reported(
    client: Client, creator: Creator, day: str, time: str, text: str
) -> None:
    """OF-3: never guessed."""
    answer = client.post(f"{STUDIO}/offers/new", _entry(day=day, time=time))
    assert answer.status_code == 422
    assert text in answer.content.decode()
    assert not CallOffer.objects.exists()


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"price": "0.99"}, "A call costs 1.00 at least."),
        ({"day": "2020-01-01"}, "This time is over."),
        ({"duration_minutes": "3"}, "greater than or equal to 5"),
        ({"price": "1.005"}, "2 decimal places"),
        ({"title": ""}, "This field is required."),
    ],
)
def test_refusals_are_shown_beside_the_field(
    client: Client, creator: Creator, changes: dict, text: str
) -> None:
    """OF-2."""
    answer = client.post(f"{STUDIO}/offers/new", _entry(**changes))
    assert answer.status_code == 422
    assert text in answer.content.decode()
    assert not CallOffer.objects.exists()


def test_an_overlap_is_told(client: Client, creator: Creator) -> None:
    """OF-2."""
    client.post(f"{STUDIO}/offers/new", _entry())
    answer = client.post(f"{STUDIO}/offers/new", _entry())
    assert answer.status_code == 422
    assert "You already have a call at this time." in answer.content.decode()
    assert CallOffer.objects.count() == 1


def test_a_held_offer_keeps_its_price(client: Client, creator: Creator) -> None:
    """OF-5: refused with the reason."""
    offer = make_offer(creator=creator, status=OfferStatus.BOOKED)
    answer = client.post(f"{STUDIO}/offers/{offer.pk}", _entry(price="60"))
    assert answer.status_code == 422
    assert "its price, time and duration stay as they were agreed" in answer.content.decode()
    offer.refresh_from_db()
    assert offer.price == 5000


def test_an_offer_is_withdrawn(client: Client, creator: Creator) -> None:
    """OF-1."""
    offer = make_offer(creator=creator)
    client.post(f"{STUDIO}/offers/{offer.pk}/cancel")
    offer.refresh_from_db()
    assert offer.status == OfferStatus.CANCELLED


@pytest.mark.parametrize(("method", "ending"), [("get", ""), ("post", ""), ("post", "/cancel")])
def test_anothers_offer_is_not_found(client: Client, creator: Creator, method: str, ending: str) -> None:
    """PE-3: 404, not 403, and nothing changes."""
    offer = make_offer()
    answer = getattr(client, method)(f"{STUDIO}/offers/{offer.pk}{ending}", _entry())
    assert answer.status_code == 404
    before = (offer.title, offer.price, offer.status)
    offer.refresh_from_db()
    assert (offer.title, offer.price, offer.status) == before


def test_a_creator_sees_only_their_own_offers(client: Client, creator: Creator) -> None:
    """PE-3."""
    make_offer(creator=creator, title="Mine")
    make_offer(title="Somebody else’s")
    page = client.get(f"{STUDIO}/offers").content.decode()
    assert "Mine" in page
    assert "Somebody else’s" not in page
    assert "You earn" in page


@pytest.mark.parametrize("path", ["", "/offers", "/offers/new", "/profile"])
def test_the_studio_is_for_creators(client: Client, path: str) -> None:
    """PE-3: guests sign in first, fans are shown how to become a creator."""
    assert "/account/login/" in client.get(STUDIO + path).headers["Location"]
    client.force_login(make_user())
    assert client.get(STUDIO + path).headers["Location"] == "/en/creators/become"


def test_today_says_what_stripe_still_requires(client: Client) -> None:
    """PE-2."""
    creator = make_creator(payable=False, stripe_requirements=["individual.dob.day", "external_account"])
    client.force_login(creator.user)
    page = client.get(STUDIO).content.decode()
    assert "Your date of birth" in page
    assert "Your bank account" in page


@pytest.mark.parametrize("many", [1, 12])
def test_the_list_of_offers_needs_few_queries(
    client: Client, creator: Creator, many: int, django_assert_max_num_queries: Any
) -> None:
    """UI-8."""
    for _ in range(many):
        make_offer(creator=creator)
    client.get(f"{STUDIO}/offers")
    with django_assert_max_num_queries(6):
        client.get(f"{STUDIO}/offers")
