"""Paid means booked or refunded, in whatever order the news come."""

from contextlib import suppress
from datetime import timedelta
from time import sleep

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from callastar.audit.models import LogEntry
from callastar.bookings.models import Booking, BookingStatus, CancelReason
from callastar.bookings.operations.give_up import give_up
from callastar.bookings.operations.lapse import expire_hold, expire_holds
from callastar.bookings.operations.pay import start_payment
from callastar.bookings.operations.reconcile import reconcile_bookings
from callastar.bookings.operations.refunded import tell_refunded
from callastar.bookings.operations.reserve import reserve_offer
from callastar.bookings.operations.settle import settle_payment
from callastar.calls.models import Call
from callastar.core import clock
from callastar.core.errors import ProviderError, Refusal
from callastar.mail.models import EmailLog
from callastar.payments.models import IntentState, Payment, PaymentStatus, Refund, RefundStatus
from callastar.payments.operations.execute import execute_refund
from callastar.payments.operations.intents import close_intent
from callastar.payments.operations.money import sync_refund
from callastar.providers.stripe.client import call
from tests.factories import make_offer, make_user
from tests.stripe_people import intents, pay, pay_slowly, refunds

pytestmark = pytest.mark.django_db(transaction=True)
LATER = timedelta(minutes=11)


@pytest.fixture
def fan(db):
    return make_user(locale="fr")


@pytest.fixture
def offer(creator):
    return make_offer(creator=creator, price=10000)


def open_payment(offer, fan):
    booking = reserve_offer(offer_id=offer.pk, fan=fan, now=clock.now()).booking
    return booking, start_payment(booking_id=booking.pk, fan=fan, now=clock.now()).intent_id


def state(booking) -> tuple[str, str, str, str]:
    booking = Booking.objects.select_related("payment", "offer").get(pk=booking.pk)
    return booking.status, booking.payment.status, booking.payment.intent_state, booking.offer.status


def mails(booking) -> list[tuple[str, str]]:
    found = EmailLog.objects.filter(metadata__booking=str(booking.pk)).exclude(status="skipped")
    return sorted(found.values_list("template", "to"))


def test_the_intent_carries_what_the_split_says(offer, fan, at_stripe):
    """PA-1, PA-2."""
    booking, intent_id = open_payment(offer, fan)
    (intent,) = intents(at_stripe)
    assert (intent.id, intent.amount, intent.currency) == (intent_id, 10000, "eur")
    assert intent.application_fee_amount == 1820
    assert intent.transfer_data.destination == offer.creator.stripe_account_id
    assert intent.receipt_email == fan.email
    assert intent.statement_descriptor_suffix
    assert intent.metadata.to_dict() == {
        "booking": str(booking.pk),
        "offer": str(offer.pk),
        "creator": str(offer.creator_id),
        "fan": str(fan.pk),
    }


def test_asking_again_gives_the_same_intent(offer, fan, at_stripe):
    """PA-2."""
    booking, intent_id = open_payment(offer, fan)
    again = start_payment(booking_id=booking.pk, fan=fan, now=clock.now())
    assert again.intent_id == intent_id
    assert len(intents(at_stripe)) == 1


def test_a_payment_confirms_the_booking(offer, fan):
    """BK-5, BK-6, PA-4, CA-2, EM-1: state, release date, call with its room's job, mails to both."""
    booking, intent_id = open_payment(offer, fan)
    assert pay(intent_id) == "succeeded"
    settle_payment(booking_id=booking.pk, now=clock.now())
    assert state(booking) == ("CONFIRMED", "SUCCEEDED", "SUCCEEDED", "BOOKED")
    payment, call = Payment.objects.get(), Call.objects.get()
    assert payment.payout_release_date == offer.ends_at + timedelta(days=7)
    assert payment.charge_id.startswith("ch_")
    job = ProcrastinateJob.objects.get(task_name="calls.create_room")
    assert job.args == {"room_id": str(call.room_id)}
    assert mails(booking) == [
        ("booking_confirmed_creator", offer.creator.user.email),
        ("booking_confirmed_fan", fan.email),
    ]


