"""Reminders of many bookings with lives at random, against an oracle that walks through the seconds (EM-6).

Bookings are confirmed, moved and cancelled whenever they like. Runs come at random, with up to 12 minutes without any;
so do workers that send. Some of them die in the middle. What the provider has accepted for whom must be what the
oracle says, to the last mail.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from django.db import transaction

from callastar.bookings import mails
from callastar.bookings.models import Booking, BookingStatus
from callastar.bookings.operations.remind import remind_if_due, send_reminders
from callastar.bookings.operations.transitions import lock_booking
from callastar.mail import reminder_messages
from callastar.mail.models import EmailLog, EmailStatus
from callastar.mail.operations import EmailBusy, send_email
from callastar.offers.models import CallOffer
from callastar.payments.models import Payment
from callastar.providers.resend import gateway
from callastar.providers.resend.types import OutgoingMail
from tests.factories import make_creator, make_user

pytestmark = pytest.mark.django_db
BOOKINGS = 80
T0 = datetime(2026, 6, 10, tzinfo=UTC)
QUARTER, DAY = 15 * 60, 24 * 60 * 60  # seconds, as everything below
LONGEST_GAP = 12 * 60
Sent = set[tuple[int, str, str, int]]  # number of the booking, kind, role, start


@dataclass(frozen=True)
class Life:
    """From which seconds on a booking was confirmed for which start, and when it was cancelled, if it was."""

    starts: dict[int, int]
    cancelled: int | None

    def periods(self) -> Iterator[tuple[int, int, int]]:
        """The start that counted from one second until before another."""
        end = self.cancelled or self.starts[max(self.starts)]
        for agreed, until in pairwise([*self.starts, end]):
            yield agreed, until, self.starts[agreed]


def live(random: Random) -> Life:
    """A life at random: booked seconds or days before the start, moved never or a few times, sometimes cancelled."""
    now, starts = random.randrange(DAY // 8), {}
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        starts[now] = start = now + random.choice((lead_of_minutes, lead_of_hours, lead_of_a_day))(random)
        now = max(now + 1, start - random.randrange(random.choice((QUARTER, start - now))))
    return Life(starts, now if random.random() < 0.25 else None)


def lead_of_minutes(random: Random) -> int:
    return random.randrange(2, 2 * QUARTER)


def lead_of_hours(random: Random) -> int:
    return random.randrange(QUARTER, DAY)


def lead_of_a_day(random: Random) -> int:
    return DAY + random.randrange(-60, 4 * QUARTER)


def oracle(lives: list[Life], runs: set[int], sendings: set[int]) -> Sent:
    """Who gets what, second by second: written at the first run of its time, sent at the first sending after that.

    A booking's confirmation is a run for it.
    """
    expected: Sent = set()
    for number, life in enumerate(lives):
        confirmed = min(life.starts)
        for agreed, until, start in life.periods():
            times = {"15m": range(max(agreed, start - QUARTER), min(until, start))}
            if agreed <= start - DAY:
                times["24h"] = range(start - DAY, min(until, start - QUARTER))
            for kind, seconds in times.items():
                written = next((second for second in seconds if second in runs or second == confirmed), None)
                if written is not None and any(
                    second in sendings for second in range(written, min(until, start))
                ):
                    expected |= {(number, kind, role, start) for role in ("fan", "creator")}
    return expected


def make_bookings(lives: list[Life]) -> list[Booking]:
    """Rows that wait for their confirmation; what else belongs to them does not matter here."""
    creator, fan = make_creator(), make_user()
    slots = [T0 + timedelta(days=100, hours=number) for number in range(len(lives))]
    offers = CallOffer.objects.bulk_create(
        CallOffer(
            creator=creator,
            title="A call",
            starts_at=slot,
            ends_at=slot + timedelta(minutes=30),
            duration_minutes=30,
            price=5000,
            currency="EUR",
        )
        for slot in slots
    )
    made = [
        Booking(
            offer=offer,
            creator=creator,
            fan=fan,
            offer_title=offer.title,
            starts_at=offer.starts_at,
            duration_minutes=30,
            hold_expires_at=offer.starts_at,
            terms={},
        )
        for offer in offers
    ]
    for booking in made:
        booking.payment = Payment(
            booking_id=booking.pk,
            offer_id=booking.offer_id,
            creator_id=creator.pk,
            fan_id=fan.pk,
            amount=5000,
            currency="EUR",
            platform_fee=750,
            processing_fee=175,
            creator_amount=4075,
        )
    Payment.objects.bulk_create([booking.payment for booking in made])
    return Booking.objects.bulk_create(made)


def at(second: int) -> datetime:
    return T0 + timedelta(seconds=second)


def tell(booking: Booking, life: Life) -> Iterator[tuple[int, Any]]:
    """What happens to a booking and when, each as the product does it."""

    def confirm(second: int) -> None:
        booking.starts_at, booking.confirmed_at = at(life.starts[second]), at(second)
        booking.status = BookingStatus.CONFIRMED
        booking.save()
        with transaction.atomic():
            remind_if_due(booking=lock_booking(booking.pk), now=at(second))

    def move(second: int) -> None:
        Booking.objects.filter(pk=booking.pk).update(starts_at=at(life.starts[second]), moved_at=at(second))

    def cancel(second: int) -> None:
        Booking.objects.filter(pk=booking.pk).update(
            status=BookingStatus.CANCELLED, cancel_reason="fan", cancelled_at=at(second)
        )
        mails.forget_confirmed(booking=booking, now=at(second))

    first, *moves = life.starts
    yield first, confirm
    yield from ((second, move) for second in moves)
    if life.cancelled:
        yield life.cancelled, cancel


def seconds_of_runs(random: Random, end: int) -> list[int]:
    """Every minute or so, and now and then not for up to 12 minutes."""
    runs, now = [], 0
    while now < end:
        now += random.choice((60, random.randrange(1, LONGEST_GAP), LONGEST_GAP))
        runs.append(now)
    return runs


class Killed(BaseException):
    """The worker is gone."""


class Provider:
    """Accepts each mail once by its key, and may never answer: the worker that asked has died."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.accepted: set[str] = set()

    def send(self, *, mail: OutgoingMail) -> str:
        self.accepted.add(mail.idempotency_key)
        if self.random.random() < 0.2:
            raise Killed
        return mail.idempotency_key

    def has(self, email: EmailLog) -> bool:
        return f"email-{email.pk}" in self.accepted


