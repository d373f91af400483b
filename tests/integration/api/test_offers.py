"""AP-1: creators and their slots over the API."""

import json
from datetime import timedelta

import pytest

from callastar.core import clock
from callastar.offers.models import CallOffer, OfferStatus
from tests.factories import make_creator, make_offer, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def body_of(answer):
    return json.loads(answer.content)


def test_free_slots_are_listed_page_by_page(api_of):
    """AP-1: by cursor, next first, each once; nothing that cannot be booked."""
    creator = make_creator()
    wanted = [str(make_offer(creator=creator).pk) for _ in range(5)]
    make_offer(creator=creator, status=OfferStatus.BOOKED)
    make_offer(creator=creator, reserved_for=make_user())
    make_offer(creator=make_creator(payable=False))
    make_offer(starts_at=clock.now() - timedelta(minutes=1))
    seen, cursor = [], ""
    while True:
        page = body_of(api_of().get(f"call-offers?limit=2&cursor={cursor}"))
        seen += [offer["id"] for offer in page["data"]]
        if not (cursor := page["next_cursor"]):
            break
    assert seen == wanted


def test_a_slot_says_when_nothing_changed(api_of):
    """UI-4: conditional polling costs a 304 until somebody books."""
    offer = make_offer()
    first = api_of().get(f"call-offers/{offer.pk}")
    same = api_of().get(f"call-offers/{offer.pk}", If_None_Match=first["ETag"])
    assert (first.status_code, same.status_code) == (200, 304)
    assert body_of(first)["price"]["amount"] == 5000
    api_of(make_user()).post("bookings", {"offer_id": str(offer.pk)})
    changed = api_of().get(f"call-offers/{offer.pk}", If_None_Match=first["ETag"])
    assert (changed.status_code, body_of(changed)["status"]) == (200, "BOOKED")


def test_a_creator_sells_changes_and_withdraws_a_slot(api_of):
    """AP-1, OF-1, OF-5."""
    creator = make_creator(currency="CHF")
    api = api_of(creator.user)
    starts_at = (clock.now() + timedelta(days=3)).replace(microsecond=0)
    data = {"title": "Hello", "price": 4500, "starts_at": starts_at.isoformat(), "duration_minutes": 20}
    made = api.post("call-offers", data)
    offer = body_of(made)
    assert (made.status_code, offer["price"]["currency"], offer["price"]["text"]) == (
        201,
        "CHF",
        "CHF\xa045.00",
    )
    changed = api.ask("PATCH", f"call-offers/{offer['id']}", {"price": 5000})
    assert (changed.status_code, body_of(changed)["price"]["amount"]) == (200, 5000)
    api_of(make_user()).post("bookings", {"offer_id": offer["id"]})
    refused = api.ask("PATCH", f"call-offers/{offer['id']}", {"price": 100})
    assert (refused.status_code, body_of(refused)["code"]) == (409, "offer_booked")
    assert api.ask("DELETE", f"call-offers/{offer['id']}").status_code == 409
    other = body_of(
        api.post("call-offers", {**data, "starts_at": (starts_at + timedelta(days=1)).isoformat()})
    )
    assert api.ask("DELETE", f"call-offers/{other['id']}").status_code == 204
    assert CallOffer.objects.get(pk=other["id"]).status == OfferStatus.CANCELLED


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"price": 99}, 422, "price_too_low"),
        ({"price": 10**9}, 422, "price_too_high"),
        ({"duration_minutes": 4}, 422, None),
        ({"starts_at": "2020-01-01T10:00:00Z"}, 422, "offer_in_past"),
        ({"starts_at": "2027-01-01T10:00:00"}, 422, "invalid"),
        ({"price": 12.5}, 422, "invalid"),
        ({"title": ""}, 422, "invalid"),
    ],
)
def test_a_slot_that_cannot_be_is_refused(api_of, change, status, code):
    """OF-2, AP-3."""
    creator = make_creator()
    data = {
        "title": "Hello",
        "price": 4500,
        "starts_at": (clock.now() + timedelta(days=3)).isoformat(),
        "duration_minutes": 20,
        **change,
    }
    answer = api_of(creator.user).post("call-offers", data)
    assert answer.status_code == status, answer.content
    assert code in {None, body_of(answer)["code"]}
    assert not CallOffer.objects.exists()