def test_the_same_news_twice_changes_nothing(offer, fan):
    """BK-5, WH-2: two mails, one call, whatever is delivered again."""
    booking, intent_id = open_payment(offer, fan)
    pay(intent_id)
    for _ in range(3):
        settle_payment(booking_id=booking.pk, now=clock.now())
    assert Call.objects.count() == 1
    assert len(mails(booking)) == 2
    assert booking.transitions.count() == 2


def test_a_declined_card_leaves_the_booking_to_be_paid(offer, fan):
    """PA-5: the reason is kept, the fan is told, and can pay again on the same booking."""
    booking, intent_id = open_payment(offer, fan)
    assert pay(intent_id, "pm_card_chargeDeclinedInsufficientFunds") != "succeeded"
    settle_payment(booking_id=booking.pk, now=clock.now())
    assert state(booking) == ("PENDING", "FAILED", "OPEN", "BOOKED")
    assert Payment.objects.get().failure_code == "insufficient_funds"
    assert mails(booking) == [("payment_failed", fan.email)]
    assert pay(intent_id) == "succeeded"
    settle_payment(booking_id=booking.pk, now=clock.now())
    assert state(booking) == ("CONFIRMED", "SUCCEEDED", "SUCCEEDED", "BOOKED")
    assert "payment_failed" not in [template for template, _ in mails(booking)]


def test_an_unpaid_booking_lapses_and_its_offer_is_free_again(offer, fan, at_stripe):
    """BK-4: the intent is cancelled at Stripe, the fan is told, the slot can be booked."""
    booking, intent_id = open_payment(offer, fan)
    expire_hold(booking_id=booking.pk, now=clock.now())
    assert state(booking)[0] == "PENDING", "not before its time"
    assert expire_holds(now=clock.now() + LATER) == 1
    assert state(booking) == ("CANCELLED", "PENDING", "CANCELED", "AVAILABLE")
    assert intents(at_stripe)[0].status == "canceled"
    assert mails(booking) == [("hold_lapsed", fan.email)]
    assert pay(intent_id) != "succeeded"
    assert reserve_offer(offer_id=offer.pk, fan=make_user(), now=clock.now()).is_new


def test_a_hold_that_was_paid_just_in_time_is_confirmed_when_it_lapses(offer, fan):
    """BK-5: with the webhook lost, closing the intent reveals the money."""
    booking, intent_id = open_payment(offer, fan)
    pay(intent_id)
    expire_hold(booking_id=booking.pk, now=clock.now() + LATER)
    assert state(booking) == ("CONFIRMED", "SUCCEEDED", "SUCCEEDED", "BOOKED")


def lapse_while_stripe_is_down(booking, at_stripe):
    at_stripe.control("POST", "faults", {"match": "* /v1/*", "kind": "drop_before", "times": 50})
    expire_hold(booking_id=booking.pk, now=clock.now() + LATER)
    at_stripe.control("DELETE", "faults")


def test_the_offer_is_free_in_time_even_with_stripe_down(offer, fan, at_stripe):
    """BK-4, PW-2: a job closes the intent later."""
    booking, _intent_id = open_payment(offer, fan)
    lapse_while_stripe_is_down(booking, at_stripe)
    assert state(booking) == ("CANCELLED", "PENDING", "OPEN", "AVAILABLE")
    assert ProcrastinateJob.objects.filter(task_name="bookings.close_payment").count() == 1


def test_a_late_payment_takes_a_free_offer_back(offer, fan, at_stripe):
    """BK-5, BK-6."""
    booking, intent_id = open_payment(offer, fan)
    lapse_while_stripe_is_down(booking, at_stripe)
    assert pay(intent_id) == "succeeded"
    settle_payment(booking_id=booking.pk, now=clock.now() + LATER)
    assert state(booking) == ("CONFIRMED", "SUCCEEDED", "SUCCEEDED", "BOOKED")
    assert not Refund.objects.exists()


