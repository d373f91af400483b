"""AP-3: one error shape with a stable code, in the asker's language; bad input is never a 500."""

import json
from uuid import uuid4

import pytest

from callastar.bookings.models import Booking
from tests.factories import make_offer, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def assert_is_problem(answer, status: int, code: str) -> dict:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    body = json.loads(answer.content)
    assert (body["status"], body["code"]) == (status, code)
    assert body["type"]
    assert body["title"]
    assert body["detail"]
    return body


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("", "Somebody was faster: this call is already booked."),
        ("en-GB", "Somebody was faster: this call is already booked."),
        ("de", "Somebody was faster: this call is already booked."),
        ("fr-CH, en;q=0.5", None),
    ],
)
def test_a_refusal_speaks_the_askers_language(api_of, language, expected):
    """AP-3, BK-1, BK-2."""
    offer = make_offer()
    api_of(make_user()).post("bookings", {"offer_id": str(offer.pk)})
    answer = api_of(make_user(), language).post("bookings", {"offer_id": str(offer.pk)})
    detail = assert_is_problem(answer, 409, "offer_taken")["detail"]
    if expected:
        assert detail == expected
    else:
        assert "déjà réservé" in detail
        assert answer["Content-Language"] == "fr"


def test_who_is_not_signed_in_is_told_so(api_of):
    for path in ("bookings", "bookings/creator", f"bookings/{uuid4()}"):
        assert_is_problem(api_of().get(path), 401, "not_signed_in")


def test_another_ones_booking_is_not_there(api_of):
    """PE-3: 404, not 403, and nothing changes."""
    owner, stranger, offer = make_user(), make_user(), make_offer()
    booking = json.loads(api_of(owner).post("bookings", {"offer_id": str(offer.pk)}).content)["id"]
    calls = [
        ("GET", f"bookings/{booking}", None, "booking_not_found"),
        ("DELETE", f"bookings/{booking}", None, "booking_not_found"),
        ("POST", f"bookings/{booking}/refresh", {}, "booking_not_found"),
        ("POST", "payments/create-intent", {"booking_id": booking}, "booking_not_found"),
        ("POST", "daily/get-token", {"booking_id": booking}, "booking_not_found"),
        ("POST", "daily/create-room", {"booking_id": booking}, "booking_not_found"),
    ]
    for method, path, body, code in calls:
        assert_is_problem(api_of(stranger).ask(method, path, body), 404, code)
    assert Booking.objects.get().status == "PENDING"
    assert json.loads(api_of(stranger).get("bookings").content)["data"] == []


RUBBISH = [
    "",
    "[]",
    "null",
    "{",
    '{"offer_id": null}',
    '{"offer_id": "x"}',
    '{"offer_id": {"a": 1}}',
    '{"offer_id": "\\u0000"}',
    '{"offer_id": 1e999}',
    '"\\ud800"',
    '{"email": "a\\u0000b@example.com", "password": "x"}',
    "\xff\xfe",
    "[" * 2000,
]


@pytest.mark.parametrize(
    "path", ["bookings", "payments/create-intent", "auth/login", "call-offers", "daily/get-token"]
)
@pytest.mark.parametrize("body", RUBBISH)
def test_rubbish_is_a_clear_4xx(api_of, path, body):
    """AP-3."""
    client = api_of(make_user())._client
    answer = client.generic("POST", f"/api/{path}", body.encode("latin-1"), content_type="application/json")
    assert 400 <= answer.status_code < 500, answer.content
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path",
    [
        "nothing/here",
        "bookings/not-a-uuid",
        "call-offers/%00",
        "creators/%00",
        "call-offers/01a20473-0000-7000-8000-000000000000",
        "creators/nobody",
    ],
)
def test_what_is_not_there_is_a_404(api_of, path):
    assert_is_problem(api_of(make_user()).get(path), 404, "not_found")


@pytest.mark.parametrize(
    "query",
    ["cursor=x", "cursor=W10=", "limit=0", "limit=101", "limit=x", "starts_after=yesterday", "creator=%00"],
)
def test_bad_questions_are_refused(api_of, query):
    assert api_of().get(f"call-offers?{query}").status_code == 422


def test_a_wrong_method_is_a_405(api_of):
    assert_is_problem(api_of(make_user()).ask("PATCH", "bookings"), 405, "method_not_allowed")


def test_a_form_of_another_site_cannot_speak_for_anybody(api_of):
    """AP-2: only JSON with the session's token is heard."""
    client = api_of()._client
    answer = client.post("/api/auth/login", {"email": "a@example.com", "password": "x"})
    assert_is_problem(answer, 415, "unsupported_media_type")


def test_fields_are_named(api_of):
    body = assert_is_problem(api_of(make_user()).post("bookings", {}), 422, "invalid")
    assert body["errors"] == {"offer_id": ["This field is required."]}