def test_overlapping_slots_are_refused(api_of):
    """OF-2."""
    creator = make_creator()
    offer = make_offer(creator=creator)
    data = {
        "title": "Same time",
        "price": 4500,
        "starts_at": offer.starts_at.isoformat(),
        "duration_minutes": 20,
    }
    answer = api_of(creator.user).post("call-offers", data)
    assert (answer.status_code, body_of(answer)["code"]) == (409, "offer_overlaps")


def test_only_its_creator_touches_a_slot(api_of):
    """PE-3: 404, nothing changes."""
    offer = make_offer()
    for person in (make_user(), make_creator().user):
        assert api_of(person).ask("PATCH", f"call-offers/{offer.pk}", {"title": "Mine"}).status_code == 404
        assert api_of(person).ask("DELETE", f"call-offers/{offer.pk}").status_code == 404
    offer.refresh_from_db()
    assert (offer.title, offer.status) == ("A call with me", OfferStatus.AVAILABLE)


def test_creators_are_found_and_shown(api_of):
    """AP-1, PE-2: only those who can be paid."""
    singer = make_creator(expertise="Opéra", user=make_user(name="Zoé Martin", role="CREATOR"))
    make_offer(creator=singer, price=2500)
    make_creator(payable=False, expertise="Opera too")
    found = body_of(api_of().get("creators?q=opera zoe"))["data"]
    assert [(row["slug"], row["offer_count"], row["price_from"]["amount"]) for row in found] == [
        (singer.slug, 1, 2500)
    ]
    detail = body_of(api_of().get(f"creators/{singer.slug}"))
    assert detail["bio"]
    assert detail["live_url"].endswith(f"creator={singer.pk}")


def test_a_creator_reads_all_of_their_own_slots(api_of):
    """OF-1, PE-3: in every status, and before they can be paid; nobody else sees those."""
    creator = make_creator(payable=False)
    mine = api_of(creator.user)
    slots = [
        make_offer(creator=creator),
        make_offer(creator=creator, status=OfferStatus.CANCELLED),
        make_offer(creator=creator, reserved_for=make_user()),
    ]
    make_offer()
    listed = body_of(mine.get("call-offers?mine=true"))["data"]
    assert [(row["id"], row["is_bookable"]) for row in listed] == [(str(slot.pk), False) for slot in slots]
    late = slots[1].starts_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert len(body_of(mine.get(f"call-offers?mine=true&starts_before={late}"))["data"]) == 1
    for slot in slots:
        assert mine.get(f"call-offers/{slot.pk}").status_code == 200
        assert api_of().get(f"call-offers/{slot.pk}").status_code == 404
        assert api_of(make_user()).get(f"call-offers/{slot.pk}").status_code == 404
    assert api_of().get("call-offers?mine=true").status_code == 401
    assert api_of(make_user()).get("call-offers?mine=true").status_code == 404


def test_what_is_reserved_is_there_for_its_fan_and_creator_only(api_of):
    """OF-4, PE-3: also in the states of a list."""
    fan, creator = make_user(), make_creator()
    offer = make_offer(creator=creator, reserved_for=fan)
    answers = {}
    for name, api in {
        "guest": api_of(),
        "stranger": api_of(make_user()),
        "fan": api_of(fan),
        "creator": api_of(creator.user),
    }.items():
        one = api.get(f"call-offers/{offer.pk}")
        states = body_of(api.get(f"call-offers/states?creator={creator.pk}"))
        bookable = body_of(one).get("is_bookable")
        answers[name] = (one.status_code, bookable, str(offer.pk) in states)
    assert answers == {
        "guest": (404, None, False),
        "stranger": (404, None, False),
        "fan": (200, True, True),
        "creator": (200, False, True),
    }


def test_the_tag_of_a_slot_follows_what_is_said_of_it(api_of, monkeypatch):
    """UI-4: another language, or a slot that has begun meanwhile, is another answer."""
    offer = make_offer()
    english = api_of().get(f"call-offers/{offer.pk}")
    french = api_of(language="fr").get(f"call-offers/{offer.pk}", If_None_Match=english["ETag"])
    assert french.status_code == 200
    assert {"accept-language", "cookie"} <= {part.strip().lower() for part in english["Vary"].split(",")}
    begun = offer.starts_at + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: begun)
    late = api_of().get(f"call-offers/{offer.pk}", If_None_Match=english["ETag"])
    assert (late.status_code, body_of(late)["is_bookable"]) == (200, False)