def test_a_late_payment_for_a_taken_offer_is_refunded_in_full(offer, fan, at_stripe):
    """BK-5, RE-1: once, with an apology; the other fan's booking is untouched."""
    booking, intent_id = open_payment(offer, fan)
    lapse_while_stripe_is_down(booking, at_stripe)
    pay(intent_id)
    other = reserve_offer(offer_id=offer.pk, fan=make_user(), now=clock.now()).booking
    for _ in range(2):
        settle_payment(booking_id=booking.pk, now=clock.now() + LATER)
    refund = Refund.objects.get()
    for _ in range(2):
        execute_refund(refund_id=refund.pk, now=clock.now())
    assert state(booking) == ("CANCELLED", "REFUNDED", "SUCCEEDED", "BOOKED")
    assert state(other)[0] == "PENDING"
    (at_provider,) = refunds(at_stripe)
    assert (at_provider.amount, at_provider.status) == (10000, "succeeded")
    refund.refresh_from_db()
    assert refund.status == RefundStatus.SUCCEEDED
    assert "refunded" not in [template for template, _ in mails(booking)], (
        "told by a job, once the money is on its way"
    )
    for _ in range(2):
        tell_refunded(refund_id=refund.pk, now=clock.now())
    assert [template for template, _ in mails(booking)].count("refunded") == 1


def test_the_next_fans_payment_closes_the_lapsed_one_first(offer, fan, at_stripe):
    """PA-2: at most one intent of an offer can take money."""
    booking, _first = open_payment(offer, fan)
    lapse_while_stripe_is_down(booking, at_stripe)
    _other, second = open_payment(offer, make_user())
    assert {intent.id: intent.status for intent in intents(at_stripe)} == {
        _first: "canceled",
        second: "requires_payment_method",
    }
    assert Payment.objects.filter(intent_state=IntentState.OPEN).count() == 1


def test_another_amount_than_was_asked_for_goes_back(offer, fan, at_stripe):
    """BK-5, PW-2: nothing is booked for it, the slot is free, all that was taken is refunded, somebody is told once."""
    booking, intent_id = open_payment(offer, fan)
    call(lambda c: c.v1.payment_intents.update(intent_id, {"amount": 9000}))
    assert pay(intent_id) == "succeeded"
    for _ in range(2):
        settle_payment(booking_id=booking.pk, now=clock.now())
    assert state(booking) == ("CANCELLED", "SUCCEEDED", "SUCCEEDED", "AVAILABLE")
    execute_refund(refund_id=Refund.objects.get().pk, now=clock.now())
    assert [refund.amount for refund in refunds(at_stripe)] == [9000]
    assert LogEntry.objects.filter(type="PAYMENT_AMOUNT_WRONG", level="CRITICAL").count() == 1


def test_a_lost_webhook_is_made_up_for(offer, fan):
    """BK-5, WH-4: the reconciling job asks Stripe."""
    booking, intent_id = open_payment(offer, fan)
    pay(intent_id)
    assert reconcile_bookings(now=clock.now() + timedelta(minutes=2)) == {"asked": 1, "failed": 0}
    assert state(booking)[0] == "CONFIRMED"


def test_an_answer_lost_while_opening_is_found_again(offer, fan, at_stripe):
    """PW-1: the intent exists at Stripe, our row does not know: the same call finds it, there is one."""
    booking = reserve_offer(offer_id=offer.pk, fan=fan, now=clock.now()).booking
    at_stripe.control(
        "POST", "faults", {"match": "POST /v1/payment_intents", "kind": "drop_after", "times": 3}
    )
    with pytest.raises(Refusal, match="payment_provider_unavailable"):
        start_payment(booking_id=booking.pk, fan=fan, now=clock.now())
    assert Payment.objects.get().intent_state == IntentState.OPENING
    at_stripe.control("DELETE", "faults")
    start_payment(booking_id=booking.pk, fan=fan, now=clock.now())
    assert len(intents(at_stripe)) == 1


