"""One offer, two fans, and all that may happen between them, this product and Stripe's sandbox."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta

import pytest
import stripe

from callastar.accounts.models import User
from callastar.bookings.models import Booking, BookingStatus
from callastar.bookings.operations import settle
from callastar.bookings.operations.lapse import expire_hold
from callastar.bookings.operations.pay import start_payment
from callastar.bookings.operations.refresh import refresh_booking
from callastar.bookings.operations.reserve import reserve_offer
from callastar.core import clock
from callastar.core.errors import Refusal
from callastar.creators.models import Creator
from callastar.offers.models import CallOffer, OfferStatus
from callastar.payments.models import Refund
from callastar.providers.stripe import gateway
from callastar.providers.stripe.client import call
from callastar.webhooks.operations.inbox import store_stripe_event
from tests.contract.sandbox_program import SandboxProgram
from tests.factories import make_offer, make_user
from tests.jobs import run_jobs, run_periodic
from tests.stripe_people import pay, pay_slowly

LATER = timedelta(minutes=11)
DOWN = "hold_lapses_while_stripe_is_down"
LAPSES = (DOWN, "hold_lapses", "hold_lapses_with_the_answer_lost", "killed: hold_lapses")
RIVALS = ("rival_books", "rival_books_and_pays", "rival_books_with_the_answer_lost")
OPENING = {*RIVALS, "fan_comes_back"}


class Killed(BaseException):
    """The process died here."""


class World:
    """One offer, a fan who holds it and can pay, a rival who wants it; each method is one thing that may happen."""

    def __init__(self, sandbox: SandboxProgram, creator: Creator, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sandbox, self.monkeypatch = sandbox, monkeypatch
        self.fan, self.rival = _people()
        self.offer: CallOffer = make_offer(creator=creator, price=10000)
        self.time = ExitStack()
        self.since = clock.now()
        booking = reserve_offer(offer_id=self.offer.pk, fan=self.fan, now=clock.now()).booking
        self.booking_id = booking.pk
        self.intent_id = start_payment(booking_id=booking.pk, fan=self.fan, now=clock.now()).intent_id

    def fan_pays(self) -> None:
        pay(self.intent_id)

    def fan_pays_slowly(self) -> None:
        with suppress(Exception):
            pay_slowly(self.intent_id)

    def bank_says_yes(self) -> None:
        self._settle("succeed")

    def bank_says_no(self) -> None:
        self._settle("fail")

    def webhooks_come(self) -> None:
        for event in list(gateway.events_since(since=self.since)):
            store_stripe_event(event=event, now=clock.now())
        run_jobs(queue="webhooks")

    def browser_returns(self) -> None:
        with suppress(Refusal):
            refresh_booking(booking_id=self.booking_id, person=self.fan, now=clock.now())

    def reconciling_runs(self) -> None:
        with clock.shifted(timedelta(minutes=2)):
            run_periodic("reconcile-payments")

    def hold_lapses(self) -> None:
        self.time.enter_context(clock.shifted(LATER))
        expire_hold(booking_id=self.booking_id, now=clock.now())

    def last_hour_begins(self) -> None:
        self.time.enter_context(clock.shifted(self.offer.starts_at - timedelta(minutes=50) - clock.now()))
        expire_hold(booking_id=self.booking_id, now=clock.now())

    def hold_lapses_while_stripe_is_down(self) -> None:
        with self._fault("* /v1/*", "drop_before"):
            self.hold_lapses()

    def hold_lapses_with_the_answer_lost(self) -> None:
        with self._fault("POST /v1/payment_intents/*/cancel", "drop_after"):
            self.hold_lapses()

    def rival_books(self) -> None:
        with suppress(Refusal):
            made = reserve_offer(offer_id=self.offer.pk, fan=self.rival, now=clock.now())
            start_payment(booking_id=made.booking.pk, fan=self.rival, now=clock.now())

    def rival_books_with_the_answer_lost(self) -> None:
        with self._fault("POST /v1/payment_intents", "drop_after"):
            self.rival_books()

    def rival_books_and_pays(self) -> None:
        self.rival_books()
        for intent in self.intents():
            if intent.id != self.intent_id and _is_open(intent):
                pay(intent.id)

    def fan_comes_back(self) -> None:
        with suppress(Refusal):
            start_payment(booking_id=self.booking_id, fan=self.fan, now=clock.now())

    def killed_in(self, name: str) -> Callable[[], None]:
        """The process dies in this, after Stripe's answer and before it is written down."""

        def die(booking_id: object) -> None:
            raise Killed

        def action() -> None:
            with self.monkeypatch.context() as patch, suppress(Killed):
                patch.setattr(settle, "lock_rows", die)
                getattr(self, name)()

        return action

    def happen(self, name: str) -> None:
        """Let one thing happen; at no time do two intents of the offer take money."""
        dying = name.startswith("killed: ")
        (self.killed_in(name.removeprefix("killed: ")) if dying else getattr(self, name))()
        if name in OPENING:
            taking = [intent.id for intent in self.intents() if _is_open(intent)]
            assert len(taking) <= 1, f"two intents can take money: {taking}"

    def end(self) -> None:
        """All jobs run, one reconciling run, and the jobs that it causes, until nothing is held any more."""
        with self.time, clock.shifted(LATER):
            assert run_jobs() == []
            run_periodic("reconcile-payments")
            with clock.shifted(LATER):  # a slow payment that failed gave its fan the usual time once more
                assert run_jobs() == []

    def intents(self) -> list[stripe.PaymentIntent]:
        """The offer's intents at Stripe, those that nobody here knows of included."""
        found = call(lambda c: c.v1.payment_intents.list({"limit": 4})).data
        return [intent for intent in found if intent.metadata["offer"] == str(self.offer.pk)]

    def check(self) -> None:
        """Nobody has paid and has nothing; the slot is not stuck; both sides know the same refunds."""
        bookings = {str(booking.pk): booking for booking in Booking.objects.filter(offer=self.offer)}
        live = [booking for booking in bookings.values() if booking.status != BookingStatus.CANCELLED]
        for intent in self.intents():
            self._check_intent(intent, bookings[intent.metadata["booking"]])
        assert len(live) <= 1
        assert all(booking.status == BookingStatus.CONFIRMED for booking in live), "held for ever"
        self.offer.refresh_from_db()
        assert self.offer.status == (OfferStatus.BOOKED if live else OfferStatus.AVAILABLE)

    def _check_intent(self, intent: stripe.PaymentIntent, booking: Booking) -> None:
        assert not _is_open(intent), "an intent of an ended booking can take money"
        made = call(lambda c: c.v1.refunds.list({"payment_intent": intent.id})).data
        known = Refund.objects.filter(payment=booking.payment_id).values_list("stripe_refund_id", "amount")
        assert {(refund.id, refund.amount) for refund in made} == set(known)
        given_back = sum(refund.amount for refund in made)
        if booking.status == BookingStatus.CONFIRMED:
            assert (intent.status, given_back) == ("succeeded", 0)
        else:
            assert given_back == (intent.amount if intent.status == "succeeded" else 0)

    def _settle(self, how: str) -> None:
        with suppress(Exception):
            self.sandbox.control("POST", f"payment_intents/{self.intent_id}/{how}")

    @contextmanager
    def _fault(self, match: str, kind: str) -> Iterator[None]:
        self.sandbox.control("POST", "faults", {"match": match, "kind": kind, "times": 50})
        try:
            yield
        finally:
            self.sandbox.control("DELETE", "faults")


def _people() -> tuple[User, User]:
    return make_user(), make_user()


def _is_open(intent: stripe.PaymentIntent) -> bool:
    return intent.status.startswith("requires_")
