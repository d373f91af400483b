"""Money of calls without Stripe: what Stripe would show of a charge is given, and written down as the product does it.

Everything goes through `record_money` and the payouts' own operations: rows and journal are what they would be.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from callastar.accounts.models import User
from callastar.audit.operations import SYSTEM, Actor
from callastar.bookings.models import Booking
from callastar.core import clock
from callastar.creators.models import Creator
from callastar.payments.models import DebtCause, Payment, Refund, RefundCause
from callastar.payments.operations.debts import make_debt
from callastar.payments.operations.money import record_money
from callastar.payments.operations.posting import Book
from callastar.payments.operations.recording import lock_payment
from callastar.payments.rules import refunded_parts
from callastar.payouts.models import Payout, PayoutItem, PayoutPolicy, PayoutStatus, PayoutTrigger
from callastar.payouts.operations.policy import policy_of
from callastar.payouts.operations.settle import apply_payout
from callastar.payouts.operations.transitions import change, note_creation
from callastar.payouts.queries import claims_of
from callastar.payouts.rules.selection import Claim
from callastar.providers.stripe.money_types import (
    ApplicationFeeSnapshot,
    ChargeMoney,
    DisputeSnapshot,
    DisputeTransaction,
    FeeRefundSnapshot,
    PayoutSnapshot,
    ReversalSnapshot,
    TransferSnapshot,
)
from callastar.providers.stripe.types import RefundSnapshot
from tests import bookings
from tests.factories import make_offer, make_user

MINUTE = timedelta(minutes=1)


class Money:
    """A paid call, and what Stripe shows of its money so far; each method adds to it and writes it down."""

    def __init__(self, payment: Payment, *, at: datetime) -> None:
        self.payment_id, self.at = payment.pk, at
        Payment.objects.filter(pk=payment.pk).update(paid_at=at)
        tail = payment.pk.hex
        transfer = TransferSnapshot(
            f"tr_{tail}", payment.amount, payment.currency, "acct", 0, f"ch_{tail}", (), {}, at
        )
        fee = ApplicationFeeSnapshot(f"fee_{tail}", payment.application_fee, 0, (), f"ch_{tail}")
        self.view = ChargeMoney(
            id=f"ch_{tail}",
            payment_intent=payment.intent_id,
            amount=payment.amount,
            currency=payment.currency,
            created=at,
            paid=True,
            disputed=False,
            amount_refunded=0,
            balance_transaction=f"txn_{tail}",
            fee=payment.processing_fee + 1,
            fee_currency=payment.currency,
            transfer=transfer,
            application_fee=fee,
            refunds=(),
            disputes=(),
        )
        self.write(at)

    @property
    def payment(self) -> Payment:
        """As it now is."""
        return Payment.objects.get(pk=self.payment_id)

    def write(self, now: datetime) -> None:
        """Write down what Stripe shows."""
        assert record_money(view=self.view, now=now)

    def refund(self, amount: int, *, at: datetime) -> None:
        """Part of it goes back to the fan, with the creator's share and the fees on it."""
        payment, number = self.payment, len(self.view.refunds)
        before = sum(refund.amount for refund in self.view.refunds)
        parts = [
            refunded_parts(
                amount=payment.amount,
                commission=payment.platform_fee,
                processing=payment.processing_fee,
                refunded=total,
            )
            for total in (before, before + amount)
        ]
        part = parts[1] - parts[0]
        fee_back = part.commission + part.processing
        name = f"{payment.pk.hex}_{number}"
        self.view = replace(
            self._reversed(amount, at=at, name=f"trr_{name}", refund=f"re_{name}"),
            refunds=(*self.view.refunds, self._refund_snapshot(f"re_{name}", amount, at, f"trr_{name}")),
            application_fee=self._with_fee_refund(f"fr_{name}", fee_back, at),
        )
        self.write(at)

    def refund_from_platform(self, amount: int, *, at: datetime) -> None:
        """The platform pays the refund itself: the creator owes their share of it."""
        name = f"{self.payment.pk.hex}_{len(self.view.refunds)}"
        Refund.objects.create(
            payment=self.payment,
            amount=amount,
            cause=RefundCause.ADMIN,
            from_platform=True,
            stripe_refund_id=f"re_{name}",
            created_at=at,
        )
        snapshot = self._refund_snapshot(f"re_{name}", amount, at, "")
        self.view = replace(self.view, refunds=(*self.view.refunds, snapshot))
        self.write(at)

    def take_back(self, amount: int, *, at: datetime) -> None:
        """Somebody at Stripe takes part of the transfer back by hand."""
        name = f"trr_hand_{self.payment_id.hex}_{len(self.view.transfer.reversals)}"  # type: ignore[union-attr]
        self.view = self._reversed(amount, at=at, name=name, refund="")
        self.write(at)

    def dispute(self, *, at: datetime, status: str = "needs_response", reason: str = "fraudulent") -> None:
        """The fan's bank takes the money; again with another status when it has decided."""
        payment = self.payment
        name = f"dp_{payment.pk.hex}"
        taken = DisputeTransaction(
            f"txn_{name}",
            -payment.amount,
            2000,
            -payment.amount - 2000,
            payment.currency,
            at,
            "adjustment",
            "",
        )
        moved = self.view.disputes[0].transactions if self.view.disputes else (taken,)
        snapshot = DisputeSnapshot(
            id=name,
            charge=self.view.id,
            payment_intent=payment.intent_id,
            amount=payment.amount,
            currency=payment.currency,
            status=status,
            reason=reason,
            evidence_due_by=at + timedelta(days=7),
            has_evidence=False,
            submission_count=0,
            is_charge_refundable=False,
            transactions=moved,
            created=at,
            metadata={},
        )
        self.view = replace(self.view, disputes=(snapshot,))
        self.write(at)

    def owe(self, amount: int, *, at: datetime) -> None:
        """A debt of so much for it."""
        with transaction.atomic():
            payment = lock_payment(self.payment_id)
            make_debt(book=Book(payment, payment.currency, at), amount=amount, cause=DebtCause.REFUND)

    def _refund_snapshot(self, name: str, amount: int, at: datetime, reversal: str) -> RefundSnapshot:
        return RefundSnapshot(
            id=name,
            amount=amount,
            status="succeeded",
            payment_intent=self.view.payment_intent,
            charge=self.view.id,
            failure_reason="",
            metadata={},
            currency=self.view.currency,
            created=at,
            transfer_reversal=reversal,
            balance_transaction=f"txn_{name}",
        )

    def _reversed(self, amount: int, *, at: datetime, name: str, refund: str) -> ChargeMoney:
        transfer = self.view.transfer
        assert transfer
        reversal = ReversalSnapshot(name, transfer.id, amount, refund, {}, at)
        return replace(
            self.view,
            transfer=replace(
                transfer,
                amount_reversed=transfer.amount_reversed + amount,
                reversals=(*transfer.reversals, reversal),
            ),
        )

    def _with_fee_refund(self, name: str, amount: int, at: datetime) -> ApplicationFeeSnapshot:
        fee = self.view.application_fee
        assert fee
        refunds = (*fee.refunds, FeeRefundSnapshot(name, fee.id, amount, at)) if amount else fee.refunds
        return replace(fee, amount_refunded=fee.amount_refunded + amount, refunds=refunds)


