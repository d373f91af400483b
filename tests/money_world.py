"""Calls that were paid for, what Stripe tells of them, and whether every cent is where the journal says it is."""

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from django.db import transaction
from django.db.models import Model, Sum

from callastar.accounts.models import User
from callastar.bookings.models import Booking
from callastar.bookings.operations.pay import start_payment
from callastar.bookings.operations.reserve import reserve_offer
from callastar.bookings.operations.settle import settle_payment
from callastar.core import clock
from callastar.creators.models import Creator
from callastar.ledger import queries
from callastar.ledger.models import Account, EntryKind, Line
from callastar.payments.models import (
    OPEN_DISPUTES,
    Debt,
    DebtStatus,
    Dispute,
    DisputeStatus,
    MoveStatus,
    Payment,
    Refund,
    RefundCause,
    RefundStatus,
    TransferReversal,
)
from callastar.payments.operations.money import sync_charge
from callastar.payments.operations.recording import lock_payment
from callastar.payments.operations.refunds import request_refund
from callastar.providers.stripe import gateway, money, payouts
from callastar.webhooks.models import WebhookEvent
from callastar.webhooks.operations.inbox import replay_event, store_stripe_event
from tests.contract.sandbox_program import SandboxProgram
from tests.factories import make_offer, make_user
from tests.jobs import run_jobs
from tests.stripe_people import pay

AVAILABLE_AT_ONCE = "pm_card_bypassPending"
_LONG_AGO = timedelta(days=25)
_MOVES = (RefundStatus.FAILED, RefundStatus.CANCELED)


@dataclass(frozen=True)
class Paid:
    """A call that a fan has paid for."""

    creator: Creator
    fan: User
    booking_id: Any
    payment_id: Any

    @property
    def booking(self) -> Booking:
        """The booking as it now is."""
        return Booking.objects.get(pk=self.booking_id)

    @property
    def payment(self) -> Payment:
        """The payment as it now is."""
        return Payment.objects.get(pk=self.payment_id)

    @property
    def charge_id(self) -> str:
        """The charge at Stripe."""
        return self.payment.charge_id

    def sync(self) -> None:
        """Write down what Stripe says of it now, and run the jobs that follow."""
        sync_charge(charge_id=self.charge_id, now=clock.now())
        assert run_jobs() == []

    def sums(self) -> dict[str, int]:
        """The sums of its lines by account that are not 0; debit positive."""
        found = queries.payment_sums(self.payment_id)
        return {account.value: amount for account, amount in found.items() if amount}

    def refund(self, amount: int, *, cause: RefundCause = RefundCause.ADMIN, reason: str = "asked") -> Refund:
        """Give part of it back, as an admin does, with the jobs that follow."""
        with transaction.atomic():
            refund = request_refund(
                payment=lock_payment(self.payment_id), amount=amount, cause=cause, reason=reason
            )
        assert run_jobs() == []
        refund.refresh_from_db()
        return refund


def pay_for_call(
    sandbox: SandboxProgram,
    creator: Creator,
    *,
    price: int = 10000,
    fan: User | None = None,
    card: str = AVAILABLE_AT_ONCE,
    settled: bool = True,
    **offer: Any,
) -> Paid:
    """A call of `creator`, booked and paid; `settled`: with transfer and fees at Stripe and in the journal."""
    fan = fan or make_user()
    slot = make_offer(creator=creator, price=price, **offer)
    booking = reserve_offer(offer_id=slot.pk, fan=fan, now=clock.now()).booking
    intent_id = start_payment(booking_id=booking.pk, fan=fan, now=clock.now()).intent_id
    assert pay(intent_id, card) == "succeeded"
    settle_payment(booking_id=booking.pk, now=clock.now())
    paid = Paid(creator, fan, booking.pk, booking.payment_id)
    if settled:
        settle_at_stripe(sandbox, paid)
    return paid


def settle_at_stripe(sandbox: SandboxProgram, paid: Paid) -> None:
    """Let Stripe settle the charge, which takes it a second, and write it down."""
    sandbox.control("POST", "clock", {"advance": 2})
    paid.sync()
    assert paid.payment.transfer_id, "Stripe has not settled the charge"


def drain(creator: Creator, *, amount: int | None = None, currency: str = "EUR") -> str:
    """Let what is available leave the creator's account at Stripe, outside of this product; the payout's id.

    The journal knows nothing of it: compare with Stripe by `assert_ledger_equals_stripe(..., gone={creator.pk: ...})`.
    """
    account = creator.stripe_account_id
    what = money.balance(account=account).available[currency] if amount is None else amount
    made = payouts.create_payout(
        account=account, amount=what, currency=currency, metadata={}, idempotency_key=f"drain-{clock.now()}"
    )
    return made.id


def settle_events(
    sandbox: SandboxProgram,
    *,
    order: Literal["as_made", "reversed", "shuffled"] = "as_made",
    times: int = 1,
    seed: int = 0,
    but: Sequence[str] = (),
) -> list[str]:
    """Take in what Stripe tells, and run all jobs; the types, in the order they came. `but` types never come.

    Fails if a job fails. With `times` 2 each event is carried out twice.
    """
    events = [event for event in gateway.events_since(since=clock.now() - _LONG_AGO) if event.type not in but]
    if order == "as_made":
        events.reverse()
    elif order == "shuffled":
        random.Random(seed).shuffle(events)
    for event in events:
        store_stripe_event(event=event, now=clock.now())
    assert run_jobs() == []
    for _ in range(times - 1):
        for event_id in WebhookEvent.objects.values_list("pk", flat=True):
            replay_event(event_id=event_id)
        assert run_jobs() == []
    return [event.type for event in events]


