"""A verified event is stored once, with its job, and carried out whatever its order (WH-2, WH-4)."""

from concurrent.futures import ThreadPoolExecutor
from itertools import permutations

import pytest
from django.core.management import CommandError, call_command
from django.db import connections, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from callastar.audit.models import LogEntry
from callastar.bookings.models import Booking, BookingStatus
from callastar.bookings.operations.pay import start_payment
from callastar.bookings.operations.reserve import reserve_offer
from callastar.core import clock
from callastar.core.errors import ProviderError
from callastar.mail.models import EmailLog
from callastar.notifications.models import Notification
from callastar.payments.models import Payment, PaymentStatus, Refund
from callastar.providers.stripe import gateway
from callastar.providers.stripe.client import call
from callastar.webhooks.models import CatchUp, EventStatus, WebhookEvent
from callastar.webhooks.operations import catch_up, inbox
from callastar.webhooks.operations.catch_up import fetch_missed_events
from callastar.webhooks.operations.inbox import replay_event, retry_parked, store_stripe_event
from tests.factories import make_admin, make_offer, make_user
from tests.integration.webhooks.conftest import event
from tests.jobs import empty_queue, run_jobs, run_periodic
from tests.stripe_people import make_onboarded_creator, pay

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def paid(at_stripe) -> Booking:
    """A booking that was paid, of which nobody here knows yet."""
    offer, fan = make_offer(creator=make_onboarded_creator(at_stripe)), make_user()
    booking = reserve_offer(offer_id=offer.pk, fan=fan, now=clock.now()).booking
    ticket = start_payment(booking_id=booking.pk, fan=fan, now=clock.now())
    assert pay(ticket.intent_id) == "succeeded"
    booking.payment.refresh_from_db()
    return booking


def status_of(booking: Booking) -> tuple[str, str]:
    booking = Booking.objects.select_related("payment").get(pk=booking.pk)
    return booking.status, booking.payment.status


def jobs() -> int:
    return ProcrastinateJob.objects.filter(task_name=inbox.PROCESS).count()


def test_an_event_is_stored_with_its_job(deliver):
    """WH-2: provider, id, type, payload and time; and the job in the same transaction."""
    sent = event("payment_intent.succeeded", "pi_1", account="acct_1")
    assert deliver(sent).status_code == 200
    stored = WebhookEvent.objects.get()
    assert (stored.provider, stored.event_id, stored.type) == ("stripe", sent["id"], sent["type"])
    assert (stored.payload, stored.account, stored.status) == (sent, "acct_1", EventStatus.RECEIVED)
    assert int(stored.occurred_at.timestamp()) == sent["created"]
    assert ProcrastinateJob.objects.get(task_name=inbox.PROCESS).args == {"event_id": str(stored.pk)}


def test_neither_without_the_other():
    """WH-2: what rolls back leaves neither event nor job."""
    with transaction.atomic():
        assert store_stripe_event(event=gateway.parse_event(event()), now=clock.now())
        transaction.set_rollback(True)
    assert (WebhookEvent.objects.count(), jobs()) == (0, 0)


def test_a_duplicate_is_stored_once(deliver):
    """WH-2: also when both come at the same moment."""
    sent = event()
    with ThreadPoolExecutor(6) as threads:

        def once(_: int) -> int:
            try:
                return deliver(sent).status_code
            finally:
                connections.close_all()

        assert set(threads.map(once, range(12))) == {200}
    assert (WebhookEvent.objects.count(), jobs()) == (1, 1)


def test_an_unknown_type_is_kept_and_ignored(deliver):
    """WH-3."""
    deliver(event("invoice.paid", "in_1"))
    assert run_jobs() == []
    stored = WebhookEvent.objects.get()
    assert (stored.status, stored.attempts) == (EventStatus.IGNORED, 1)


def test_a_payment_of_somebody_else_is_nothing_to_us(deliver, at_stripe):
    """WH-2: one Stripe account may serve several products."""
    intent = call(lambda c: c.v1.payment_intents.create({"amount": 500, "currency": "eur"}))
    deliver(event("payment_intent.succeeded", intent.id))
    assert run_jobs() == []
    assert WebhookEvent.objects.get().status == EventStatus.PROCESSED