def earn(
    creator: Creator,
    *,
    price: int = 10_000,
    ago: timedelta = timedelta(days=20),
    fan: User | None = None,
    **offer: object,
) -> Money:
    """A settled call that took place so long ago and was paid two days before: released after seven days."""
    slot = make_offer(creator=creator, price=price, **offer)  # type: ignore[arg-type]
    booking: Booking = bookings.completed(slot, fan or make_user(), ago=ago)
    over = clock.now() - ago + timedelta(hours=1)
    Payment.objects.filter(pk=booking.payment_id).update(
        call_settled_at=over, payout_release_date=over + timedelta(days=7)
    )
    return Money(Payment.objects.get(pk=booking.payment_id), at=clock.now() - ago - timedelta(days=2))


def payable(creator: Creator, currency: str = "EUR") -> list[Claim]:
    """What could be paid out now."""
    return claims_of(creator_id=creator.pk, currency=currency, now=clock.now()).payable


def requested(creator: Creator, *, amount: int, at: datetime | None = None, currency: str = "EUR") -> Payout:
    """A payout that waits for an admin."""
    at = at or clock.now()
    policy_of(creator, now=at)
    payout = Payout(
        creator=creator,
        currency=currency,
        amount=amount,
        status=PayoutStatus.REQUESTED,
        trigger=PayoutTrigger.REQUEST,
        stripe_account=creator.stripe_account_id,
        created_at=at,
    )
    note_creation(payout=payout, actor=Actor.of(creator.user), now=at)
    return payout


