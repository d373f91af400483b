"""Cancelling has one effect, whoever does it at the same time: threads with connections of their own (BK-7)."""

from collections import Counter
from threading import Barrier

import pytest

from callastar.bookings.models import Booking, BookingStatus
from callastar.bookings.operations.cancel import cancel_booking
from callastar.core import clock
from callastar.core.errors import Refusal
from callastar.mail.models import EmailLog
from callastar.offers.models import CallOffer
from callastar.payments.models import Payment, Refund
from tests import bookings
from tests.concurrency.test_reserve_race import AT_ONCE, all_at_once
from tests.factories import make_offer, make_user

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def cancel(booking: Booking, person) -> str:
    try:
        cancel_booking(booking_id=booking.pk, person=person, now=clock.now())
    except Refusal as refusal:
        return str(refusal.code)
    return "cancelled"


def test_a_fan_in_many_tabs_cancels_once():
    """BK-7: one refund, one mail to each side; the others are told that it is cancelled."""
    fan = make_user()
    booking = bookings.confirmed(make_offer(), fan)
    answers = all_at_once(lambda: cancel(booking, fan) for _ in range(AT_ONCE))
    assert answers == {"cancelled": 1, "booking_cancelled": AT_ONCE - 1}
    assert Refund.objects.values_list("amount", flat=True).get() == 5000
    told = Counter(EmailLog.objects.values_list("template", flat=True))
    assert (told["booking_cancelled_fan"], told["booking_cancelled_creator"]) == (1, 1)


@pytest.mark.parametrize("turn", range(5))
def test_fan_and_creator_at_once(turn):
    """BK-7: whoever comes first decides what becomes of the offer; the money goes back once."""
    fan = make_user()
    booking = bookings.confirmed(make_offer(), fan)
    people = [fan, booking.creator.user] * (AT_ONCE // 2)
    answers = all_at_once(lambda person=person: cancel(booking, person) for person in people)
    assert answers == {"cancelled": 1, "booking_cancelled": AT_ONCE - 1}
    booking.refresh_from_db()
    offer = CallOffer.objects.get(pk=booking.offer_id)
    wanted = {"fan": ("AVAILABLE", "FAN_CANCELLED"), "creator": ("CANCELLED", "CREATOR_CANCELLED")}
    assert (offer.status, Refund.objects.get().cause) == wanted[booking.cancel_reason]


@pytest.mark.parametrize("turn", range(5))
def test_the_creator_cancels_while_the_payment_arrives(turn):
    """BK-5, BK-7: paid means booked or refunded, whichever of the two comes first."""
    fan = make_user()
    booking = bookings.held(make_offer(), fan)
    creator = booking.creator.user

    def pay() -> str:
        bookings.stripe_says(booking, "succeeded")
        return "paid"

    tasks = [pay, lambda: cancel(booking, creator)] * (AT_ONCE // 2)
    answers = all_at_once(tasks)
    assert answers == {"paid": AT_ONCE // 2, "cancelled": 1, "booking_cancelled": AT_ONCE // 2 - 1}
    booking.refresh_from_db()
    assert booking.status == BookingStatus.CANCELLED
    assert Refund.objects.values_list("amount", flat=True).get() == Payment.objects.get().amount


def test_the_race_is_lost_without_the_lock():
    """BK-7, the control: reading first and refunding then gives the money back several times."""
    booking = bookings.confirmed(make_offer(), make_user())
    together = Barrier(AT_ONCE)

    def read_then_refund() -> str:
        found = Booking.objects.get(pk=booking.pk)
        together.wait(10)
        if found.status != BookingStatus.CONFIRMED:
            return "lost"
        Refund.objects.create(payment_id=found.payment_id, amount=5000, cause="FAN_CANCELLED")
        Booking.objects.filter(pk=found.pk).update(
            status=BookingStatus.CANCELLED, cancel_reason="fan", cancelled_at=clock.now()
        )
        return "won"

    assert all_at_once(read_then_refund for _ in range(AT_ONCE))["won"] > 1
