"""Debts above what a payout may deduct: taken back from all that their creators have earned and may have (RE-3)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Sum

from callastar.ledger.queries import open_earnings
from callastar.payments.models import (
    Debt,
    DebtStatus,
    MoveStatus,
    Payment,
    SettlementMethod,
    TransferReversal,
)
from callastar.payments.operations.debts import being_recovered, open_debts
from callastar.payments.operations.recording import lock_payment
from callastar.payments.operations.reversals import claim_for_debt, claimed, is_in_payout
from callastar.payments.releasing import is_frozen, is_released, with_holds

TRY_AGAIN = timedelta(days=1)


def creators_owing_more_than(threshold: int, *, now: datetime) -> list[int]:
    """Creators who owe more than that in a currency (minor units), and of whom Stripe refused nothing for a day."""
    refused = TransferReversal.objects.filter(
        debt__creator_id=OuterRef("creator_id"), status=MoveStatus.FAILED, created_at__gt=now - TRY_AGAIN
    )
    owed = Debt.objects.filter(~Exists(refused), status=DebtStatus.OPEN).values("creator_id", "currency")
    above = owed.annotate(total=Sum(F("amount") - F("settled_amount"))).filter(total__gt=threshold)
    return sorted(set(above.values_list("creator_id", flat=True)))


def claim_from_earnings(*, creator_id: int, available: Mapping[str, int], now: datetime) -> list[UUID]:
    """Claim what is owed, oldest first, from payments that could be paid out, oldest first, whatever it is owed for.

    Never more than a payment's earnings, nor together than `available`, which Stripe says the account can give (minor
    units, by currency), nor than all earnings come to: what was refunded after its payout counts. Answers the claims
    to be made.
    """
    claims = []
    for currency, balance in available.items():
        sources, earned = _sources(creator_id, currency, now)
        left = min(balance, earned)
        for debt, owed in open_debts(creator_id, currency):
            for payment_id in sources:
                reversal = _claim(debt.pk, payment_id, min(owed, left), now) if min(owed, left) > 0 else None
                if reversal:
                    owed, left = owed - reversal.amount, left - reversal.amount
                    claims.append(reversal.pk)
    return claims


def _sources(creator_id: int, currency: str, now: datetime) -> tuple[list[UUID], int]:
    """Payments to take from, oldest first, and what they can give together, in minor units."""
    earned = open_earnings(creator_id)
    payments = list(with_holds(Payment.objects.filter(pk__in=earned, currency=currency)))
    giving = [payment for payment in payments if earned[payment.pk] > 0 and _may_give(payment, now)]
    giving.sort(key=lambda payment: (payment.payout_release_date, payment.pk))
    owing = sum(min(0, earned[payment.pk]) for payment in payments)
    return [payment.pk for payment in giving], owing + sum(
        earned[payment.pk] - claimed(payment) for payment in giving
    )


def _may_give(payment: Payment, now: datetime) -> bool:
    frozen = is_frozen(payment, besides_reversals=True)
    return not frozen and is_released(payment, now) and not is_in_payout(payment)


def _claim(debt_id: UUID, payment_id: UUID, most: int, now: datetime) -> TransferReversal | None:
    """Claim one part, or what others have left of it meanwhile."""
    with transaction.atomic():
        lock_payment(payment_id)
        payment = with_holds(Payment.objects.all()).get(pk=payment_id)
        debt = Debt.objects.select_for_update().get(pk=debt_id)
        earned = open_earnings(debt.creator_id).get(payment.pk, 0) - claimed(payment)
        amount = min(most, earned, debt.remaining - being_recovered([debt]).get(debt.pk, 0))
        under_way = payment.reversals.filter(debt=debt, status=MoveStatus.PENDING).exists()
        if amount <= 0 or under_way or not _may_give(payment, now) or not payment.transfer_id:
            return None
        return claim_for_debt(
            debt=debt, payment=payment, amount=amount, method=SettlementMethod.TRANSFER_REVERSAL, now=now
        )
