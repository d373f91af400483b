"""Reminders: to both people, each once for each start, before it, and to nobody else (EM-6)."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from callastar.audit.models import LogEntry
from callastar.bookings import mails
from callastar.bookings.models import Booking
from callastar.bookings.operations import remind
from callastar.bookings.operations.cancel import cancel_booking
from callastar.bookings.operations.remind import send_reminders
from callastar.core import clock
from callastar.mail import reminder_messages
from callastar.mail.models import EmailLog, EmailStatus
from callastar.mail.operations import send_email
from callastar.mail.operations.queue import SEND
from callastar.providers.resend import gateway
from tests import bookings
from tests.factories import make_creator, make_offer, make_user

pytestmark = pytest.mark.django_db
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
SOME_DAY = datetime(2126, 6, 1, tzinfo=UTC)
BOTH_15M = {"reminder_15m_fan": 1, "reminder_15m_creator": 1}
BOTH_24H = {"reminder_24h_fan": 1, "reminder_24h_creator": 1}


def remind_all(now: datetime) -> int:
    """Of how many calls a run reminds."""
    return send_reminders(now=now)["reminded"]


class Killed(BaseException):
    """The worker is gone."""


def reminders(**wanted: Any) -> dict[str, int]:
    """How many reminders there are, by template."""
    found = EmailLog.objects.filter(template__startswith="reminder_", **wanted)
    return dict(Counter(found.values_list("template", flat=True)))


def reminder(template: str = "reminder_15m_fan") -> EmailLog:
    """The first one of its template."""
    return EmailLog.objects.filter(template=template).order_by("pk")[0]


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was handed over to a provider that takes everything."""
    taken: list[Any] = []

    def take(*, mail: Any, **_options: Any) -> str:
        taken.append(mail)
        return f"mail-{len(taken)}"

    monkeypatch.setattr(gateway, "send", take)
    return taken


@pytest.fixture
def booked() -> Booking:
    """A call in two days."""
    creator = make_creator(
        user=make_user(name="Zoé", role="CREATOR", locale="en", timezone="America/New_York")
    )
    fan = make_user(name="Kenji", locale="fr", timezone="Asia/Tokyo")
    return bookings.confirmed(make_offer(creator=creator), fan)


def move(booking: Booking, *, to: datetime, now: datetime) -> None:
    """What the operation that moves calls leaves behind."""
    Booking.objects.filter(pk=booking.pk).update(starts_at=to, moved_at=now)
    booking.refresh_from_db()


def test_both_are_reminded_a_day_before_and_when_the_room_opens(booked: Booking, provider: list[Any]) -> None:
    """EM-3, EM-6: each once, each in their language and zone, and the log says that it happened, once."""
    start = booked.starts_at
    for before in (25 * HOUR, 24 * HOUR + SECOND):
        assert remind_all(start - before) == 0
    assert reminders() == {}
    runs = [24 * HOUR, 24 * HOUR - MINUTE, HOUR, 15 * MINUTE, 14 * MINUTE, SECOND, timedelta(0), -MINUTE]
    assert [remind_all(start - before) for before in runs] == [1, 0, 0, 1, 0, 0, 0, 0]
    assert reminders() == BOTH_24H | BOTH_15M
    noted = LogEntry.objects.filter(type="REMINDERS_SENT").order_by("created_at")
    assert [entry.metadata for entry in noted] == [
        {"a_day_before": 1, "just_before": 0},
        {"a_day_before": 0, "just_before": 1},
    ]
    for email in EmailLog.objects.filter(template__startswith="reminder_").order_by("pk"):
        assert email.expires_at == start
        assert send_email(email_id=email.pk, now=start - SECOND) == EmailStatus.SENT
        assert ProcrastinateJob.objects.filter(task_name=SEND, args__email_id=str(email.pk)).count() == 1
    sent = {mail.to: mail for mail in provider[:2]}
    for person, city, other in (
        (booked.fan, "(heure de Tokyo)", "votre appel avec Zoé"),
        (booked.creator.user, "(New York time)", "your call with Kenji"),
    ):
        mail = sent[person.email]
        assert city in mail.text
        assert city in mail.html
        assert other in mail.subject
        assert f"/{person.locale}/call/{booked.pk}" in mail.text


