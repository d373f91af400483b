"""A creator's public page (PE-2, PE-3, UI-3, UI-8)."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from callastar.core import clock
from callastar.offers.models import OfferStatus
from tests.factories import make_creator, make_offer, make_user

pytestmark = pytest.mark.django_db


def test_it_shows_the_creator_and_coming_offers(client: Client) -> None:
    """UI-3, OF-4: what passed unbooked is not shown, even before it is cancelled."""
    creator = make_creator(
        slug="ada",
        bio="I count.",
        social_links={"instagram": "https://instagram.com/ada", "x": "https://x.com/ada"},
    )
    free = make_offer(creator=creator, title="Free one")
    make_offer(creator=creator, title="Booked one", status=OfferStatus.BOOKED)
    make_offer(creator=creator, title="Withdrawn one", status=OfferStatus.CANCELLED)
    make_offer(creator=creator, title="Past one", starts_at=clock.now() - timedelta(minutes=1))
    page = client.get("/en/creators/ada").content.decode()
    for shown in ("I count.", "Instagram", "https://x.com/ada", "Free one", "Booked one", "Already booked"):
        assert shown in page
    assert f'data-live-creator="{creator.pk}"' in page
    assert f'data-offer-id="{free.pk}" data-offer-status="AVAILABLE"' in page
    assert "Withdrawn one" not in page
    assert "Past one" not in page


def test_a_reserved_offer_is_shown_to_its_fan_only(client: Client) -> None:
    """PE-3, OF-1."""
    fan, other = make_user(), make_user()
    offer = make_offer(title="For you alone", reserved_for=fan)
    url = f"/en/creators/{offer.creator.slug}"
    assert "For you alone" not in client.get(url).content.decode()
    client.force_login(other)
    assert "For you alone" not in client.get(url).content.decode()
    client.force_login(fan)
    assert "For you alone" in client.get(url).content.decode()


def test_before_charges_are_enabled_only_the_creator_sees_it(client: Client) -> None:
    """PE-2."""
    creator = make_creator(slug="soon", payable=False)
    assert client.get("/en/creators/soon").status_code == 404
    client.force_login(creator.user)
    assert client.get("/en/creators/soon").status_code == 200


def test_somebody_unknown_or_blocked_is_not_found(client: Client) -> None:
    make_creator(slug="blocked", user=make_user(is_active=False))
    assert client.get("/en/creators/nobody").status_code == 404
    assert client.get("/en/creators/blocked").status_code == 404


@pytest.mark.parametrize("many", [1, 12])
def test_it_needs_few_queries(client: Client, many: int, django_assert_max_num_queries: Any) -> None:
    """UI-8: at most five and one for the list, signed in."""
    creator = make_creator(slug="ada")
    for _ in range(many):
        make_offer(creator=creator)
    client.force_login(make_user())
    client.get("/en/creators/ada")
    with django_assert_max_num_queries(6):
        client.get("/en/creators/ada")


def test_times_are_the_viewers(client: Client) -> None:
    """UI-2: signed in the account's zone, else the browser's."""
    offer = make_offer()
    url = f"/en/creators/{offer.creator.slug}"
    client.cookies["tz"] = "Asia/Tokyo"
    assert "Tokyo time" in client.get(url).content.decode()
    client.force_login(make_user(timezone="America/New_York"))
    assert "New York time" in client.get(url).content.decode()
