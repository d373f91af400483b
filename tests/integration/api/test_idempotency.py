"""BK-3: an `Idempotency-Key` makes a repeated call give the first answer again."""

import json
from datetime import timedelta

import pytest

from callastar.bookings.models import Booking
from callastar.core import clock
from callastar.core.models import IdempotentAnswer
from tests.factories import make_offer, make_user

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
