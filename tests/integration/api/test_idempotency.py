"""BK-3: an `Idempotency-Key` makes a repeated call give the first answer again."""

import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import JsonResponse

from callastar.bookings.models import Booking
from callastar.core import clock
from callastar.core.api import idempotency
from callastar.core.api.idempotency import answer_once, forget_old_answers
from callastar.core.models import IdempotentAnswer
from tests.factories import make_offer, make_user
from tests.jobs import run_periodic

pytestmark = pytest.mark.django_db(transaction=True)


def book(api, offer, key):
    return api.post("bookings", {"offer_id": str(offer.pk)}, Idempotency_Key=key)


def test_the_first_answer_is_given_again(api_of):
    """Also when a fresh call would be answered otherwise (200 instead of 201)."""
    api, offer = api_of(make_user()), make_offer()
    first, again = book(api, offer, "a"), book(api, offer, "a")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again["Idempotent-Replayed"] == "true"
    assert book(api, offer, "b").status_code == 200
    assert Booking.objects.count() == 1


def test_a_refusal_is_an_answer_too(api_of):
    offer = make_offer()
    winner, loser = api_of(make_user()), api_of(make_user())
    book(winner, offer, "w")
    assert book(loser, offer, "l").status_code == 409
    Booking.objects.all().update(status="CANCELLED", cancel_reason="fan", cancelled_at=clock.now())
    offer.status = "AVAILABLE"
    offer.save()
    assert book(loser, offer, "l").status_code == 409
    assert book(loser, offer, "l2").status_code == 201


def test_a_key_belongs_to_one_request_of_one_person(api_of):
    fan, offer, other = make_user(), make_offer(), make_offer()
    book(api_of(fan), offer, "k")
    reused = book(api_of(fan), other, "k")
    assert (reused.status_code, json.loads(reused.content)["code"]) == (422, "idempotency_key_reused")
    assert book(api_of(make_user()), other, "k").status_code == 201


def test_a_request_that_still_runs_is_not_run_twice(api_of):
    fan, offer = make_user(), make_offer()
    book(api_of(fan), offer, "k")
    IdempotentAnswer.objects.update(status=None)
    busy = book(api_of(fan), offer, "k")
    assert (busy.status_code, json.loads(busy.content)["code"]) == (409, "idempotency_key_in_use")


def test_a_request_that_died_may_be_made_again(api_of):
    fan, offer = make_user(), make_offer()
    book(api_of(fan), offer, "k")
    IdempotentAnswer.objects.update(status=None, created_at=clock.now() - timedelta(minutes=3))
    assert book(api_of(fan), offer, "k").status_code == 200


def test_after_a_day_a_key_is_new(api_of):
    fan, offer = make_user(), make_offer()
    book(api_of(fan), offer, "k")
    IdempotentAnswer.objects.update(created_at=clock.now() - timedelta(hours=25))
    assert book(api_of(fan), offer, "k").status_code == 200


def test_a_key_that_is_no_key_is_refused(api_of):
    assert book(api_of(make_user()), make_offer(), "x" * 256).status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "kept"),
    [
        ("POST", "auth/login", False),
        ("PATCH", "auth/update-profile", False),
        ("POST", "payments/create-intent", False),
        ("POST", "daily/get-token", False),
        ("POST", "bookings/01a20473-0000-7000-8000-000000000000/refresh", False),
        ("DELETE", "bookings/01a20473-0000-7000-8000-000000000000", True),
        ("POST", "daily/create-room", True),
        ("POST", "bookings", True),
    ],
)
def test_answers_with_secrets_are_not_kept(rf, method, path, kept):
    """Tokens of a session, a payment, a call or a stream lie in no table."""
    asked = []

    def answer(request):
        asked.append(request)
        return JsonResponse({"token": "secret"})

    for _ in range(2):
        request = rf.generic(method, f"/api/{path}", headers={"Idempotency-Key": "k"})
        request.user = AnonymousUser()
        answer_once(request, answer)
    assert (len(asked), IdempotentAnswer.objects.count()) == ((1, 1) if kept else (2, 0))


def test_guests_behind_one_proxy_do_not_share_keys(api_of, settings):
    """A guest is known by their own address, not by our proxy's."""
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    for number, guest in enumerate(("198.51.100.1", "198.51.100.2")):
        answer = api_of().post("nothing/here", {"n": number}, Idempotency_Key="k", X_Forwarded_For=guest)
        assert answer.status_code == 404
    reused = api_of().post("nothing/here", {"n": 3}, Idempotency_Key="k", X_Forwarded_For="198.51.100.1")
    assert json.loads(reused.content)["code"] == "idempotency_key_reused"


def test_old_answers_are_forgotten(api_of, monkeypatch):
    """BK-3: after 24 hours, all of them though a batch is smaller."""
    monkeypatch.setattr(idempotency, "FORGOTTEN_AT_ONCE", 2)
    now = clock.now()
    for hours in (1, 23, 25, 26, 27):
        IdempotentAnswer.objects.create(scope="s", key=str(hours), created_at=now - timedelta(hours=hours))
    assert forget_old_answers(now=now) == 3
    assert set(IdempotentAnswer.objects.values_list("key", flat=True)) == {"1", "23"}
    IdempotentAnswer.objects.update(created_at=now - timedelta(days=2))
    run_periodic("forget-answers")
    assert not IdempotentAnswer.objects.exists()