def leave(creator: Creator, claims: list[Claim], *, at: datetime, currency: str = "EUR") -> Payout:
    """A payout of these claims, made at Stripe and on its way."""
    policy_of(creator, now=at)
    payout = Payout(
        creator=creator,
        currency=currency,
        amount=sum(claim.amount for claim in claims),
        status=PayoutStatus.APPROVED,
        trigger=PayoutTrigger.SCHEDULE,
        stripe_account=creator.stripe_account_id,
        bank_last4="3201",
        created_at=at,
    )
    with transaction.atomic():
        note_creation(payout=payout, actor=SYSTEM, now=at)
        PayoutItem.objects.bulk_create(
            PayoutItem(payout=payout, payment_id=claim.payment_id, amount=claim.amount) for claim in claims
        )
        Payment.objects.filter(pk__in=[claim.payment_id for claim in claims]).update(
            payout_id=payout.pk, payout_status=PayoutStatus.PROCESSING
        )
        change(payout=payout, to=PayoutStatus.PROCESSING, now=at)
    return stripe_says(payout.pk, "in_transit", at=at)


def stripe_says(payout_id: UUID, status: str, *, at: datetime, failure_code: str = "") -> Payout:
    """Write down what Stripe is supposed to say of a payout."""
    payout = Payout.objects.get(pk=payout_id)
    snapshot = PayoutSnapshot(
        id=f"po_{payout.pk.hex}",
        account=payout.stripe_account,
        amount=payout.amount,
        currency=payout.currency,
        status=status,
        arrival_date=(payout.sent_at or at) + timedelta(days=2),
        created=payout.sent_at or at,
        failure_code=failure_code,
        failure_message="",
        destination="ba_1",
        metadata={},
        automatic=False,
        balance_transaction="",
        failure_balance_transaction="",
    )
    return apply_payout(payout_id=payout_id, snapshot=snapshot, now=at)


def story(creator: Creator, *, fan: User | None = None) -> dict[str, Money]:
    """A year of a creator: payouts that arrived and came back, refunds, a dispute, a debt, and what is to come."""
    fan, day = fan or make_user(name="Mila Ferreira"), timedelta(days=1)
    now = clock.now()
    for month in range(10, 1, -1):
        price = 4_000 + 1_500 * (month % 4) + 700 * (month % 3)
        earn(creator, price=price, ago=30 * month * day, title="Dona", fan=fan)
    old = leave(creator, payable(creator), at=now - 50 * day)
    stripe_says(old.pk, "paid", at=now - 48 * day)
    paid = [earn(creator, price=price, ago=40 * day, title="Solo", fan=fan) for price in (7_500, 12_000)]
    back = leave(creator, payable(creator), at=now - 25 * day)
    stripe_says(back.pk, "failed", at=now - 23 * day, failure_code="account_closed")
    again = leave(creator, payable(creator), at=now - 20 * day)
    stripe_says(again.pk, "paid", at=now - 18 * day)
    partly = earn(creator, price=9_900, ago=15 * day, title="Kora", fan=fan)
    partly.refund(3_300, at=now - 12 * day)
    wholly = earn(creator, price=5_000, ago=14 * day, title="Vela", fan=fan)
    wholly.refund(5_000, at=now - 11 * day)
    disputed = earn(creator, price=8_000, ago=13 * day, title="Nadir", fan=fan)
    disputed.dispute(at=now - 2 * day)
    owing = earn(creator, price=6_000, ago=12 * day, title="Vigo", fan=fan)
    owing.refund_from_platform(2_500, at=now - 3 * day)
    holding = earn(creator, price=11_000, ago=3 * day, title="Aria", fan=fan)
    earn(creator, price=6_500, ago=1 * day, title="Lira", fan=fan)
    policy_of(creator, now=now)
    PayoutPolicy.objects.filter(pk=creator.pk).update(failed_bank_account="")
    return {
        "paid": paid[0],
        "partly": partly,
        "wholly": wholly,
        "disputed": disputed,
        "owing": owing,
        "holding": holding,
    }
