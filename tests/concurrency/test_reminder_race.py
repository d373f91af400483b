"""Reminders are written once, however many workers run at once: threads with connections of their own (EM-6)."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Barrier, Event, Thread

import pytest
from django.db import OperationalError, connection, connections, transaction

from callastar.audit.models import LogEntry
from callastar.bookings.models import Booking
from callastar.bookings.operations import remind
from callastar.bookings.operations.cancel import cancel_booking
from callastar.bookings.operations.remind import remind_if_due, send_reminders
from callastar.bookings.operations.transitions import lock_booking
from callastar.core import clock
from callastar.mail.models import EmailLog
from tests import bookings
from tests.concurrency.test_reserve_race import AT_ONCE, all_at_once
from tests.factories import make_creator, make_offer, make_user

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
SOON = timedelta(minutes=10)


def make_due(number: int) -> list[Booking]:
    """Calls that begin in ten minutes and were booked long ago, with nobody reminded yet."""
    creator = make_creator()
    made = [bookings.confirmed(make_offer(creator=creator), make_user()) for _ in range(number)]
    Booking.objects.update(starts_at=clock.now() + SOON)
    return made


def reminders(**wanted: str) -> dict[str, int]:
    found = EmailLog.objects.filter(template__startswith="reminder_", **wanted)
    return dict(Counter(found.values_list("template", flat=True)))


def both(number: int) -> dict[str, int]:
    return {"reminder_15m_fan": number, "reminder_15m_creator": number}


def test_of_many_workers_one_reminds_of_each_call():
    """EM-6: together they remind of every call, each person once."""
    made, now = make_due(12), clock.now()
    answers = all_at_once(lambda: str(send_reminders(now=now)["reminded"]) for _ in range(AT_ONCE))
    assert sum(int(answer) * times for answer, times in answers.items()) == len(made)
    assert reminders() == both(len(made))


def test_without_the_lock_several_would_have_done_it():
    """EM-6, the control: who reads first and writes then does it again. The mail's key is the second protection."""
    (booking,) = make_due(1)
    together, now = Barrier(AT_ONCE), clock.now()

    def read_then_remind() -> str:
        found = Booking.objects.select_related("creator__user", "fan").get(pk=booking.pk)
        together.wait(10)
        with transaction.atomic():
            return str(remind_if_due(booking=found, now=now))

    assert all_at_once(read_then_remind for _ in range(AT_ONCE))["True"] > 1
    assert reminders() == both(1)


def test_a_booking_that_is_paid_while_workers_look_for_it():
    """EM-6: with its confirmation or by a run, once."""
    booking = bookings.held(make_offer(starts_at=clock.now() + SOON), make_user())

    def pay() -> str:
        bookings.stripe_says(booking, "succeeded")
        return "paid"

    def run() -> str:
        send_reminders(now=clock.now())
        return "run"

    all_at_once([pay, run] * (AT_ONCE // 2))
    assert reminders() == both(1)


@pytest.mark.parametrize("turn", range(3))
def test_a_call_that_is_cancelled_while_workers_remind_of_it(turn):
    """EM-6: whichever comes first, no reminder of it is left to be sent."""
    (booking,) = make_due(1)

    def cancel() -> str:
        cancel_booking(booking_id=booking.pk, person=booking.fan, now=clock.now())
        return "cancelled"

    def run() -> str:
        send_reminders(now=clock.now())
        return "run"

    all_at_once([run, cancel, *[run] * (AT_ONCE - 2)])
    assert reminders(status="pending") == {}
    assert send_reminders(now=clock.now())["reminded"] == 0


@contextmanager
def locked(booking: Booking, release: Event) -> Iterator[None]:
    """While somebody else is changing a booking."""
    holds = Event()

    def hold() -> None:
        with transaction.atomic():
            lock_booking(booking.pk)
            holds.set()
            release.wait(10)
        connections.close_all()

    thread = Thread(target=hold)
    thread.start()
    assert holds.wait(10)
    try:
        yield
    finally:
        release.set()
        thread.join()


def test_a_locked_booking_is_waited_for_after_all_others(monkeypatch):
    """EM-6: there may be no other run before its start, and one that stays locked keeps no other call."""
    made, release = make_due(3), Event()
    waited = []

    def free_it_soon(**arguments: object) -> bool:
        assert reminders() == both(2)
        waited.append(arguments["booking_id"])
        release.set()
        return patient(**arguments)

    patient = remind._remind_once_free
    monkeypatch.setattr(remind, "_remind_once_free", free_it_soon)
    with locked(made[1], release):
        assert send_reminders(now=clock.now())["reminded"] == 3
    assert waited == [made[1].pk]
    assert reminders() == both(3)


def test_a_booking_that_stays_locked_is_left_to_the_next_run(monkeypatch):
    """EM-6, JO-4: nobody waits for it for ever; the log says so, and the run has failed when the others are done."""
    made = make_due(2)
    monkeypatch.setattr(remind, "PATIENCE", "50ms")
    with locked(made[0], Event()):
        with pytest.raises(OperationalError):
            send_reminders(now=clock.now())
        assert reminders() == both(1)
    assert LogEntry.objects.get(type="REMINDER_FAILED").metadata == {"booking": str(made[0].pk)}
    assert send_reminders(now=clock.now())["reminded"] == 1
    assert reminders() == both(2)
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)
