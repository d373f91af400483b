"""Workers die; what they were doing is done (JO-1, PW-1)."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from callastar.bookings.models import Booking, BookingStatus
from callastar.bookings.operations.pay import start_payment
from callastar.bookings.operations.reserve import reserve_offer
from callastar.bookings.operations.settle import settle_payment
from callastar.core import clock
from callastar.jobs.operations import retry_stalled_jobs
from callastar.offers.models import OfferStatus
from callastar.payments.models import PaymentStatus
from callastar.providers.stripe import gateway
from callastar.webhooks.operations.inbox import store_stripe_event
from tests.factories import make_offer, make_user
from tests.servers import product_environment, running_worker
from tests.stripe_people import intents, make_onboarded_creator, pay, refunds

pytestmark = pytest.mark.django_db(transaction=True)
DEAD = {"status": "doing", "worker_id": None}  # what is left of a job whose worker is gone and forgotten


def put_job(task: str, *, status: str, lock: str | None = None, queueing_lock: str | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, status)"
            " VALUES ('bookings', %s, %s, %s, %s::procrastinate_job_status)",
            [task, lock, queueing_lock, status],
        )


def statuses(task: str) -> list[str]:
    return sorted(ProcrastinateJob.objects.filter(task_name=task).values_list("status", flat=True))


def rescue() -> int:
    return async_to_sync(retry_stalled_jobs)()


def test_a_dead_job_is_put_back():
    """JO-1."""
    put_job("bookings.expire_hold", status="doing")
    assert rescue() == 1
    assert statuses("bookings.expire_hold") == ["todo"]
    assert rescue() == 0


def test_a_dead_periodic_job_makes_way_for_its_next_run():
    """JO-1: that one waits already, and a queueing lock has room for one; the others are rescued all the same."""
    locks = {"lock": "expire-holds", "queueing_lock": "expire-holds"}
    put_job("expire-holds", status="doing", **locks)
    put_job("expire-holds", status="todo", **locks)
    put_job("payments.execute_refund", status="doing")
    assert rescue() == 2
    assert statuses("expire-holds") == ["failed", "todo"]
    assert statuses("payments.execute_refund") == ["todo"]


def test_the_rescuer_can_be_rescued():
    """JO-1: one that died holds up neither the next one nor the others."""
    put_job("rescue-jobs", status="doing", queueing_lock="rescue-jobs")
    put_job("rescue-jobs", status="todo", queueing_lock="rescue-jobs")
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
        (worker,) = cursor.fetchone()
        cursor.execute("SELECT task_name FROM procrastinate_fetch_job_v2(NULL, %s)", [worker])
        assert cursor.fetchone() == ("rescue-jobs",)


def eventually(found: Callable[[], object], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < deadline, Counter(
            ProcrastinateJob.objects.values_list("task_name", "status")
        )
        time.sleep(0.1)


class Story:
    """A fan's booking with an open payment."""

    def __init__(self, creator) -> None:
        self.offer, self.fan = make_offer(creator=creator), make_user()
        self.booking = reserve_offer(offer_id=self.offer.pk, fan=self.fan, now=clock.now()).booking
        ticket = start_payment(booking_id=self.booking.pk, fan=self.fan, now=clock.now())
        self.intent_id = ticket.intent_id

    def lapse_soon(self) -> None:
        past = clock.now() - timedelta(seconds=1)
        Booking.objects.filter(pk=self.booking.pk).update(hold_expires_at=past)

    @property
    def state(self) -> tuple[str, str, str]:
        found = Booking.objects.select_related("payment", "offer").get(pk=self.booking.pk)
        return found.status, found.payment.status, found.offer.status


def doing(*tasks: str) -> bool:
    return set(tasks) <= set(
        ProcrastinateJob.objects.filter(status="doing").values_list("task_name", flat=True)
    )


@pytest.mark.race
def test_a_worker_killed_in_the_middle_loses_nothing(at_stripe, at_daily, resend_sandbox):
    """JO-1, PW-1, BK-4, BK-5: killed while Stripe carries out a refund, a question and a cancellation.

    The next worker finds what was being done and does it: one refund, one confirmed booking, one free offer.
    """
    creator = make_onboarded_creator(at_stripe)
    late, paid, unpaid = Story(creator), Story(creator), Story(creator)
    pay(late.intent_id)
    Booking.objects.filter(pk=late.booking.pk).update(
        status=BookingStatus.CANCELLED, cancel_reason="fan", cancelled_at=clock.now()
    )
    settle_payment(booking_id=late.booking.pk, now=clock.now())
    pay(paid.intent_id)
    for event in gateway.events_since(since=paid.booking.created_at):
        if event.object_id == paid.intent_id:
            store_stripe_event(event=event, now=clock.now())
    unpaid.lapse_soon()
    for match in ("POST /v1/refunds", "GET /v1/payment_intents", "POST /v1/payment_intents/*/cancel"):
        at_stripe.control("POST", "faults", {"match": match, "kind": "slow"})

    environment = product_environment(
        stripe=at_stripe, daily=at_daily, resend=resend_sandbox, WORKER_SILENCE_SECONDS="2"
    )
    with running_worker(environment) as worker:
        eventually(lambda: doing("payments.execute_refund", "webhooks.process_event", "expire-holds"))
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait(5)
    assert doing("payments.execute_refund", "webhooks.process_event", "expire-holds")

    with running_worker(environment):
        eventually(lambda: late.state[1] == PaymentStatus.REFUNDED)
        eventually(
            lambda: paid.state == (BookingStatus.CONFIRMED, PaymentStatus.SUCCEEDED, OfferStatus.BOOKED)
        )
        eventually(lambda: unpaid.state[::2] == (BookingStatus.CANCELLED, OfferStatus.AVAILABLE))
        eventually(lambda: not ProcrastinateJob.objects.filter(status="doing", worker=None).exists())
    assert [refund.amount for refund in refunds(at_stripe)] == [late.offer.price]
    assert Counter(intent.status for intent in intents(at_stripe)) == {"succeeded": 2, "canceled": 1}