def assert_ledger_equals_stripe(
    creators: Iterable[Creator], *, gone: dict[int, int] | None = None, currency: str = "EUR"
) -> None:
    """LE-1, LE-2: the platform's and every creator's balance at Stripe are the journal's, to the cent.

    `gone` (creator: minor units) is what `drain` took, of which the journal does not know.
    """
    platform = money.balance()
    for each in {currency, *platform.available, *platform.pending}:
        ours = queries.account_total(Account.PLATFORM_BALANCE, each)
        assert ours == platform.total(each), f"platform {each}: {ours}, at Stripe {platform.total(each)}"
    for creator in creators:
        theirs = money.balance(account=creator.stripe_account_id)
        known = {total.currency: total.at_stripe for total in queries.creator_totals(creator.pk)}
        for each in {currency, *theirs.available, *theirs.pending, *known}:
            left = known.get(each, 0) - ((gone or {}).get(creator.pk, 0) if each == currency else 0)
            assert left == theirs.total(each), f"creator {each}: {left}, at Stripe {theirs.total(each)}"
    assert queries.unbalanced_entries() == []
    assert queries.mismatched_balances() == []


def assert_money_is_conserved(creators: Iterable[Creator], *, gone: int = 0, currency: str = "EUR") -> None:
    """What fans paid less what they have back is what platform and creators hold, what left, and Stripe's fees.

    Nothing hangs between: no money of fans unless a refund is under way or failed, none in a dispute that is closed,
    and debts are what the journal says.
    """
    creators = list(creators)
    held = money.balance().total(currency) + gone
    held += sum(money.balance(account=creator.stripe_account_id).total(currency) for creator in creators)
    left = (Account.IN_TRANSIT, Account.CREATOR_BANK, Account.PLATFORM_BANK)
    held += sum(queries.account_total(account, currency) for account in left)
    assert _fans_gave(currency) == held + _costs(currency)
    for creator in creators:
        owed = {total.currency: total.debt for total in queries.creator_totals(creator.pk)}
        assert owed.get(currency, 0) == _open_debt(creator, currency)
    _assert_nothing_hangs()


def _fans_gave(currency: str) -> int:
    paid = Payment.objects.filter(paid_at__isnull=False, currency=currency)
    back = Refund.objects.filter(payment__in=paid).exclude(status__in=_MOVES).exclude(stripe_refund_id="")
    taken = Dispute.objects.filter(payment__in=paid, share__isnull=False).exclude(status=DisputeStatus.WON)
    return sum(
        sign * (rows.aggregate(total=Sum("amount"))["total"] or 0)
        for sign, rows in ((1, paid), (-1, back), (-1, taken))
    )


def _costs(currency: str) -> int:
    """What Stripe took for itself."""
    kinds = (EntryKind.STRIPE_FEE, EntryKind.DISPUTE_FEE)
    lines = Line.objects.filter(entry__kind__in=kinds, account=Account.PLATFORM_BALANCE, currency=currency)
    return -(lines.aggregate(total=Sum("amount"))["total"] or 0)


def _open_debt(creator: Creator, currency: str) -> int:
    debts = Debt.objects.filter(creator_id=creator.pk, currency=currency, status=DebtStatus.OPEN)
    return sum(debt.remaining for debt in debts)


def _assert_nothing_hangs() -> None:
    for payment in Payment.objects.filter(paid_at__isnull=False):
        sums = queries.payment_sums(payment.pk)
        open_refund = payment.refunds.filter(status=RefundStatus.FAILED).exclude(stripe_refund_id="").exists()
        if not open_refund:
            assert sums.get(Account.FAN_FUNDS, 0) == 0, f"money of a fan is with nobody: {sums}"
        if not payment.disputes.filter(status__in=OPEN_DISPUTES).exists():
            assert sums.get(Account.DISPUTED, 0) == 0, f"money is in no dispute: {sums}"
            if not TransferReversal.objects.filter(status=MoveStatus.PENDING).exists():
                assert sums.get(Account.DISPUTE_RESERVE, 0) == 0, f"a share is reserved for nothing: {sums}"


def canonical(creator: Creator | None = None) -> dict[str, Any]:
    """What rows and journal say (of one creator), without ids and times: the same for the same story."""
    mine: dict[str, Any] = {"creator_id": creator.pk} if creator else {}
    of_payment = {f"payment__{name}": value for name, value in mine.items()}
    of_entry = {f"entry__{name}": value for name, value in mine.items()}
    lines = Line.objects.filter(**of_entry).values_list("entry__kind", "account", "currency", "amount")
    return {
        "payments": _rows(Payment, mine, "amount", "status", "refunded_amount", "transfer_status"),
        "refunds": _rows(Refund, of_payment, "amount", "status", "cause", "from_platform"),
        "disputes": _rows(Dispute, of_payment, "amount", "status", "share"),
        "debts": _rows(Debt, mine, "amount", "settled_amount", "status", "cause", "reconciled_by"),
        "reversals": _rows(TransferReversal, of_payment, "amount", "status", "purpose", "method"),
        "lines": dict(Counter(lines)),
    }


def _rows(model: type[Model], which: dict[str, Any], *fields: str) -> list[tuple[Any, ...]]:
    return sorted(model._default_manager.filter(**which).values_list(*fields))
