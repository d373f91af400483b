"""The page that says exactly what cancelling does, and the act that follows it (BK-7, UI-3), without a browser."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from callastar.accounts.models import User
from callastar.bookings.models import Booking, BookingStatus
from callastar.bookings.operations.cancel import cancel_booking
from callastar.calls.models import Call
from callastar.core import clock
from callastar.offers.models import CallOffer
from callastar.payments.models import Payment, PaymentStatus, Refund, RefundStatus
from tests import bookings
from tests.factories import make_admin, make_creator, make_offer, make_user

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)


@pytest.fixture
def fan(db) -> User:
    return make_user(name="Anne", timezone="America/New_York")


@pytest.fixture
def offer(db) -> CallOffer:
    return make_offer(creator=make_creator(user=make_user(name="Zoe", role="CREATOR")))


@pytest.fixture
def booking(offer, fan) -> Booking:
    return bookings.confirmed(offer, fan)


def as_(person: User | None) -> Client:
    client = Client()
    if person is not None:
        client.force_login(person)
    return client


def move(booking: Booking, *, to: datetime) -> None:
    times = {"starts_at": to, "ends_at": to + timedelta(minutes=30)}
    CallOffer.objects.filter(pk=booking.offer_id).update(**times)
    Call.objects.filter(pk=booking.call_id).update(**times)
    Booking.objects.filter(pk=booking.pk).update(starts_at=to)


def page_of(booking: Booking, person: User, locale: str = "en") -> str:
    answer = as_(person).get(f"/{locale}/bookings/{booking.pk}/cancel")
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    return answer.content.decode()


def post(booking: Booking, person: User, **fields: object):
    return as_(person).post(f"/en/bookings/{booking.pk}/cancel", fields)


def is_unchanged(booking: Booking) -> bool:
    found = Booking.objects.select_related("offer").get(pk=booking.pk)
    untouched = (found.status, found.offer.status) == (BookingStatus.CONFIRMED, "BOOKED")
    return untouched and not Refund.objects.exists()


@pytest.mark.parametrize(
    ("before", "refund", "minor", "percent", "reopens"),
    [
        (30 * HOUR, "€50.00", 5000, 100, True),
        (23 * HOUR, "€25.00", 2500, 50, True),
        (HOUR, "€0.00", 0, 0, False),
    ],
)
def test_what_a_fan_reads(booking, fan, before, refund, minor, percent, reopens):
    """BK-7, UI-2: the refund, the percent and the terms behind it with their moments in the fan's zone."""
    move(booking, to=clock.now() + before + timedelta(minutes=1))
    page = page_of(booking, fan)
    assert f'name="expected_refund" value="{minor}"' in page
    assert refund in page
    assert f"{percent} % of €50.00" in page
    assert "New York time" in page
    assert page.count("This applies now") == 1
    assert ("The time becomes free again" in page) is reopens
    assert is_unchanged(booking)


def test_what_a_creator_reads(booking):
    """BK-7: the fan gets everything, the share is lost, the time is not offered again."""
    page = page_of(booking, booking.creator.user)
    assert "The fan gets back" in page
    assert "You do not earn your share of €40.75" in page
    assert "The time is not offered again. You can make a new offer for it." in page


def test_confirming_cancels(booking, fan):
    """BK-7: without a script; then the booking says who cancelled and where the money is."""
    move(booking, to=clock.now() + 10 * HOUR)
    answer = post(booking, fan, expected_refund=2500, reason="ill")
    assert (answer.status_code, answer.url) == (302, f"/en/bookings/{booking.pk}")
    assert Refund.objects.values_list("amount", "reason").get() == (2500, "ill")
    client = as_(fan)
    page = client.get(answer.url).content.decode()
    assert "Cancelled by the fan" in page
    assert "<strong>€25.00</strong> on its way back" in page
    assert f"/en/bookings/{booking.pk}/cancel" not in page


def test_the_person_is_told_what_was_done(booking):
    client = as_(booking.creator.user)
    answer = client.post(f"/en/bookings/{booking.pk}/cancel", {"expected_refund": 5000}, follow=True)
    assert "The call is cancelled. Anne gets €50.00 back." in answer.content.decode()


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (RefundStatus.SUCCEEDED, "<strong>€50.00</strong> given back"),
        (RefundStatus.FAILED, "<strong>€50.00</strong> could not be given back yet"),
    ],
)
def test_how_the_refund_stands(booking, fan, status, words):
    """BK-7, PW-2: both sides see where the money is."""
    cancel_booking(booking_id=booking.pk, person=booking.creator.user, now=clock.now())
    Refund.objects.update(status=status)
    for person in (fan, booking.creator.user):
        page = as_(person).get(f"/en/bookings/{booking.pk}").content.decode()
        assert words in page
        assert "Cancelled by the creator" in page


