"""A creator with paid calls at Stripe's sandbox, without any webhooks: news come only when they are asked for."""

from datetime import timedelta

from django.db import transaction

from callastar.bookings.models import Booking, BookingStatus
from callastar.bookings.operations.pay import start_payment
from callastar.bookings.operations.reserve import reserve_offer
from callastar.bookings.operations.settle import settle_payment
from callastar.core import clock
from callastar.creators.models import Creator
from callastar.ledger.models import ReconciliationRun
from callastar.payments.models import Payment, Refund, RefundCause
from callastar.payments.operations.money import sync_charge
from callastar.payments.operations.recording import lock_payment
from callastar.payments.operations.refunds import request_refund
from callastar.payouts.models import Payout
from callastar.payouts.operations.plan import run_due_payouts
from callastar.payouts.operations.reconcile import LOOK_BACK, reconcile_ledger
from tests import outcomes
from tests.contract.sandbox_program import SandboxProgram
from tests.factories import make_offer, make_user
from tests.integration.payouts.payout_world import Times
from tests.jobs import run_jobs
from tests.stripe_people import make_onboarded_creator, pay

SETTLES = timedelta(seconds=1.2)  # until the sandbox has settled a charge
PAYDAY = timedelta(days=20)


class Books:
    """Both sides: what happens at Stripe, and that we heard of it."""

    def __init__(self, sandbox: SandboxProgram, times: Times) -> None:
        self.sandbox, self.times = sandbox, times
        sandbox.control("POST", "webhooks", {"mode": "drop"})
        self.creator: Creator = make_onboarded_creator(sandbox)

    @property
    def account(self) -> str:
        return self.creator.stripe_account_id

    def paid(self, count: int = 1, *, price: int = 10000) -> list[Payment]:
        """So many calls that were paid, and settled."""
        booked = [self._book(price) for _ in range(count)]
        self.times.forward(SETTLES)
        for payment in booked:
            payment.refresh_from_db()
            self.hear_of(payment)
        return booked

    def _book(self, price: int) -> Payment:
        offer, fan = make_offer(creator=self.creator, price=price), make_user()
        booking = reserve_offer(offer_id=offer.pk, fan=fan, now=clock.now()).booking
        intent = start_payment(booking_id=booking.pk, fan=fan, now=clock.now()).intent_id
        assert pay(intent, "pm_card_bypassPending") == "succeeded"
        settle_payment(booking_id=booking.pk, now=clock.now())
        return Payment.objects.get(booking_id=booking.pk)

    def hear_of(self, payment: Payment) -> None:
        """What became of a charge is written down, and what follows from it is done."""
        sync_charge(charge_id=payment.charge_id, now=clock.now(), with_disputes=True)
        assert run_jobs() == []
        payment.refresh_from_db()

    def refund(self, payment: Payment, amount: int) -> Refund:
        with transaction.atomic():
            refund = request_refund(
                payment=lock_payment(payment.pk), amount=amount, cause=RefundCause.ADMIN, reason="asked"
            )
        assert run_jobs() == []
        return refund

    def dispute(self, payment: Payment, status: str | None = None) -> str:
        """A dispute of all of it, decided if `status` says so; its id."""
        opened = self.sandbox.control("POST", "disputes", {"charge": payment.charge_id})
        self.hear_of(payment)
        if status:
            self.sandbox.control("POST", f"disputes/{opened['id']}/close", {"status": status})
            self.hear_of(payment)
        return opened["id"]

    def pay_out(self) -> Payout:
        """A payout of all that is payable, on its way; within a shifted clock of its own."""
        with clock.shifted(timedelta(days=3)):
            outcomes.meet(Booking.objects.filter(status=BookingStatus.CONFIRMED))
            outcomes.end(now=clock.now())
            run_due_payouts(now=clock.now())  # gives the creator a policy
        with clock.shifted(PAYDAY):
            run_due_payouts(now=clock.now())
            assert run_jobs() == []
        payout = Payout.objects.get()
        assert payout.status == "PROCESSING"
        return payout


def reconcile() -> ReconciliationRun:
    now = clock.now()
    return reconcile_ledger(since=now - LOOK_BACK, now=now)


def found(run: ReconciliationRun | None = None) -> dict[str, list[tuple[str, str, int | None, int | None]]]:
    """What a run found, by kind: ids on both sides, amounts on both sides."""
    run = run or reconcile()
    assert run.error == ""
    kinds: dict[str, list[tuple[str, str, int | None, int | None]]] = {}
    for one in run.differences.all():
        kinds.setdefault(one.kind, []).append((one.stripe_id, one.our_id, one.ours, one.theirs))
    return kinds
