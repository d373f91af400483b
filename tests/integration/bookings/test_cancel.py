"""Cancelling: the refund by the frozen terms, the offer, both sides told; or a refusal and nothing changed (BK-7)."""

from datetime import timedelta

import pytest
from django.utils import translation
from procrastinate.contrib.django.models import ProcrastinateJob

from callastar.audit.models import LogEntry
from callastar.bookings.models import Booking, BookingStatus, CancelReason
from callastar.bookings.operations.cancel import cancel_booking
from callastar.bookings.operations.enter import entry_to
from callastar.bookings.operations.pay import start_payment
from callastar.bookings.operations.reserve import reserve_offer
from callastar.bookings.operations.settle import settle_payment
from callastar.core import clock
from callastar.core.errors import Refusal
from callastar.mail.models import EmailLog, EmailStatus
from callastar.notifications.models import Notification
from callastar.notifications.rendering import texts_of
from callastar.offers.models import CallOffer
from callastar.payments.models import Dispute, Payment, PaymentStatus, Refund, RefundStatus
from tests import bookings
from tests.factories import make_admin, make_creator, make_offer, make_user
from tests.jobs import run_jobs
from tests.stripe_people import pay, refunds

pytestmark = pytest.mark.django_db(transaction=True)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


@pytest.fixture
def fan(db):
    return make_user(name="Anne")


@pytest.fixture
def offer(db):
    return make_offer(creator=make_creator(user=make_user(name="Zoe", role="CREATOR")), price=10001)


@pytest.fixture
def booking(offer, fan):
    return bookings.confirmed(offer, fan)


def cancel(booking, person, *, before=47 * HOUR, **more):
    return cancel_booking(booking_id=booking.pk, person=person, now=booking.starts_at - before, **more)


def refusal_of(booking, person, **more) -> str:
    """The code of the refusal; whatever it is, nothing has changed."""
    earlier = everything(booking)
    with pytest.raises(Refusal) as refused:
        cancel(booking, person, **more)
    assert everything(booking) == earlier
    return str(refused.value.code)


def everything(booking) -> list[object]:
    return [
        list(Booking.objects.filter(pk=booking.pk).values()),
        list(CallOffer.objects.filter(pk=booking.offer_id).values()),
        list(Payment.objects.filter(pk=booking.payment_id).values()),
        list(Refund.objects.values()),
        list(booking.transitions.values()),
        list(EmailLog.objects.order_by("pk").values_list("template", "status")),
        ProcrastinateJob.objects.count(),
        LogEntry.objects.count(),
    ]


def state(booking) -> tuple[str, str, str]:
    found = Booking.objects.select_related("offer").get(pk=booking.pk)
    return found.status, found.cancel_reason, found.offer.status


@pytest.mark.parametrize(
    ("before", "given_back", "offer_status"),
    [
        (24 * HOUR, 10001, "AVAILABLE"),
        (24 * HOUR - SECOND, 5001, "AVAILABLE"),
        (2 * HOUR, 5001, "AVAILABLE"),
        (2 * HOUR - SECOND, 0, "CANCELLED"),
        (SECOND, 0, "CANCELLED"),
    ],
)
def test_a_fan_cancels(booking, fan, before, given_back, offer_status):
    """BK-7: what goes back and what becomes of the offer, to the second."""
    cancel(booking, fan, before=before, reason="ill")
    assert state(booking) == ("CANCELLED", CancelReason.FAN, offer_status)
    made = list(Refund.objects.values_list("amount", "cause", "status", "actor_kind", "actor_id", "reason"))
    wanted = (given_back, "FAN_CANCELLED", RefundStatus.PENDING, "USER", fan.pk, "ill")
    assert made == ([wanted] if given_back else [])
    log = LogEntry.objects.get(type="CANCELLATION")
    assert (log.actor_id, log.metadata["refund"], log.metadata["said"]) == (fan.pk, given_back, "ill")


@pytest.mark.parametrize("before", [47 * HOUR, HOUR, SECOND])
@pytest.mark.parametrize(
    ("who", "reason", "cause"),
    [("creator", CancelReason.CREATOR, "CREATOR_CANCELLED"), ("admin", CancelReason.ADMIN, "ADMIN")],
)
def test_the_other_side_cancels(booking, before, who, reason, cause):
    """BK-7: 100 % whenever it is, and the offer is cancelled."""
    person = booking.creator.user if who == "creator" else make_admin()
    cancel(booking, person, before=before)
    assert state(booking) == ("CANCELLED", reason, "CANCELLED")
    assert list(Refund.objects.values_list("amount", "cause")) == [(10001, cause)]
    last = booking.transitions.last()
    assert (last.to_status, last.reason, last.actor_id) == ("CANCELLED", reason, person.pk)