def test_an_intent_nobody_knows_of_is_closed_when_the_hold_lapses(offer, fan, at_stripe):
    """PW-1, BK-4."""
    booking = reserve_offer(offer_id=offer.pk, fan=fan, now=clock.now()).booking
    at_stripe.control(
        "POST", "faults", {"match": "POST /v1/payment_intents", "kind": "drop_after", "times": 3}
    )
    with pytest.raises(Refusal):
        start_payment(booking_id=booking.pk, fan=fan, now=clock.now())
    at_stripe.control("DELETE", "faults")
    expire_hold(booking_id=booking.pk, now=clock.now() + LATER)
    assert [intent.status for intent in intents(at_stripe)] == ["canceled"]


def start_slow_payment(offer, fan):
    booking, intent_id = open_payment(offer, fan)
    assert pay_slowly(intent_id) == "processing"
    settle_payment(booking_id=booking.pk, now=clock.now())
    return booking, intent_id


def test_a_slow_payment_keeps_its_offer(offer, fan, at_stripe):
    """PA-5, BK-5: while it is processing the hold lasts, until an hour before the start; then it confirms."""
    booking, intent_id = start_slow_payment(offer, fan)
    assert state(booking) == ("PENDING", "PROCESSING", "PROCESSING", "BOOKED")
    booking.refresh_from_db()
    assert booking.hold_expires_at == offer.starts_at - timedelta(hours=1)
    expire_holds(now=clock.now() + LATER)
    assert state(booking)[0] == "PENDING"
    at_stripe.control("POST", f"payment_intents/{intent_id}/succeed")
    settle_payment(booking_id=booking.pk, now=clock.now() + LATER)
    assert state(booking) == ("CONFIRMED", "SUCCEEDED", "SUCCEEDED", "BOOKED")


def test_a_slow_payment_that_fails_can_be_made_again(offer, fan, at_stripe):
    """PA-5: the fan gets the usual time to pay in another way."""
    booking, intent_id = start_slow_payment(offer, fan)
    at_stripe.control("POST", f"payment_intents/{intent_id}/fail")
    now = clock.now()
    settle_payment(booking_id=booking.pk, now=now)
    assert state(booking) == ("PENDING", "FAILED", "OPEN", "BOOKED")
    booking.refresh_from_db()
    assert booking.hold_expires_at == now + timedelta(minutes=10)
    assert pay(intent_id) == "succeeded"
    settle_payment(booking_id=booking.pk, now=clock.now())
    assert state(booking)[0] == "CONFIRMED"


def test_a_slow_payment_that_comes_in_the_last_hour_is_refunded(offer, fan, at_stripe):
    """BK-5: even if the offer is still free."""
    booking, intent_id = start_slow_payment(offer, fan)
    soon = offer.starts_at - timedelta(minutes=50)
    expire_holds(now=soon)
    assert state(booking) == ("CANCELLED", "PROCESSING", "PROCESSING", "AVAILABLE")
    at_stripe.control("POST", f"payment_intents/{intent_id}/succeed")
    settle_payment(booking_id=booking.pk, now=soon + timedelta(minutes=1))
    refund = execute_refund(refund_id=Refund.objects.get().pk, now=clock.now())
    assert (refund.amount, refund.status) == (10000, RefundStatus.PENDING), (
        "a direct debit's refund takes its time"
    )
    for _ in range(50):
        sync_refund(stripe_refund_id=refund.stripe_refund_id, now=clock.now())
        refund.refresh_from_db()
        if refund.status == RefundStatus.SUCCEEDED:
            break
        sleep(0.2)
    assert state(booking) == ("CANCELLED", "REFUNDED", "SUCCEEDED", "AVAILABLE")


def test_a_fan_can_give_an_unpaid_booking_up(offer, fan, at_stripe):
    """BK-6: the slot is free at once, nothing can be charged any more, no mail blames the fan."""
    booking, intent_id = open_payment(offer, fan)
    give_up(booking_id=booking.pk, fan=fan, now=clock.now())
    booking.refresh_from_db()
    assert (booking.status, booking.cancel_reason) == (BookingStatus.CANCELLED, CancelReason.FAN)
    assert state(booking) == ("CANCELLED", "PENDING", "CANCELED", "AVAILABLE")
    assert pay(intent_id) != "succeeded"
    assert mails(booking) == []