def test_the_copy_inside_an_event_is_not_believed(deliver, at_stripe):
    """WH-1: "succeeded", says the event; Stripe says that nobody has paid."""
    offer, fan = make_offer(creator=make_onboarded_creator(at_stripe)), make_user()
    booking = reserve_offer(offer_id=offer.pk, fan=fan, now=clock.now()).booking
    ticket = start_payment(booking_id=booking.pk, fan=fan, now=clock.now())
    told = {"object": {"id": ticket.intent_id, "status": "succeeded", "amount_received": 5000}}
    deliver(event("payment_intent.succeeded", data=told))
    assert run_jobs() == []
    assert status_of(booking) == (BookingStatus.PENDING, PaymentStatus.PENDING)


def test_any_order_and_every_event_twice(paid, deliver):
    """WH-2: one confirmation, one call, two mails, whatever comes first and however often."""
    found = [each.payload for each in gateway.events_since(since=paid.created_at)]
    ours = [each for each in found if each["type"].startswith(("payment_intent.", "charge."))]
    assert len(ours) >= 3
    for order in list(permutations(ours[:3]))[:4]:
        for sent in (*order, *order):
            deliver(sent | {"id": f"{sent['id']}{WebhookEvent.objects.count()}"})
        assert run_jobs() == []
    assert status_of(paid) == (BookingStatus.CONFIRMED, PaymentStatus.SUCCEEDED)
    assert paid.transitions.count() == 2
    assert EmailLog.objects.count() == 2


@pytest.mark.parametrize("amount", [1000, 5000])
def test_a_refund_that_is_heard_of_before_its_payment(paid, deliver, amount):
    """WH-2, BK-5: made at Stripe by hand; a partial one does not hide that the fan has paid."""
    intent = paid.payment.intent_id
    made = call(lambda c: c.v1.refunds.create({"payment_intent": intent, "amount": amount}))
    deliver(event("refund.created", made.id))
    assert run_jobs() == []
    assert Refund.objects.get().amount == amount
    assert status_of(paid) == (BookingStatus.PENDING, PaymentStatus.PENDING)
    deliver(event("payment_intent.succeeded", intent))
    assert run_jobs() == []
    assert status_of(paid) == (
        (BookingStatus.CONFIRMED, PaymentStatus.PARTIALLY_REFUNDED)
        if amount < 5000
        else (BookingStatus.CANCELLED, PaymentStatus.REFUNDED)
    )
    assert Payment.objects.get().refunded_amount == amount


def test_what_keeps_failing_is_parked_and_can_be_replayed(paid, deliver, at_stripe):
    """WH-2: temporary trouble is tried again; after all tries somebody is told; a replay carries it out."""
    at_stripe.control("POST", "faults", {"match": "GET /v1/payment_intents", "kind": "500", "times": 1000})
    deliver(event("payment_intent.succeeded", paid.payment.intent_id))
    assert run_jobs() == [inbox.PROCESS]
    parked = WebhookEvent.objects.get()
    assert (parked.status, parked.attempts > 3) == (EventStatus.PARKED, True)
    assert "ProviderError" in parked.error
    assert LogEntry.objects.filter(type="WEBHOOK_PARKED", level="ERROR").count() == 1
    at_stripe.control("DELETE", "faults")
    replay_event(event_id=parked.pk)
    assert run_jobs() == []
    parked.refresh_from_db()
    assert (parked.status, parked.error) == (EventStatus.PROCESSED, "")
    assert status_of(paid)[0] == BookingStatus.CONFIRMED


def test_what_will_never_work_is_parked_at_once(deliver, at_stripe):
    """PW-2: Stripe does not know the refund."""
    deliver(event("refund.updated", "re_unknown"))
    assert run_jobs() == [inbox.PROCESS]
    parked = WebhookEvent.objects.get()
    assert (parked.status, parked.attempts) == (EventStatus.PARKED, 1)


