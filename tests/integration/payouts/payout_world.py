"""Calls that are paid and over, the clocks of both sides, and what a payout leaves behind."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from typing import Any

from callastar.core import clock
from callastar.creators.models import Creator
from callastar.ledger import queries as ledger
from callastar.ledger.queries import CreatorTotals
from callastar.mail.models import EmailLog
from callastar.notifications.models import Notification
from callastar.offers.models import CallOffer
from callastar.payments.models import Payment
from callastar.payouts.models import Payout, PayoutItem, PayoutPolicy
from callastar.payouts.operations.plan import run_due_payouts
from callastar.payouts.operations.policy import policy_of
from callastar.payouts.operations.settle import sync_payout
from callastar.providers.stripe import payouts as gateway
from callastar.providers.stripe.client import every
from callastar.providers.stripe.gateway import parse_event
from callastar.providers.stripe.money_types import PayoutSnapshot
from callastar.providers.stripe.types import StripeEvent
from callastar.webhooks.operations.inbox import store_stripe_event
from tests import outcomes
from tests.contract.sandbox_program import SandboxProgram
from tests.jobs import run_jobs
from tests.money_world import Paid, pay_for_call

AFTER_THE_CALL = timedelta(minutes=16)
ARRIVED = timedelta(seconds=7)
SHARE = 8180  # of 100.00 at 15 %
_EVER = timedelta(days=29)


class Times:
    """The clocks of the product and of Stripe's sandbox, moved together; what ends with the test."""

    def __init__(self, sandbox: SandboxProgram) -> None:
        self.sandbox, self._moved = sandbox, ExitStack()

    def forward(self, by: timedelta) -> datetime:
        """Let time pass on both sides; the moment that it then is."""
        if by > timedelta(0):
            self._moved.enter_context(clock.shifted(by))
            self.sandbox.control("POST", "clock", {"advance": by.total_seconds()})
        return clock.now()

    def go_to(self, moment: datetime) -> datetime:
        """Let time pass until a moment, if it has not passed."""
        return self.forward(moment - clock.now())

    def end(self) -> None:
        """Back to the present."""
        self._moved.close()


def paid_calls(sandbox: SandboxProgram, creator: Creator, *prices: int, **more: Any) -> list[Paid]:
    """Calls that fans have paid for, oldest first; their money is available at Stripe at once."""
    return [pay_for_call(sandbox, creator, price=price, **more) for price in prices]


def end_calls(times: Times, calls: list[Paid]) -> None:
    """The calls take place, and their bookings are completed and judged."""
    last = max(CallOffer.objects.get(pk=call.booking.offer_id).ends_at for call in calls)
    times.go_to(last + AFTER_THE_CALL)
    outcomes.meet(call.booking for call in calls)
    outcomes.end(now=clock.now())


def release(times: Times, calls: list[Paid]) -> None:
    """The calls take place, and their money may leave."""
    end_calls(times, calls)
    dates = [call.payment.payout_release_date for call in calls]
    times.go_to(max(date for date in dates if date) + timedelta(seconds=1))


def earned_calls(times: Times, creator: Creator, *prices: int, **more: Any) -> list[Paid]:
    """Calls that are paid, over, and whose money may leave."""
    calls = paid_calls(times.sandbox, creator, *prices, **more)
    release(times, calls)
    return calls


def set_policy(creator: Creator, **fields: Any) -> PayoutPolicy:
    """A creator's policy, with some of it changed."""
    policy_of(creator, now=clock.now())
    PayoutPolicy.objects.filter(pk=creator.pk).update(**fields)
    return PayoutPolicy.objects.get(pk=creator.pk)


def due(creator: Creator) -> None:
    """The creator's date has come."""
    set_policy(creator, next_payout_at=clock.now() - timedelta(seconds=1))


def run_schedule() -> list[Payout]:
    """The hourly run and the jobs that it causes; the payouts that it planned, as they now are."""
    known = set(Payout.objects.values_list("pk", flat=True))
    assert run_due_payouts(now=clock.now())["failed"] == 0
    assert run_jobs() == []
    return list(Payout.objects.exclude(pk__in=known).order_by("created_at"))


def pay_out(creator: Creator) -> Payout:
    """The creator's date has come: the one payout that follows."""
    due(creator)
    (payout,) = run_schedule()
    return payout