def test_a_booking_given_up_says_so_whoever_hears_of_it_first(offer, fan):
    """BK-6: Stripe's event may be there before the fan's own request goes on."""
    booking, _intent_id = open_payment(offer, fan)
    close_intent(payment_id=booking.payment_id, given_up=True)
    settle_payment(booking_id=booking.pk, now=clock.now())
    booking.refresh_from_db()
    assert (booking.status, booking.cancel_reason) == (BookingStatus.CANCELLED, CancelReason.FAN)


def test_giving_up_what_was_paid_meanwhile_confirms_it(offer, fan):
    """BK-5."""
    booking, intent_id = open_payment(offer, fan)
    pay(intent_id)
    with pytest.raises(Refusal, match="already_paid"):
        give_up(booking_id=booking.pk, fan=fan, now=clock.now())
    assert state(booking) == ("CONFIRMED", "SUCCEEDED", "SUCCEEDED", "BOOKED")


def test_only_its_fan_can_pay_a_booking(offer, fan):
    """PA-2, PE-3: for everybody else it does not exist; nothing changes."""
    booking = reserve_offer(offer_id=offer.pk, fan=fan, now=clock.now()).booking
    for stranger in (make_user(), offer.creator.user):
        with pytest.raises(Refusal, match="booking_not_found"):
            start_payment(booking_id=booking.pk, fan=stranger, now=clock.now())
    assert Payment.objects.get().intent_state == IntentState.NONE


def test_what_is_lapsed_or_paid_cannot_be_paid(offer, fan):
    """PA-2: each with its code."""
    booking, intent_id = open_payment(offer, fan)
    with pytest.raises(Refusal, match="hold_lapsed"):
        start_payment(booking_id=booking.pk, fan=fan, now=clock.now() + LATER)
    pay(intent_id)
    settle_payment(booking_id=booking.pk, now=clock.now())
    with pytest.raises(Refusal, match="already_paid"):
        start_payment(booking_id=booking.pk, fan=fan, now=clock.now())


def test_what_stripe_will_never_take_ends_where_a_person_sees_it(offer, fan, at_stripe):
    """PW-2: a named state and an error in the log; once mended, the fan can pay."""
    account = offer.creator.stripe_account_id
    type(offer.creator).objects.filter(pk=offer.creator_id).update(stripe_account_id="acct_gone")
    booking = reserve_offer(offer_id=offer.pk, fan=fan, now=clock.now()).booking
    with pytest.raises(Refusal, match="payment_refused"):
        start_payment(booking_id=booking.pk, fan=fan, now=clock.now())
    assert state(booking)[1:3] == (PaymentStatus.FAILED, IntentState.NONE)
    assert LogEntry.objects.filter(type="PAYMENT_INTENT_REFUSED", level="ERROR").count() == 1
    type(offer.creator).objects.filter(pk=offer.creator_id).update(stripe_account_id=account)
    assert start_payment(booking_id=booking.pk, fan=fan, now=clock.now()).client_secret


@pytest.mark.parametrize("kind", ["500", "429", "drop_before", "drop_after"])
def test_a_refund_is_made_once_whatever_stripe_answers(offer, fan, at_stripe, kind):
    """PW-1, RE-1."""
    booking, intent_id = open_payment(offer, fan)
    lapse_while_stripe_is_down(booking, at_stripe)
    pay(intent_id)
    reserve_offer(offer_id=offer.pk, fan=make_user(), now=clock.now())
    settle_payment(booking_id=booking.pk, now=clock.now() + LATER)
    refund = Refund.objects.get()
    at_stripe.control("POST", "faults", {"match": "POST /v1/refunds", "kind": kind, "times": 4})
    for _ in range(3):
        with suppress(ProviderError):
            execute_refund(refund_id=refund.pk, now=clock.now())
    assert [found.amount for found in refunds(at_stripe)] == [10000]
    assert state(booking)[1] == "REFUNDED"