def test_the_terms_are_those_of_the_booking(booking, fan, settings):
    """BK-7: frozen; and new bookings take the policy of today."""
    settings.CANCEL_FULL_REFUND_HOURS, settings.CANCEL_PARTIAL_REFUND_PERCENT = 72, 10
    cancel(booking, fan, before=30 * HOUR)
    assert Refund.objects.get().amount == 10001
    assert bookings.held(make_offer(), fan).terms == {
        "full_refund_hours": 72,
        "partial_refund_hours": 2,
        "partial_refund_percent": 10,
    }


def test_both_are_told_and_what_is_no_longer_true_is_taken_back(booking, fan):
    """BK-7: the confirmations that have not left do not leave."""
    cancel(booking, fan, before=10 * HOUR)
    sent = EmailLog.objects.exclude(status=EmailStatus.SKIPPED)
    assert set(sent.values_list("template", "to")) == {
        ("booking_cancelled_fan", fan.email),
        ("booking_cancelled_creator", booking.creator.user.email),
    }
    skipped = EmailLog.objects.filter(status=EmailStatus.SKIPPED, skip_reason="cancelled")
    assert {mail.template for mail in skipped} == {"booking_confirmed_fan", "booking_confirmed_creator"}


@pytest.mark.parametrize(
    ("who", "variant", "told"),
    [
        ("fan", "by_fan", {"Zoe"}),
        ("creator", "by_creator", {"Anne"}),
        ("admin", "by_platform", {"Zoe", "Anne"}),
    ],
)
def test_whoever_did_not_cancel_is_notified(booking, fan, who, variant, told):
    """BK-7: in the site as well, each once, and the text can be written."""
    person = {"fan": fan, "creator": booking.creator.user}.get(who) or make_admin()
    cancel(booking, person)
    found = list(Notification.objects.filter(type="BOOKING_CANCELLED").select_related("recipient"))
    assert {each.recipient.name for each in found} == told
    assert len(found) == len(told)
    for each in found:
        assert (each.params["variant"], each.link) == (variant, f"bookings/{booking.pk}")
        assert texts_of(each, locale="en", zone=each.recipient.zone).message.startswith("“A call with me”")


def test_what_the_creator_keeps_is_said_and_waits_for_no_call(booking, fan):
    """BK-7, RE-1: of 100.01 half goes back, and half of the creator's share stays."""
    now = booking.starts_at - 10 * HOUR
    cancel_booking(booking_id=booking.pk, person=fan, now=now)
    mail = EmailLog.objects.get(template="booking_cancelled_creator")
    payment = Payment.objects.get()
    assert mail.context["refund"]["minor"] == 5001
    fee_back = round((payment.platform_fee + payment.processing_fee) * 5001 / 10001)
    assert mail.context["kept"]["minor"] == payment.creator_amount - (5001 - fee_back)
    assert payment.call_settled_at == now


def test_the_room_is_closed_to_both(booking, fan):
    """BK-7: nobody enters the room of a cancelled call."""
    cancel(booking, fan)
    for person in (fan, booking.creator.user):
        with pytest.raises(Refusal) as refused:
            entry_to(booking_id=booking.pk, person=person, now=booking.starts_at)
        assert refused.value.code == "call_not_confirmed"


def test_an_offer_that_was_reserved_is_free_for_all(booking, fan):
    """BK-7, OF-6: whoever had it reserved does not want it."""
    CallOffer.objects.filter(pk=booking.offer_id).update(reserved_for=fan)
    cancel(booking, fan)
    other = reserve_offer(offer_id=booking.offer_id, fan=make_user(), now=clock.now())
    assert other.is_new


def test_an_earlier_refund_counts(booking, fan):
    """RE-1: never more than what is left."""
    Refund.objects.create(payment=booking.payment, amount=4000, cause="ADMIN", status=RefundStatus.SUCCEEDED)
    Refund.objects.create(payment=booking.payment, amount=3000, cause="ADMIN", status=RefundStatus.FAILED)
    cancel(booking, fan)
    assert Refund.objects.get(cause="FAN_CANCELLED").amount == 6001