def die_while_reminding(second: int, *, after: int) -> None:
    """A run that ends in the middle of a booking, where it reminds of so many."""
    steps = iter(range(after + 1))

    def write(**about: Any) -> EmailLog:
        if next(steps) == after:
            raise Killed
        return queue_email(**about)

    queue_email = reminder_messages.queue_email
    with suppress(Killed), pytest.MonkeyPatch.context() as patch:
        patch.setattr(reminder_messages, "queue_email", write)
        send_reminders(now=at(second))


def send_waiting(second: int) -> None:
    """A worker for each mail; what another one has claimed is left to it."""
    waiting = EmailLog.objects.filter(status=EmailStatus.PENDING).values_list("pk", flat=True)
    for email_id in list(waiting):
        with suppress(Killed, EmailBusy):
            send_email(email_id=email_id, now=at(second))


def what_was_sent(made: Iterable[Booking], provider: Provider) -> list[tuple[int, str, str, int]]:
    numbers = {str(booking.pk): number for number, booking in enumerate(made)}
    return [
        (
            numbers[mail.metadata["booking"]],
            *mail.template.removeprefix("reminder_").split("_"),
            round((datetime.fromisoformat(mail.context["starts_at"]) - T0).total_seconds()),
        )
        for mail in filter(provider.has, EmailLog.objects.all())
    ]


@pytest.mark.parametrize("seed", [6])
def test_everybody_is_reminded_once_and_nobody_else(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """EM-6: many bookings, some of them cancelled, moved, or booked minutes before their start."""
    random = Random(seed)
    provider = Provider(random)
    monkeypatch.setattr(gateway, "send", provider.send)
    monkeypatch.setattr("callastar.mail.operations.send.render", lambda email, *, now: None)
    lives = [live(random) for _ in range(BOOKINGS)]
    made = make_bookings(lives)
    runs = seconds_of_runs(random, max(max(life.starts.values()) for life in lives))
    sendings = {second for second in runs if random.random() < 0.8}
    happens = [event for booking, life in zip(made, lives, strict=True) for event in tell(booking, life)]
    for second in runs:
        if random.random() < 0.15:
            happens.append((second, partial(die_while_reminding, after=random.randrange(4))))
        happens.append((second, lambda second: send_reminders(now=at(second))))
    happens += [(second, send_waiting) for second in sorted(sendings)]
    for second, event in sorted(
        happens, key=lambda one: one[0]
    ):  # stable: what happens to bookings comes first
        event(second)
    sent = what_was_sent(made, provider)
    assert len(sent) == len(set(sent))
    assert set(sent) == oracle(lives, set(runs), sendings)
    kinds = {(kind, role) for _number, kind, role, _start in sent}
    assert len(kinds) == 4
    assert EmailLog.objects.filter(status=EmailStatus.SKIPPED).exists(), "nothing waited until it was untrue"
    assert EmailLog.objects.filter(status=EmailStatus.SENT, attempts__gt=1).exists(), "no worker died"