def test_cancelled_too_late_for_a_refund(booking, fan):
    """BK-7: the page does not promise a refund that nobody owes."""
    move(booking, to=clock.now() + HOUR)
    assert post(booking, fan, expected_refund=0).status_code == 302
    page = as_(fan).get(f"/en/bookings/{booking.pk}").content.decode()
    assert "nothing goes back to you" in page
    assert "way back" not in page


def test_a_threshold_passes_between_page_and_click(booking, fan):
    """BK-7: the page comes again with the new amount, and what was written stays; nothing has changed."""
    move(booking, to=clock.now() + 23 * HOUR)
    answer = post(booking, fan, expected_refund=5000, reason="I am ill")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "it is now €25.00" in page
    assert 'name="expected_refund" value="2500"' in page
    assert "I am ill" in page
    assert is_unchanged(booking)


@pytest.mark.parametrize(
    "fields", [{}, {"expected_refund": "x"}, {"expected_refund": 5000, "reason": "x" * 301}]
)
def test_a_form_that_is_not_complete(booking, fan, fields):
    """UI-6: nothing is cancelled by a form that does not say what was agreed to."""
    assert post(booking, fan, **fields).status_code == 422
    assert is_unchanged(booking)


def test_strangers_and_guests(booking):
    """PE-3: 404, not 403; guests sign in first."""
    for person in (make_user(), make_creator().user):
        assert as_(person).get(f"/en/bookings/{booking.pk}/cancel").status_code == 404
        assert post(booking, person, expected_refund=5000).status_code == 404
    answer = as_(None).get(f"/en/bookings/{booking.pk}/cancel")
    assert answer.url == f"/en/account/login/?next=/en/bookings/{booking.pk}/cancel"
    assert is_unchanged(booking)


def test_admins_cancel_for_the_platform(booking):
    """AD-4, BK-7."""
    admin = make_admin()
    assert "The creator earns nothing" in page_of(booking, admin)
    assert post(booking, admin, expected_refund=5000).status_code == 302
    assert Refund.objects.get().actor_id == admin.pk


@pytest.mark.parametrize("situation", ["begun", "cancelled", "disputed"])
def test_what_cannot_be_cancelled(booking, fan, situation):
    """BK-7: the booking's page says why, and has no link."""
    if situation == "begun":
        move(booking, to=clock.now() - timedelta(minutes=1))
    elif situation == "disputed":
        Payment.objects.update(status=PaymentStatus.DISPUTED)
    else:
        cancel_booking(booking_id=booking.pk, person=booking.creator.user, now=clock.now())
    words = {"begun": "already begun", "cancelled": "was cancelled", "disputed": "looking into this payment"}
    before = Refund.objects.count()
    for act in (as_(fan).get, lambda path: as_(fan).post(path, {"expected_refund": 5000})):
        answer = act(f"/en/bookings/{booking.pk}/cancel")
        assert (answer.status_code, answer.url) == (302, f"/en/bookings/{booking.pk}")
    client = as_(fan)
    page = client.get(f"/en/bookings/{booking.pk}/cancel", follow=True).content.decode()
    assert words[situation] in page
    assert f"/en/bookings/{booking.pk}/cancel" not in page
    assert Refund.objects.count() == before


def test_both_sides_find_the_page(booking, fan):
    for person in (fan, booking.creator.user, make_admin()):
        assert (
            f"/en/bookings/{booking.pk}/cancel"
            in as_(person).get(f"/en/bookings/{booking.pk}").content.decode()
        )


def test_before_it_is_paid(offer, fan):
    """BK-4, BK-7: nothing was charged, whoever cancels."""
    for person in (fan, offer.creator.user):
        booking = bookings.held(offer, fan)
        assert "not paid yet" in page_of(booking, person)
        assert post(booking, person, expected_refund=0).status_code == 302
        booking.refresh_from_db()
        assert booking.status == BookingStatus.CANCELLED
    assert not Refund.objects.exists()


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (
            (24, 2, 50),
            "Cancel until 24 hours before and get everything back. Until 2 hours before, 50 % goes back.",
        ),
        (
            (48, 1, 20),
            "Cancel until 48 hours before and get everything back. Until 1 hour before, 20 % goes back.",
        ),
        ((12, 12, 50), "Cancel until 12 hours before and get everything back."),
    ],
)
def test_the_first_page_says_the_policy_of_today(settings, policy, words):
    """BK-7: the same setting that bookings are made on."""
    settings.CANCEL_FULL_REFUND_HOURS, settings.CANCEL_PARTIAL_REFUND_HOURS = policy[:2]
    settings.CANCEL_PARTIAL_REFUND_PERCENT = policy[2]
    page = as_(None).get("/en/").content.decode()
    assert words in page
    assert ("goes back." in page) is (policy[0] != policy[1])
