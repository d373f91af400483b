"""Everything that may happen to money, in any order: what Hypothesis draws from.

Each step is one thing that people, Stripe, a bank or a bad day do. After each the journal must add up and no payout may
hold what it should not; at the end, when all is quiet, it must be Stripe's balances to the cent.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import stripe
from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from callastar.accounts.models import User
from callastar.audit.operations import SYSTEM
from callastar.bookings.models import Booking, BookingStatus
from callastar.bookings.operations.cancel import cancel_booking
from callastar.bookings.operations.pay import start_payment
from callastar.bookings.operations.reserve import reserve_offer
from callastar.bookings.operations.settle import settle_payment
from callastar.core import clock
from callastar.core.errors import ProviderError, Refusal
from callastar.creators.models import Creator
from callastar.ledger import queries as ledger
from callastar.ledger.models import Balance, Entry
from callastar.payments.models import (
    OPEN_DISPUTES,
    Dispute,
    Payment,
    Refund,
    RefundCause,
    RefundStatus,
)
from callastar.payments.operations.chase import chase_money, chase_refunds
from callastar.payments.operations.recording import lock_payment
from callastar.payments.operations.refunds import refundable, request_refund
from callastar.payouts.models import (
    ACTIVE,
    Frequency,
    Payout,
    PayoutItem,
    PayoutPolicy,
    PayoutStatus,
)
from callastar.payouts.operations import send
from callastar.payouts.operations.chase import chase_payouts
from callastar.payouts.operations.decide import approve_payout, cancel_payout, reject_payout
from callastar.payouts.operations.plan import request_payout, run_due_payouts
from callastar.payouts.operations.policy import policy_of, unblock_payouts
from callastar.providers.stripe import gateway, lists
from callastar.providers.stripe.client import call
from callastar.webhooks.models import WebhookEvent
from callastar.webhooks.operations.inbox import store_stripe_event
from tests import outcomes
from tests.contract.sandbox_program import SandboxProgram
from tests.factories import make_admin, make_offer, make_user
from tests.jobs import empty_queue, run_jobs
from tests.money_world import assert_ledger_equals_stripe
from tests.stripe_people import make_onboarded_creator, pay

BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
COUNTRIES = {"EUR": "FR", "CHF": "CH", "GBP": "GB", "USD": "US"}
WRITES = ("POST /v1/refunds", "POST /v1/payouts", "POST /v1/transfers", "GET /v1/charges", "GET /v1/balance")
FAULTS = ("500", "429", "timeout", "drop_before", "drop_after")
LONGEST = timedelta(days=24)
indexes = st.integers(0, 50)
shares = st.sampled_from([1, 33, 50, 99, 100])


class Killed(BaseException):
    """The process died here."""


class MoneyMachine(RuleBasedStateMachine):
    """One or two creators, their fans, an admin, Stripe, and time."""

    sandbox: SandboxProgram  # set by the test

    def __init__(self) -> None:
        super().__init__()
        _forget_everything(self.sandbox)
        self.time, self.passed = ExitStack(), timedelta(0)
        self.wrongly_sent: list[str] = []
        self.time.enter_context(_watching_what_leaves(self.wrongly_sent))
        self.creators: list[Creator] = []
        self.payments: list[Any] = []
        self.admin = make_admin()

    @initialize(
        currencies=st.lists(st.sampled_from(sorted(COUNTRIES)), min_size=1, max_size=2),
        first=st.sampled_from(["nothing", "time", "payout"]),
    )
    def people(self, currencies: list[str], first: str) -> None:
        """Creators with some paid calls; perhaps already over, perhaps already paid out."""
        for currency in currencies:
            creator = make_onboarded_creator(self.sandbox, country=COUNTRIES[currency], currency=currency)
            self.creators.append(creator)
            policy_of(creator, now=clock.now())
            PayoutPolicy.objects.update(frequency=Frequency.DAILY)
        for who, _ in enumerate(self.creators * 2):
            self.a_fan_pays(who=who, price=10001)
        if first != "nothing":
            self.jobs_run()
            self.time_passes(days=3)  # the calls are over, and can be contested for three days
            self.time_passes(days=10)
        if first == "payout":
            for payout in range(len(self.creators)):
                self.a_payout_ends(which=payout, how="pay")

    # --- fans and creators -----------------------------------------------------------------------------------------

    @rule(who=indexes, price=st.sampled_from([100, 999, 5000, 10001, 99_999_999]))
    def a_fan_pays(self, who: int, price: int) -> None:
        creator, fan = self.creators[who % len(self.creators)], make_user()
        offer = make_offer(creator=creator, price=price)
        booking = reserve_offer(offer_id=offer.pk, fan=fan, now=clock.now()).booking
        with self.as_it_comes():
            intent_id = start_payment(booking_id=booking.pk, fan=fan, now=clock.now()).intent_id
            pay(intent_id, "pm_card_bypassPending")
            settle_payment(booking_id=booking.pk, now=clock.now())
        self.sandbox.control("POST", "clock", {"advance": 2})
        if Payment.objects.get(booking_id=booking.pk).paid_at:
            self.payments.append(booking.payment_id)

    @precondition(lambda self: self.payments)
    @rule(which=indexes)
    def a_fan_cancels(self, which: int) -> None:
        payment = self.payment(which)
        with suppress(Refusal):
            person = User.objects.get(pk=payment.fan_id)
            cancel_booking(booking_id=payment.booking_id, person=person, now=clock.now())

    @rule(who=indexes)
    def a_creator_asks_for_a_payout(self, who: int) -> None:
        creator = self.creators[who % len(self.creators)]
        with suppress(Refusal):
            request_payout(creator=creator, currency=creator.currency, now=clock.now())

    # --- admins ----------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.payments)
    @rule(which=indexes, share=shares)
    def an_admin_refunds(self, which: int, share: int) -> None:
        with suppress(Refusal), transaction.atomic():
            payment = lock_payment(self.payment(which).pk)
            if amount := refundable(payment) * share // 100:
                request_refund(payment=payment, amount=amount, cause=RefundCause.ADMIN, reason="asked")

    @rule(which=indexes, how=st.sampled_from(["approve", "reject", "take back", "unblock"]))
    def somebody_decides_on_a_payout(self, which: int, how: str) -> None:
        payout = self.payout(which, PayoutStatus.REQUESTED, *ACTIVE)
        if how == "unblock":
            for creator in self.creators:
                with suppress(Exception):
                    unblock_payouts(creator_id=creator.pk, actor=SYSTEM, now=clock.now())
        elif payout is not None:
            with suppress(Refusal):
                if how == "approve":
                    approve_payout(payout_id=payout.pk, admin=self.admin, now=clock.now())
                elif how == "reject":
                    reject_payout(payout_id=payout.pk, admin=self.admin, reason="no", now=clock.now())
                else:
                    cancel_payout(payout_id=payout.pk, user=payout.creator.user, now=clock.now())

    # --- Stripe and the banks --------------------------------------------------------------------------------------

    @precondition(lambda self: self.payments)
    @rule(which=indexes, share=shares)
    def a_bank_disputes(self, which: int, share: int) -> None:
        payment = self.payment(which)
        with suppress(Exception):  # nothing is left to dispute
            left = refundable(payment)
            amount = max(1, left * share // 100)
            self.sandbox.control("POST", "disputes", {"charge": payment.charge_id, "amount": amount})

    @rule(which=indexes, status=st.sampled_from(["won", "lost"]))
    def a_bank_decides(self, which: int, status: str) -> None:
        disputes = list(Dispute.objects.filter(payment__in=self.payments).order_by("pk"))
        if disputes:
            dispute = disputes[which % len(disputes)]
            self.sandbox.control("POST", f"disputes/{dispute.stripe_dispute_id}/close", {"status": status})

    @rule(which=indexes, how=st.sampled_from(["pay", "pay", "fail", "fail"]))
    def a_payout_ends(self, which: int, how: str) -> None:
        payout = self.payout(which, PayoutStatus.PROCESSING, PayoutStatus.PAID)
        if payout is not None and payout.stripe_payout_id:
            with suppress(Exception):  # it has ended
                self.sandbox.control("POST", f"payouts/{payout.stripe_payout_id}/{how}")

    @precondition(lambda self: self.payments)
    @rule(which=indexes, share=shares, reverse=st.booleans(), fee=st.booleans())
    def somebody_refunds_at_stripe_by_hand(self, which: int, share: int, reverse: bool, fee: bool) -> None:
        payment = self.payment(which)
        amount = max(1, refundable(payment) * share // 100)
        params: Any = {"payment_intent": payment.intent_id, "amount": amount}
        params |= {"reverse_transfer": reverse, "refund_application_fee": fee and reverse}
        with suppress(ProviderError):
            call(lambda c: c.v1.refunds.create(params))

    @rule(which=indexes)
    def a_refund_comes_back(self, which: int) -> None:
        made = list(
            Refund.objects.filter(payment__in=self.payments).exclude(stripe_refund_id="").order_by("pk")
        )
        if made:
            with suppress(Exception):
                self.sandbox.control("POST", f"refunds/{made[which % len(made)].stripe_refund_id}/fail")

    # --- time, jobs and bad days -----------------------------------------------------------------------------------

    @rule(days=st.sampled_from([1, 3, 10]))
    def time_passes(self, days: int) -> None:
        """Calls end, and what is due is paid out."""
        step = min(timedelta(days=days), LONGEST - self.passed)
        self.passed += step
        self.time.enter_context(clock.shifted(step))
        outcomes.meet(Booking.objects.filter(status=BookingStatus.CONFIRMED, call__presences=None))
        outcomes.end(now=clock.now())
        with self.as_it_comes():
            run_due_payouts(now=clock.now())
            run_jobs()

    @rule()
    def jobs_run(self) -> None:
        with self.as_it_comes():
            run_jobs()

    @rule(order=st.sampled_from(["made", "reversed"]), every=st.integers(1, 3), twice=st.booleans())
    def events_come(self, order: str, every: int, twice: bool) -> None:
        """Some of them, in some order, perhaps again under another id."""
        events = list(gateway.events_since(since=BEGINNING))[::every]
        for event in events if order == "reversed" else reversed(events):
            store_stripe_event(event=event, now=clock.now())
            if twice:
                store_stripe_event(event=replace(event, id=f"{event.id}-again"), now=clock.now())
        self.jobs_run()

    @rule()
    def the_chase_runs(self) -> None:
        with self.as_it_comes():
            _chase()

    @rule(match=st.sampled_from(WRITES), kind=st.sampled_from(FAULTS), times=st.integers(1, 4))
    def stripe_has_a_bad_day(self, match: str, kind: str, times: int) -> None:
        self.sandbox.control("POST", "faults", {"match": match, "kind": kind, "times": times})

    @rule(call_number=st.integers(1, 8), after=st.booleans())
    def a_worker_is_killed(self, call_number: int, after: bool) -> None:
        """It dies right before or right after one of its calls to Stripe."""
        with _killing(call_number, after=after), suppress(Killed):
            self.jobs_run()

    # --- what must be true -----------------------------------------------------------------------------------------

    @invariant()
    def the_journal_adds_up(self) -> None:
        assert ledger.unbalanced_entries() == []
        assert ledger.mismatched_balances() == []

    @invariant()
    def no_payout_holds_what_it_should_not(self) -> None:
        """Nothing before its release, nothing twice, nothing refunded or disputed when it left."""
        assert self.wrongly_sent == []
        paid: Counter[Any] = Counter()
        for item in PayoutItem.objects.filter(payment_id__in=self.payments).select_related("payout"):
            payment, payout = Payment.objects.get(pk=item.payment_id), item.payout
            if payout.status in {PayoutStatus.PROCESSING, PayoutStatus.PAID}:
                paid[item.payment_id] += item.amount
            if item.amount > 0:
                assert payment.call_settled_at, "paid out before the call was settled"
                assert payment.payout_release_date <= payout.sent_at, "paid out before its release"
        for payment_id, amount in paid.items():
            assert amount <= Payment.objects.get(pk=payment_id).creator_amount, "paid out twice"

    def teardown(self) -> None:
        """When all is quiet, the journal is Stripe's balances, and everything was done once."""
        try:
            with self.time:
                self.sandbox.control("DELETE", "faults")
                self._quiet()
                assert_ledger_equals_stripe(self.creators)
                self._assert_everything_was_done_once()
                self.the_journal_adds_up()
                self.no_payout_holds_what_it_should_not()
        finally:
            self.sandbox.control("DELETE", "faults")

    def _quiet(self) -> None:
        for step in (timedelta(minutes=2), timedelta(minutes=30), timedelta(hours=7)):
            with clock.shifted(step):
                assert run_jobs() == []
                for event in reversed(list(gateway.events_since(since=BEGINNING))):
                    store_stripe_event(event=event, now=clock.now())
                assert run_jobs() == []
                _chase()
                assert run_jobs() == []

    def _assert_everything_was_done_once(self) -> None:
        refunds = Counter(
            refund.metadata["refund"]
            for refund in lists.refunds_since(BEGINNING)
            if "refund" in refund.metadata
        )
        assert not [key for key, count in refunds.items() if count > 1], "refunded twice"
        for creator in self.creators:
            account = creator.stripe_account_id
            payouts = Counter(
                each.metadata["payout"] for each in lists.payouts_since(BEGINNING, account=account)
            )
            assert not [key for key, count in payouts.items() if count > 1], "paid out twice"
            known = set(Payout.objects.filter(creator=creator).values_list("pk", flat=True))
            assert {str(key) for key in known} >= set(payouts)

    # --- helpers ---------------------------------------------------------------------------------------------------

    def payment(self, which: int) -> Payment:
        return Payment.objects.get(pk=self.payments[which % len(self.payments)])

    def payout(self, which: int, *statuses: str) -> Payout | None:
        found = list(Payout.objects.filter(creator__in=self.creators, status__in=statuses).order_by("pk"))
        return found[which % len(found)] if found else None

    @contextmanager
    def as_it_comes(self) -> Iterator[None]:
        """Stripe may not answer, which nobody here can help; nothing else is forgiven."""
        with suppress(ProviderError, Refusal):
            yield