def test_a_booking_that_is_confirmed_late_is_reminded_of_at_once() -> None:
    """EM-6: 5 minutes before its start with its confirmation, without waiting for a run, and never of the day."""
    now = clock.now()
    booking = bookings.confirmed(make_offer(starts_at=now + 5 * MINUTE), make_user())
    assert reminders() == BOTH_15M
    assert remind_all(now + MINUTE) == 0
    assert reminders(metadata={"booking": str(booking.pk)}) == BOTH_15M
    later = bookings.confirmed(make_offer(starts_at=now + 20 * HOUR), make_user())
    assert remind_all(now + HOUR) == 0
    assert remind_all(later.starts_at - 16 * MINUTE) == 0
    assert remind_all(later.starts_at - 15 * MINUTE) == 1
    assert reminders(metadata={"booking": str(later.pk)}) == BOTH_15M


def test_nothing_is_said_of_what_is_not_paid_or_was_cancelled(booked: Booking) -> None:
    """EM-6: neither a hold nor a cancelled call."""
    now = clock.now()
    bookings.held(make_offer(starts_at=now + 10 * MINUTE), make_user())
    cancel_booking(booking_id=booked.pk, person=booked.fan, now=now)
    for at in (now, booked.starts_at - 20 * HOUR, booked.starts_at - MINUTE):
        assert remind_all(at) == 0
    assert reminders() == {}


def test_what_waits_is_taken_back_when_the_call_is_cancelled(booked: Booking) -> None:
    """EM-2, EM-6."""
    start = booked.starts_at
    remind_all(start - 24 * HOUR)
    cancel_booking(booking_id=booked.pk, person=booked.creator.user, now=start - 23 * HOUR)
    assert reminders(status=EmailStatus.SKIPPED, skip_reason="cancelled") == BOTH_24H
    assert EmailLog.objects.filter(template="booking_cancelled_fan", status=EmailStatus.PENDING).exists()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (
            {"status": "CANCELLED", "cancel_reason": "fan", "cancelled_at": datetime(2026, 6, 1, tzinfo=UTC)},
            "cancelled",
        ),
        ({"status": "COMPLETED"}, "cancelled"),
        ({"starts_at": SOME_DAY}, "moved"),
    ],
)
def test_a_reminder_is_asked_again_when_it_leaves(
    booked: Booking, provider: list[Any], change: dict[str, Any], why: str
) -> None:
    """EM-2, EM-6: one that is not true any more is not sent, whoever made it untrue."""
    start = booked.starts_at
    remind_all(start - 10 * MINUTE)
    Booking.objects.filter(pk=booked.pk).update(**change)
    assert send_email(email_id=reminder().pk, now=start - 9 * MINUTE) == EmailStatus.SKIPPED
    assert reminder().skip_reason == why
    assert provider == []


def test_a_reminder_that_waited_too_long_is_not_sent(booked: Booking, provider: list[Any]) -> None:
    """EM-6: never after the start, not even at it."""
    remind_all(booked.starts_at - 10 * MINUTE)
    assert send_email(email_id=reminder().pk, now=booked.starts_at) == EmailStatus.SKIPPED
    assert (reminder().skip_reason, provider) == ("expired", [])


def test_a_call_that_is_moved_is_reminded_of_anew(booked: Booking, provider: list[Any]) -> None:
    """EM-6: both, of the new start; what waits for the old one is not sent."""
    old = booked.starts_at
    remind_all(old - 24 * HOUR)
    remind_all(old - 12 * MINUTE)
    move(booked, to=old + 30 * HOUR, now=old - 11 * MINUTE)
    waiting = list(EmailLog.objects.filter(template__startswith="reminder_"))
    assert {send_email(email_id=mail.pk, now=old - 10 * MINUTE) for mail in waiting} == {EmailStatus.SKIPPED}
    new = booked.starts_at
    assert [remind_all(new - before) for before in (25 * HOUR, 24 * HOUR, HOUR, MINUTE)] == [
        0,
        1,
        0,
        1,
    ]
    again = EmailLog.objects.filter(template__startswith="reminder_").exclude(
        pk__in=[mail.pk for mail in waiting]
    )
    assert {mail.context["starts_at"] for mail in again} == {new.isoformat()}
    assert {send_email(email_id=mail.pk, now=new - SECOND) for mail in again} == {EmailStatus.SENT}
    assert len(provider) == 4