@pytest.mark.parametrize(("earlier", "more"), [(3000, 2001), (6000, 0)])
def test_an_earlier_refund_counts_towards_the_percentage(booking, fan, earlier, more):
    """BK-7, RE-1: 50 % of 100.01 in all, whatever the platform gave before."""
    Refund.objects.create(
        payment=booking.payment, amount=earlier, cause="ADMIN", status=RefundStatus.SUCCEEDED
    )
    cancel(booking, fan, before=10 * HOUR, expected_refund=more)
    made = list(Refund.objects.filter(cause="FAN_CANCELLED").values_list("amount", flat=True))
    assert made == ([more] if more else [])
    payment, mail = Payment.objects.get(), EmailLog.objects.get(template="booking_cancelled_creator")
    gone = earlier + more
    fee_back = round((payment.platform_fee + payment.processing_fee) * gone / 10001)
    assert mail.context["kept"]["minor"] == payment.creator_amount - (gone - fee_back)


def test_nothing_is_left_to_give_back(booking):
    """RE-1: refunded at Stripe by hand before; cancelling is possible all the same."""
    Refund.objects.create(
        payment=booking.payment, amount=10001, cause="PROVIDER", status=RefundStatus.SUCCEEDED
    )
    Payment.objects.update(status=PaymentStatus.REFUNDED, refunded_amount=10001)
    cancel(booking, booking.creator.user)
    assert state(booking)[0] == "CANCELLED"
    assert Refund.objects.count() == 1


class TestRefusals:
    """BK-7: each has a code, and nothing changes."""

    def test_strangers(self, booking):
        """PE-3: neither another fan nor another creator."""
        for person in (make_user(), make_creator().user):
            assert refusal_of(booking, person) == "booking_not_found"

    def test_twice(self, booking, fan):
        cancel(booking, fan)
        for person in (fan, booking.creator.user, make_admin()):
            assert refusal_of(booking, person) == "booking_cancelled"
        assert Refund.objects.count() == 1

    def test_a_call_that_is_over(self, offer, fan):
        booking = bookings.completed(offer, fan)
        for person in (fan, offer.creator.user, make_admin()):
            assert refusal_of(booking, person) == "booking_completed"

    @pytest.mark.parametrize("after", [timedelta(0), SECOND, 24 * HOUR])
    def test_a_call_that_has_begun(self, booking, fan, after):
        for person in (fan, booking.creator.user, make_admin()):
            assert refusal_of(booking, person, before=-after) == "call_started"

    def test_another_refund_than_the_one_agreed_to(self, booking, fan):
        """A threshold passed between the page and the click: the new amount is said."""
        assert refusal_of(booking, fan, before=23 * HOUR, expected_refund=10001) == "refund_changed"
        with translation.override("en"):
            with pytest.raises(Refusal) as refused:
                cancel(booking, fan, before=HOUR, expected_refund=5001)
            assert "it is now €0.00" in refused.value.detail
        cancel(booking, fan, before=23 * HOUR, expected_refund=5001)
        assert Refund.objects.get().amount == 5001

    def test_while_a_bank_decides(self, booking, fan):
        """RE-4: Stripe refunds nothing of it meanwhile; and if the fan loses, they would have paid for nothing."""
        Payment.objects.update(status=PaymentStatus.DISPUTED)
        dispute = Dispute.objects.create(
            payment=booking.payment,
            stripe_dispute_id="dp_1",
            amount=10001,
            status="under_review",
            reason="fraudulent",
            opened_at=clock.now(),
        )
        for person in (fan, booking.creator.user, make_admin()):
            assert refusal_of(booking, person) == "payment_disputed"
        Payment.objects.update(status=PaymentStatus.SUCCEEDED)
        Dispute.objects.filter(pk=dispute.pk).update(status="won")
        cancel(booking, fan)
        assert Refund.objects.get().amount == 10001

    @pytest.mark.parametrize("status", ["warning_needs_response", "warning_under_review"])
    def test_while_a_bank_only_asks(self, booking, fan, status):
        """RE-4: an inquiry takes no money: giving it back is the best answer."""
        Payment.objects.update(status=PaymentStatus.DISPUTED)
        Dispute.objects.create(
            payment=booking.payment,
            stripe_dispute_id="dp_1",
            amount=10001,
            status=status,
            reason="general",
            opened_at=clock.now(),
        )
        cancel(booking, fan)
        assert state(booking)[0] == "CANCELLED"
        assert Refund.objects.get().amount == 10001


