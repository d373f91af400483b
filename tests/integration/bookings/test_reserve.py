"""Taking an offer."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from callastar.audit.models import LogEntry
from callastar.bookings.models import Booking, BookingStatus
from callastar.bookings.operations.reserve import reserve_offer
from callastar.core import clock
from callastar.core.errors import Refusal
from callastar.core.ids import new_id
from callastar.offers.models import OfferStatus
from callastar.payments.models import Payment
from tests.factories import make_creator, make_offer, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def refusal_of(**arguments) -> str:
    with pytest.raises(Refusal) as refused:
        reserve_offer(now=clock.now(), **arguments)
    return str(refused.value.code)


def test_a_fan_holds_what_they_book():
    """BK-1, BK-4, PA-1, PA-4: the hold, its lapse, the frozen fee parts and the accepted terms."""
    offer, fan, now = make_offer(price=10000), make_user(), clock.now()
    made = reserve_offer(offer_id=offer.pk, fan=fan, now=now)
    offer.refresh_from_db()
    booking = Booking.objects.select_related("payment").get()
    assert made.is_new
    assert (offer.status, booking.status) == (OfferStatus.BOOKED, BookingStatus.PENDING)
    assert booking.hold_expires_at == now + timedelta(minutes=10)
    payment = booking.payment
    parts = (payment.amount, payment.platform_fee, payment.processing_fee, payment.creator_amount)
    assert parts == (10000, 1500, 320, 8180)
    assert booking.terms == {
        "full_refund_hours": 24,
        "partial_refund_hours": 2,
        "partial_refund_percent": 50,
    }
    lapse = ProcrastinateJob.objects.get(task_name="bookings.expire_hold")
    assert lapse.scheduled_at == booking.hold_expires_at


def test_a_creators_own_fee_is_used():
    """PE-2, PA-1."""
    offer = make_offer(creator=make_creator(fee_percent="10"), price=10000)
    reserve_offer(offer_id=offer.pk, fan=make_user(), now=clock.now())
    assert Payment.objects.get().platform_fee == 1000


def test_the_same_fan_again_gets_the_booking_they_hold():
    """BK-3."""
    offer, fan = make_offer(), make_user()
    first = reserve_offer(offer_id=offer.pk, fan=fan, now=clock.now())
    again = reserve_offer(offer_id=offer.pk, fan=fan, now=clock.now())
    assert (again.is_new, again.booking.pk) == (False, first.booking.pk)
    assert Booking.objects.count() == Payment.objects.count() == 1


def test_who_comes_second_is_told_and_counted():
    """BK-2: nothing changes, and the attempt is in the log."""
    offer, first, second = make_offer(), make_user(), make_user()
    held = reserve_offer(offer_id=offer.pk, fan=first, now=clock.now()).booking
    assert refusal_of(offer_id=offer.pk, fan=second) == "offer_taken"
    assert list(Booking.objects.values_list("pk", "fan")) == [(held.pk, first.pk)]
    attempt = LogEntry.objects.get(type="DOUBLE_BOOKING_ATTEMPT")
    assert (attempt.actor_id, attempt.metadata["offer"]) == (second.pk, str(offer.pk))


def test_each_obstacle_has_its_code():
    """BK-1: and nothing changes."""
    fan, now = make_user(), clock.now()
    cases = {
        "offer_in_past": make_offer(starts_at=now - timedelta(minutes=1)),
        "offer_cancelled": make_offer(status=OfferStatus.CANCELLED),
        "creator_not_payable": make_offer(creator=make_creator(payable=False)),
        "offer_reserved": make_offer(reserved_for=make_user()),
    }
    for code, offer in cases.items():
        assert refusal_of(offer_id=offer.pk, fan=fan) == code
    own = make_offer()
    assert refusal_of(offer_id=own.pk, fan=own.creator.user) == "own_offer"
    assert refusal_of(offer_id=uuid4(), fan=fan) == "offer_not_found"
    assert not Booking.objects.exists()
    assert not Payment.objects.exists()


def test_an_offer_kept_for_somebody_is_theirs_to_book():
    """OF-1, BK-1."""
    fan = make_user()
    offer = make_offer(reserved_for=fan)
    assert reserve_offer(offer_id=offer.pk, fan=fan, now=clock.now()).is_new


def test_the_database_itself_refuses_a_second_live_booking():
    """BK-2: whatever the code does."""
    offer = make_offer()
    booking = reserve_offer(offer_id=offer.pk, fan=make_user(), now=clock.now()).booking
    payment = booking.payment
    payment.pk, payment.booking_id = new_id(), new_id()
    payment.save(force_insert=True)
    booking.pk, booking.payment = new_id(), payment
    with pytest.raises(IntegrityError, match="one_live_booking_per_offer"), transaction.atomic():
        booking.save(force_insert=True)


def test_a_hold_never_outlasts_the_start():
    """BK-4."""
    starts_at = clock.now() + timedelta(minutes=4)
    offer = make_offer(starts_at=starts_at)
    booking = reserve_offer(offer_id=offer.pk, fan=make_user(), now=clock.now()).booking
    assert booking.hold_expires_at == starts_at
