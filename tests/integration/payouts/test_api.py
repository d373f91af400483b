"""`/api/payouts`: AP-1, AP-3, PO-4, PO-6, LE-2."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from callastar.accounts.models import Role
from callastar.core import clock
from callastar.creators.models import Creator
from callastar.payouts.models import Payout
from tests import earnings
from tests.factories import make_creator, make_user

pytestmark = pytest.mark.django_db
PAYOUTS = "/api/payouts"


@pytest.fixture
def creator() -> Creator:
    return make_creator(user=make_user(role=Role.CREATOR))


@pytest.fixture
def studio(creator: Creator) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(creator.user)
    return client


def post(client: Client, body: object = None, **headers: str) -> tuple[int, dict]:
    data = "" if body is None else json.dumps(body)
    answer = client.post(PAYOUTS, data, content_type="application/json", headers=headers)
    return answer.status_code, answer.json()


def test_the_balance_is_the_journals(studio, creator):
    """LE-2, PO-6: every figure, the next payout, and nothing in the way."""
    earnings.earn(creator, price=10_000)
    earnings.earn(creator, price=5_000, ago=timedelta(days=1))
    (balance,) = studio.get(f"{PAYOUTS}/balance").json()["data"]
    assert {name: balance[name]["amount"] for name in ("available", "pending", "paid", "debt")} == {
        "available": 8_180,
        "pending": 4_075,
        "paid": 0,
        "debt": 0,
    }
    assert balance["available"]["text"] == "€81.80"
    assert balance["next_payout"]["amount"]["amount"] >= 8_180
    assert balance["obstacles"] == balance["request_obstacles"] == []


def test_obstacles_have_codes_and_sentences(studio, creator):
    """PO-6, AP-3: in the asker's language."""
    Creator.objects.update(payouts_enabled=False, stripe_requirements=["external_account"])
    (balance,) = studio.get(f"{PAYOUTS}/balance", headers={"Accept-Language": "en"}).json()["data"]
    assert [each["code"] for each in balance["obstacles"]] == ["payouts_disabled", "nothing_payable"]
    assert balance["obstacles"][1]["text"] == "Nothing can be paid out yet."
    assert balance["next_payout"] is None


@pytest.mark.parametrize("body", [None, {}, {"currency": "EUR"}, {"currency": None}])
def test_asking(studio, creator, body):
    """PO-4: with or without a body; the request waits for an admin."""
    earnings.earn(creator)
    status, payout = post(studio, body)
    assert (status, payout["status"], payout["amount"]["amount"]) == (201, "REQUESTED", 8_180)
    assert Payout.objects.get().trigger == "REQUEST"


def test_asking_again_with_the_same_key_gives_the_same_answer(studio, creator):
    """AP-1: one payout."""
    earnings.earn(creator)
    first = post(studio, {}, **{"Idempotency-Key": "k-1"})
    assert post(studio, {}, **{"Idempotency-Key": "k-1"}) == first
    assert Payout.objects.count() == 1
    assert post(studio, {})[1]["code"] == "payout_in_progress"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"currency": "EUR"}, 409, "nothing_payable"),
        ({"currency": "USD"}, 409, "nothing_payable"),
        ({"currency": "XXX"}, 422, "invalid"),
        ({"currency": 5}, 422, "invalid"),
    ],
)
def test_asking_for_what_cannot_be(studio, creator, body, status, code):
    """PO-6, AP-3: a problem, and nothing is saved."""
    found, problem = post(studio, body)
    assert (found, problem["code"]) == (status, code)
    assert Payout.objects.count() == 0


def test_the_list_is_paged_and_one_has_its_parts(studio, creator):
    """AP-1: by cursor, newest first."""
    now = clock.now()
    for number in range(3):
        earnings.earn(creator, ago=timedelta(days=40 - number))
        payout = earnings.leave(creator, earnings.payable(creator), at=now - timedelta(days=9 - number))
        earnings.stripe_says(payout.pk, "paid", at=now - timedelta(days=8 - number))
    first = studio.get(f"{PAYOUTS}?limit=2").json()
    rest = studio.get(f"{PAYOUTS}?limit=2&cursor={first['next_cursor']}").json()
    ids = [row["id"] for row in [*first["data"], *rest["data"]]]
    assert ids == [str(pk) for pk in Payout.objects.order_by("-created_at").values_list("pk", flat=True)]
    assert rest["next_cursor"] == ""
    detail = studio.get(f"{PAYOUTS}/{payout.pk}").json()
    assert [item["amount"]["amount"] for item in detail["items"]] == [8_180]
    assert [change["to_status"] for change in detail["changes"]] == ["APPROVED", "PROCESSING", "PAID"]


def test_taking_back(studio, creator):
    """PO-4: only while nobody has decided."""
    earnings.earn(creator)
    payout = earnings.requested(creator, amount=8_180)
    assert studio.delete(f"{PAYOUTS}/{payout.pk}").json()["status"] == "CANCELED"
    again = studio.delete(f"{PAYOUTS}/{payout.pk}")
    assert (again.status_code, again.json()["code"]) == (409, "payout_decided")


def test_a_failed_one_says_why(studio, creator):
    """PO-5: Stripe's code and a sentence."""
    earnings.earn(creator)
    payout = earnings.leave(creator, earnings.payable(creator), at=clock.now())
    earnings.stripe_says(payout.pk, "failed", at=clock.now(), failure_code="account_closed")
    found = studio.get(f"{PAYOUTS}/{payout.pk}").json()
    assert (found["failure_code"], found["reason"]) == ("account_closed", "The bank account has been closed.")


def test_only_ones_own(studio, creator):
    """Another creator's payout is not there, and stays."""
    payout = earnings.requested(make_creator(), amount=100)
    for answer in (studio.get(f"{PAYOUTS}/{payout.pk}"), studio.delete(f"{PAYOUTS}/{payout.pk}")):
        assert (answer.status_code, answer.json()["code"]) == (404, "payout_not_found")
    payout.refresh_from_db()
    assert payout.status == "REQUESTED"
    assert studio.get(PAYOUTS).json()["data"] == []


def test_guests_and_fans():
    """AP-3: 401 for guests; for fans there is nothing here."""
    fan = Client()
    fan.force_login(make_user())
    unknown = "01990000-0000-7000-8000-000000000000"
    for client, status in ((Client(), 401), (fan, 404)):
        for answer in (
            client.get(PAYOUTS),
            client.get(f"{PAYOUTS}/balance"),
            client.get(f"{PAYOUTS}/{unknown}"),
            client.delete(f"{PAYOUTS}/{unknown}"),
            client.post(PAYOUTS, "{}", content_type="application/json"),
        ):
            assert answer.status_code == status
            assert answer["Content-Type"] == "application/problem+json"