class TestUnpaid:
    """BK-4, BK-5, BK-7: before the money has come."""

    def test_its_fan_gives_it_up(self, offer, fan):
        booking = bookings.held(offer, fan)
        cancel(booking, fan, expected_refund=0)
        assert state(booking) == ("CANCELLED", CancelReason.FAN, "AVAILABLE")
        assert not Refund.objects.exists()

    def test_nothing_can_go_back(self, offer, fan):
        booking = bookings.held(offer, fan)
        assert refusal_of(booking, fan, expected_refund=10001) == "refund_changed"

    def test_its_creator_cancels(self, offer, fan):
        booking = bookings.held(offer, fan)
        cancel(booking, offer.creator.user)
        assert state(booking) == ("CANCELLED", CancelReason.CREATOR, "CANCELLED")
        assert not Refund.objects.exists()

    @pytest.mark.parametrize(
        ("who", "told"),
        [
            ("creator", {"Anne": "by_creator_unpaid"}),
            ("admin", {"Anne": "by_platform_unpaid", "Zoe": "by_platform"}),
        ],
    )
    def test_its_fan_is_told_that_nothing_is_charged(self, offer, fan, who, told):
        """BK-7: they wait at the payment page for a call that will not be."""
        booking = bookings.held(offer, fan)
        cancel(booking, offer.creator.user if who == "creator" else make_admin())
        found = Notification.objects.filter(type="BOOKING_CANCELLED").select_related("recipient")
        assert {each.recipient.name: each.params["variant"] for each in found} == told
        said = texts_of(found.get(recipient=fan), locale="en", zone=fan.zone).message
        assert "Nothing is charged" in said

    def test_nobody_is_told_of_what_a_fan_gives_up(self, offer, fan):
        """BK-4: the offer is free again, that is all."""
        cancel(bookings.held(offer, fan), fan)
        assert not Notification.objects.exists()

    @pytest.mark.parametrize("situation", [bookings.held, bookings.processing])
    def test_what_is_paid_all_the_same_goes_back(self, offer, fan, situation):
        """BK-5: the payment was on its way when the creator cancelled."""
        booking = situation(offer, fan)
        cancel(booking, offer.creator.user)
        bookings.stripe_says(booking, "succeeded")
        assert state(booking) == ("CANCELLED", CancelReason.CREATOR, "CANCELLED")
        assert list(Refund.objects.values_list("amount", "status")) == [(10001, RefundStatus.PENDING)]


def test_at_stripe_half_of_everything_goes_back(creator, fan, at_stripe):
    """BK-7, RE-1: the refund is made once, with its part of the transfer and of the fee."""
    offer = make_offer(creator=creator, price=10000)
    booking = reserve_offer(offer_id=offer.pk, fan=fan, now=clock.now()).booking
    pay(start_payment(booking_id=booking.pk, fan=fan, now=clock.now()).intent_id)
    booking = settle_payment(booking_id=booking.pk, now=clock.now())
    assert booking.status == BookingStatus.CONFIRMED
    cancel(booking, fan, before=10 * HOUR)
    assert run_jobs() == []
    (refund,) = refunds(at_stripe)
    assert (refund.amount, refund.status) == (5000, "succeeded")
    row = Refund.objects.get()
    payment = Payment.objects.get(pk=booking.payment_id)
    assert (row.status, row.stripe_refund_id) == (RefundStatus.SUCCEEDED, refund.id)
    assert (payment.status, payment.refunded_amount) == (PaymentStatus.PARTIALLY_REFUNDED, 5000)


def test_a_payment_that_is_seen_late_goes_back(creator, fan, at_stripe):
    """BK-5: the fan pays, nobody hears of it, the creator cancels: the job that closes the intent finds the money."""
    offer = make_offer(creator=creator, price=10000)
    booking = reserve_offer(offer_id=offer.pk, fan=fan, now=clock.now()).booking
    pay(start_payment(booking_id=booking.pk, fan=fan, now=clock.now()).intent_id)
    cancel(booking, creator.user)
    assert run_jobs() == []
    assert [refund.amount for refund in refunds(at_stripe)] == [10000]
    assert state(booking) == ("CANCELLED", CancelReason.CREATOR, "CANCELLED")