def _forget_everything(sandbox: SandboxProgram) -> None:
    """Each sequence begins in an empty world: what an earlier one left would only make it slow."""
    sandbox.control("POST", "reset")
    sandbox.control("POST", "webhooks", {"mode": "drop"})
    empty_queue()
    tables = (User, Entry, Balance, Payment, WebhookEvent)
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(table._meta.db_table for table in tables)} CASCADE")


@contextmanager
def _watching_what_leaves(wrong: list[str]) -> Iterator[None]:
    """Note whatever is refunded, asked back or disputed when Stripe is asked to pay it out."""
    create = send.payouts.create_payout

    def watched(**asked: Any) -> Any:
        for item in PayoutItem.objects.filter(payout_id=asked["metadata"]["payout"]):
            payment = Payment.objects.get(pk=item.payment_id)
            if ledger.open_earnings(payment.creator_id).get(payment.pk, 0) != item.amount:
                wrong.append(f"{payment.pk}: not what is owed")
            refunds = payment.refunds.filter(status=RefundStatus.PENDING)
            disputes = Dispute.objects.filter(payment=payment, status__in=OPEN_DISPUTES)
            if item.amount > 0 and (refunds.exists() or disputes.exists()):
                wrong.append(f"{payment.pk}: asked back")
        return create(**asked)

    with patch.object(send.payouts, "create_payout", watched):
        yield


def _chase() -> None:
    now = clock.now()
    chase_refunds(now=now)
    chase_money(now=now)
    chase_payouts(now=now)


@contextmanager
def _killing(call_number: int, *, after: bool) -> Iterator[None]:
    """Let the process die around its n-th call to Stripe."""
    ask, calls = stripe.HTTPXClient.request, 0

    def dying(self: Any, *args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call_number and not after:
            raise Killed
        answer = ask(self, *args, **kwargs)
        if calls == call_number:
            raise Killed
        return answer

    stripe.HTTPXClient.request = dying  # type: ignore[method-assign]
    try:
        yield
    finally:
        stripe.HTTPXClient.request = ask  # type: ignore[method-assign]