def test_a_call_that_is_moved_away_and_back_is_reminded_of_once_more(
    booked: Booking, provider: list[Any]
) -> None:
    """EM-6: the start that it had first is a new one; what still waits of the first time does not leave beside it."""
    old = booked.starts_at
    assert remind_all(old - 24 * HOUR) == 1
    first = reminder("reminder_24h_fan")
    move(booked, to=old + HOUR, now=old - 24 * HOUR - 2 * MINUTE)
    assert remind_all(old - 23 * HOUR) == 1
    move(booked, to=old, now=old - 24 * HOUR - MINUTE)
    assert send_email(email_id=reminder("reminder_24h_creator").pk, now=old - 22 * HOUR) == EmailStatus.SENT
    assert [remind_all(old - 22 * HOUR), remind_all(old - 21 * HOUR)] == [1, 0]
    waiting = EmailLog.objects.filter(template="reminder_24h_fan").order_by("pk")
    ends = [send_email(email_id=mail.pk, now=old - 20 * HOUR) for mail in waiting]
    assert ends == [EmailStatus.SKIPPED, EmailStatus.SKIPPED, EmailStatus.SENT]
    first.refresh_from_db()
    assert first.skip_reason == "moved"
    assert len(provider) == 2


def test_a_call_moved_to_the_next_hours_is_not_reminded_of_a_day_before(booked: Booking) -> None:
    """EM-6: less than 24 hours were left when it was moved."""
    now = booked.starts_at - 40 * HOUR
    move(booked, to=now + 20 * HOUR, now=now)
    assert [remind_all(now + wait) for wait in (MINUTE, 19 * HOUR, 20 * HOUR - 15 * MINUTE)] == [
        0,
        0,
        1,
    ]
    assert reminders() == BOTH_15M


@pytest.mark.parametrize("step", range(5))
def test_a_worker_that_dies_between_two_steps_leaves_nothing_half_done(
    monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """EM-6, JO-1: before and after each mail and after the note; the next run makes up for it, each once."""
    now = clock.now()
    creator = make_creator()
    due = [bookings.confirmed(make_offer(creator=creator), make_user()) for _ in range(2)]
    for booking in due:
        move(booking, to=now + 10 * MINUTE, now=now)
    died = die_at(monkeypatch, step)
    with pytest.raises(Killed):
        remind_all(now)
    assert died == [step]
    done = step // 3  # steps of the first booking: its two mails and its note
    assert reminders() == ({} if not done else BOTH_15M)
    assert Booking.objects.exclude(reminded_15m_for=None).count() == done
    assert remind_all(now + 3 * MINUTE) == 2 - done
    assert reminders() == dict.fromkeys(BOTH_15M, 2)
    assert remind_all(now + 4 * MINUTE) == 0


def die_at(monkeypatch: pytest.MonkeyPatch, step: int) -> list[int]:
    """Let the worker die at the so many-th of its steps: the writing of each mail, and of the note."""
    steps, died = iter(range(10)), []

    def dying(action: Any) -> Any:
        def act(*args: Any, **options: Any) -> Any:
            answer = action(*args, **options)
            if next(steps) == step:
                died.append(step)
                raise Killed
            return answer

        return act

    monkeypatch.setattr(reminder_messages, "queue_email", dying(reminder_messages.queue_email))
    monkeypatch.setattr(Booking, "save", dying(Booking.save))
    return died


def test_one_that_fails_keeps_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """EM-6, JO-4: the next calls first; what went wrong is in the log, fails the run, and is tried again."""
    now = clock.now()
    creator = make_creator()
    late, early = (bookings.confirmed(make_offer(creator=creator), make_user()) for _ in range(2))
    move(late, to=now + 12 * MINUTE, now=now)
    move(early, to=now + 9 * MINUTE, now=now)
    tried = []

    def fail_once(*, booking: Booking, kind: Any) -> None:
        tried.append(booking.pk)
        if len(tried) == 1:
            raise ValueError("out of luck")
        write(booking=booking, kind=kind)

    write = mails.reminder
    monkeypatch.setattr(remind.mails, "reminder", fail_once)
    with pytest.raises(ValueError, match="out of luck"):
        send_reminders(now=now)
    assert reminders(metadata={"booking": str(late.pk)}) == BOTH_15M
    assert LogEntry.objects.get(type="REMINDERS_SENT").metadata["just_before"] == 1
    assert remind_all(now + MINUTE) == 1
    assert tried == [early.pk, late.pk, early.pk]
    assert LogEntry.objects.get(type="REMINDER_FAILED").metadata == {"booking": str(early.pk)}