def test_admins_are_told_of_a_parked_event_once(deliver, at_stripe):
    """WH-2, NO-1: in the site, each admin once, however often it is tried again."""
    first, second = make_admin(), make_admin()
    deliver(event("refund.updated", "re_unknown"))
    run_jobs()
    parked = WebhookEvent.objects.get()
    retry_parked()
    run_jobs()
    told = list(Notification.objects.filter(type="SYSTEM").select_related("recipient"))
    assert {each.recipient for each in told} == {first, second}
    assert len(told) == 2
    assert told[0].params == {"variant": "event_parked", "event_type": "refund.updated"}
    assert told[0].link == f"dashboard/admin/webhooks/webhookevent/{parked.pk}/change/"
    parked.refresh_from_db()
    assert (parked.status, parked.attempts) == (EventStatus.PARKED, 2)


def test_a_parked_event_is_tried_again_by_itself(paid, deliver, at_stripe):
    """WH-2: what made it fail is over an hour later, and nobody had to look."""
    at_stripe.control("POST", "faults", {"match": "GET /v1/payment_intents", "kind": "500", "times": 1000})
    deliver(event("payment_intent.succeeded", paid.payment.intent_id))
    run_jobs()
    at_stripe.control("DELETE", "faults")
    run_periodic("retry-parked-events")
    assert run_jobs() == []
    assert WebhookEvent.objects.get().status == EventStatus.PROCESSED
    assert status_of(paid)[0] == BookingStatus.CONFIRMED
    assert retry_parked() == 0


def test_it_is_tried_again_five_times_at_most(deliver, at_stripe):
    """WH-2: after that only an admin runs it, which gives it five more."""
    deliver(event("refund.updated", "re_unknown"))
    run_jobs()
    counts = []
    for _ in range(7):
        counts.append(retry_parked())
        run_jobs()
    assert counts == [1, 1, 1, 1, 1, 0, 0]
    parked = WebhookEvent.objects.get()
    assert (parked.status, parked.attempts) == (EventStatus.PARKED, 6)
    replay_event(event_id=parked.pk)
    run_jobs()
    assert retry_parked() == 1


def test_events_that_never_came_are_fetched(paid):
    """WH-4: through the same path; asking again finds nothing new."""
    missed = fetch_missed_events(now=clock.now())
    assert missed["missed"] == missed["seen"] >= 3
    assert WebhookEvent.objects.count() == jobs() == missed["missed"]
    run_jobs()
    assert status_of(paid) == (BookingStatus.CONFIRMED, PaymentStatus.SUCCEEDED)
    assert fetch_missed_events(now=clock.now())["missed"] == 0


def test_a_list_that_breaks_off_is_read_again(paid, monkeypatch):
    """WH-4: what is newer and came in meanwhile does not hide what is older and missing."""
    monkeypatch.setattr(catch_up, "OVERLAP", clock.now() - clock.now())
    whole = list(gateway.events_since(since=paid.created_at))

    def breaks_off(*, since):
        yield whole[0]
        raise ProviderError("stripe", "temporary")

    with monkeypatch.context() as patch:
        patch.setattr(gateway, "events_since", breaks_off)
        with pytest.raises(ProviderError):
            fetch_missed_events(now=clock.now())
    assert not CatchUp.objects.exists()
    assert fetch_missed_events(now=clock.now())["missed"] >= len(whole) - 1
    assert CatchUp.objects.get().read_until == whole[0].created


def test_an_operator_replays_events_from_the_command_line(deliver, capsys):
    """WH-2: one by its id at Stripe, or all that are parked; what is not stored is said."""
    sent = [event("refund.updated", f"re_{number}") for number in range(3)]
    for one in sent:
        deliver(one)
    for one in WebhookEvent.objects.exclude(event_id=sent[2]["id"]):
        inbox.park_event(event_id=one.pk, now=clock.now())
    empty_queue()

    call_command("replay_webhook", sent[2]["id"])
    assert jobs() == 1
    call_command("replay_webhook", "--parked")
    assert jobs() == 3
    assert set(WebhookEvent.objects.values_list("status", flat=True)) == {EventStatus.RECEIVED}
    call_command("replay_webhook", "--parked")
    assert capsys.readouterr().out.splitlines()[-1] == "No event is parked."
    with pytest.raises(CommandError, match="evt_unknown"):
        call_command("replay_webhook", "evt_unknown")
    with pytest.raises(CommandError):
        call_command("replay_webhook", "evt_unknown", "--parked")
    assert jobs() == 3
