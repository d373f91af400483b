"""`DELETE /api/bookings/{id}` and what `GET` says before it (BK-7, AP-1)."""

from datetime import timedelta
from uuid import uuid4

import pytest

from callastar.bookings.models import Booking, BookingStatus
from callastar.core import clock
from callastar.payments.models import Payment, PaymentStatus, Refund
from tests import bookings
from tests.factories import make_creator, make_offer, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def fan():
    return make_user()


@pytest.fixture
def booking(fan) -> Booking:
    return bookings.confirmed(make_offer(creator=make_creator()), fan)


def status_of(booking: Booking) -> str:
    return Booking.objects.values_list("status", flat=True).get(pk=booking.pk)


def test_what_it_means_for_whoever_asks(api_of, booking, fan):
    """BK-7: the fan's own refund, and the creator's."""
    Booking.objects.filter(pk=booking.pk).update(starts_at=clock.now() + timedelta(hours=5))
    said = {
        "possible": True,
        "percent": 50,
        "offer_reopens": True,
        "refund": {"amount": 2500, "currency": "EUR", "text": "€25.00"},
    }
    assert api_of(fan).get(f"bookings/{booking.pk}").json()["cancellation"] == said
    theirs = api_of(booking.creator.user).get(f"bookings/{booking.pk}").json()["cancellation"]
    assert (theirs["refund"]["amount"], theirs["percent"], theirs["offer_reopens"]) == (5000, 100, False)


def test_cancelling(api_of, booking, fan):
    """BK-7: paid; then there is nothing to cancel any more."""
    answer = api_of(fan).ask("DELETE", f"bookings/{booking.pk}?expected_refund=5000&reason=ill")
    body = answer.json()
    assert answer.status_code == 200
    assert (body["status"], body["cancel_reason"]) == ("CANCELLED", "fan")
    assert api_of(fan).get(f"bookings/{booking.pk}").json()["cancellation"] is None
    assert body["offer"]["status"] == "AVAILABLE"
    assert Refund.objects.values_list("amount", "reason").get() == (5000, "ill")
    again = api_of(fan).ask("DELETE", f"bookings/{booking.pk}")
    assert (again.status_code, again.json()["code"]) == (409, "booking_cancelled")
    assert Refund.objects.count() == 1


@pytest.mark.parametrize("reason", ["a%00b", "x" * 301])
def test_a_reason_that_is_no_text_cancels_nothing(api_of, booking, fan, reason):
    """AP-3."""
    answer = api_of(fan).ask("DELETE", f"bookings/{booking.pk}?reason={reason}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert status_of(booking) == "CONFIRMED"
    assert not Refund.objects.exists()


def test_a_retry_with_its_key_is_answered_as_the_first(api_of, booking, fan):
    """BK-3: and that answer holds nothing secret, for it is kept."""
    api = api_of(fan)
    answers = [api.ask("DELETE", f"bookings/{booking.pk}", Idempotency_Key="once") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert "token" not in answers[0].content.decode()
    assert Refund.objects.count() == 1


def test_before_it_is_paid(api_of, fan):
    """BK-4."""
    booking = bookings.held(make_offer(), fan)
    before = api_of(fan).get(f"bookings/{booking.pk}").json()["cancellation"]
    assert (before["possible"], before["refund"]["amount"]) == (True, 0)
    assert api_of(fan).ask("DELETE", f"bookings/{booking.pk}").json()["cancel_reason"] == "fan"


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("?expected_refund=4999", 409, "refund_changed"),
        ("?expected_refund=-1", 422, "invalid"),
        ("?expected_refund=much", 422, "invalid"),
        (f"?reason={'x' * 301}", 422, "invalid"),
    ],
)
def test_refusals(api_of, booking, fan, query, status, code):
    """BK-7: a code each, and nothing changed."""
    answer = api_of(fan).ask("DELETE", f"bookings/{booking.pk}{query}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert status_of(booking) == BookingStatus.CONFIRMED
    assert not Refund.objects.exists()


def test_strangers(api_of, booking):
    """PE-3."""
    for address in (booking.pk, uuid4()):
        answer = api_of(make_user()).ask("DELETE", f"bookings/{address}")
        assert (answer.status_code, answer.json()["code"]) == (404, "booking_not_found")
    assert api_of().ask("DELETE", f"bookings/{booking.pk}").status_code == 401
    assert status_of(booking) == BookingStatus.CONFIRMED


def test_while_a_bank_decides(api_of, booking, fan):
    """RE-4."""
    Payment.objects.update(status=PaymentStatus.DISPUTED)
    assert api_of(fan).get(f"bookings/{booking.pk}").json()["cancellation"]["possible"] is False
    answer = api_of(fan).ask("DELETE", f"bookings/{booking.pk}")
    assert (answer.status_code, answer.json()["code"]) == (409, "payment_disputed")
    assert status_of(booking) == BookingStatus.CONFIRMED


def test_once_it_has_begun(api_of, booking, fan):
    """BK-7."""
    Booking.objects.filter(pk=booking.pk).update(starts_at=clock.now())
    assert api_of(fan).get(f"bookings/{booking.pk}").json()["cancellation"] is None
    assert api_of(fan).ask("DELETE", f"bookings/{booking.pk}").json()["code"] == "call_started"
    assert status_of(booking) == BookingStatus.CONFIRMED