def arrive(times: Times, payout: Payout) -> Payout:
    """Time passes until the bank has answered, and Stripe is asked."""
    payout.refresh_from_db()
    for _ in ("it leaves", "it arrives"):
        times.forward(ARRIVED)
    sync_payout(payout_id=payout.pk, now=clock.now())
    assert run_jobs() == []
    payout.refresh_from_db()
    return payout


def replace_bank(sandbox: SandboxProgram, creator: Creator, iban: str) -> None:
    """The creator gives Stripe another bank account."""
    sandbox.control("POST", f"accounts/{creator.stripe_account_id}/bank_account", {"account_number": iban})


def at_stripe_payouts(creator: Creator) -> list[PayoutSnapshot]:
    """The creator's payouts at Stripe, oldest first."""
    since = clock.now() - _EVER
    return list(gateway.list_payouts(account=creator.stripe_account_id, since=since))[::-1]


def payout_events(creator: Creator) -> list[StripeEvent]:
    """What Stripe tells of the creator's payouts, oldest first."""
    account = creator.stripe_account_id
    asked = {"type": "payout.*", "created": {"gte": int((clock.now() - _EVER).timestamp())}}
    events = every(lambda c: c.v1.events.list, asked, account=account)
    return [parse_event({**event.to_dict(), "account": account}) for event in events][::-1]


def hear(events: list[StripeEvent]) -> None:
    """Take events in, in this order, and run all jobs."""
    for event in events:
        store_stripe_event(event=event, now=clock.now())
        assert run_jobs() == []


def totals(creator: Creator, currency: str = "EUR") -> CreatorTotals:
    """The creator's figures of the journal."""
    found = {total.currency: total for total in ledger.creator_totals(creator.pk)}
    return found.get(currency, CreatorTotals(currency))


def items(payout: Payout) -> dict[Any, int]:
    """What a payout covers, by payment."""
    return dict(payout.items.values_list("payment_id", "amount"))


def history(payout: Payout) -> list[str]:
    """The states that a payout went through, by its audit log."""
    return list(payout.audit.order_by("at", "id").values_list("to_status", flat=True))


def mails_of(person: Any) -> list[str]:
    """The payout mails that a person was sent, in their order."""
    sent = EmailLog.objects.filter(recipient=person, template__startswith="payout_")
    return list(sent.order_by("created_at", "pk").values_list("template", flat=True))


def told(person: Any) -> list[tuple[str, str]]:
    """Type and variant of what a person was notified of, in its order."""
    rows = Notification.objects.filter(recipient=person).order_by("created_at", "pk")
    return [(row.type, row.params.get("variant", "")) for row in rows]


def payout_of_payment(call: Paid) -> tuple[Any, str, bool]:
    """The payout of a payment, its state there, and whether it has a date (PA-4)."""
    payment: Payment = call.payment
    return payment.payout_id, payment.payout_status, payment.payout_date is not None


def assert_no_payment_is_paid_twice() -> None:
    """No payment is in two payouts that left, unless one of them took back what another one had paid."""
    live = PayoutItem.objects.filter(payout__status__in=("PROCESSING", "PAID"), amount__gt=0)
    ids = list(live.values_list("payment_id", flat=True))
    assert len(ids) == len(set(ids))


@contextmanager
def fault(sandbox: SandboxProgram, match: str, kind: str, times: int = 50) -> Iterator[None]:
    """Stripe has a bad day."""
    sandbox.control("POST", "faults", {"match": match, "kind": kind, "times": times})
    try:
        yield
    finally:
        sandbox.control("DELETE", "faults")


class Killed(BaseException):
    """The process died here."""


def dies_once(patch: Any, where: Any, name: str, when: str) -> list[str]:
    """The process dies before or after the next call of a function, and not again; a list that then holds its name."""
    real, deaths = getattr(where, name), []

    def mortal(*args: Any, **more: Any) -> Any:
        if deaths:
            return real(*args, **more)
        if when == "after":
            real(*args, **more)
        deaths.append(name)
        raise Killed

    patch.setattr(where, name, mortal)
    return deaths


def indebted(times: Times, creator: Creator, *prices: int, refund: int = 2000) -> tuple[Paid, list[Paid]]:
    """A creator whose first call was paid out and then refunded in part, by the platform: they owe their part of it.

    Answers that call, and others whose money may leave.
    """
    (old,) = earned_calls(times, creator, 10000)
    assert arrive(times, pay_out(creator)).status == "PAID"
    made = old.refund(refund)
    assert made.from_platform
    return old, earned_calls(times, creator, *prices)
