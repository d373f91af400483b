"""What a payout is made of: debt first, then whole payments, oldest first (PO-2, RE-3)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Claim:
    """What is owed to the creator of one payment, in minor units; negative when it was refunded after its payout."""

    payment_id: UUID
    amount: int
    released_at: datetime


@dataclass(frozen=True, slots=True)
class Selection:
    """The payments that a payout covers, and their sum; no items and 0 when there is nothing to pay."""

    items: tuple[Claim, ...]
    amount: int


def choose(claims: Iterable[Claim], *, available: int) -> Selection:
    """Whole payments, oldest first, as many as fit into `available` (what Stripe says is there, minor units).

    Negative claims always come along. The first payment that does not fit ends the filling: later ones, even if they
    would fit, wait for their turn, so that a large payment is not overtaken for ever by small ones.
    """
    ordered = oldest_first(claims)
    owing = [claim for claim in ordered if claim.amount < 0]
    total, taken = sum(claim.amount for claim in owing), []
    for claim in ordered:
        if claim.amount <= 0:
            continue
        if total + claim.amount > available:
            break
        taken.append(claim)
        total += claim.amount
    return Selection((*owing, *taken), total) if total > 0 else Selection((), 0)


def oldest_first(claims: Iterable[Claim]) -> list[Claim]:
    """By release, then by payment (ids grow with time)."""
    return sorted(claims, key=lambda claim: (claim.released_at, claim.payment_id))


@dataclass(frozen=True, slots=True)
class OpenDebt:
    """What a creator still owes of one debt, in minor units, above 0."""

    debt_id: UUID
    amount: int
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Deduction:
    """So much of a debt is settled from a payment, by reversing its transfer for it."""

    debt_id: UUID
    payment_id: UUID
    amount: int


@dataclass(frozen=True, slots=True)
class Deductions:
    """What is deducted, what remains to be paid out (claims that are used up are gone), and what is available then."""

    taken: tuple[Deduction, ...]
    claims: tuple[Claim, ...]
    available: int


def deductions(debts: Iterable[OpenDebt], claims: Iterable[Claim], *, available: int) -> Deductions:
    """Settle debts, oldest first, from payments, oldest first, with never more than a payment's claim.

    Together never more than the claims come to (negative ones count), nor than Stripe says is `available`: a
    reversal of more would overdraw the creator's account.
    """
    remaining = oldest_first(claims)
    limit = max(0, min(available, sum(claim.amount for claim in remaining)))
    left, taken = limit, []
    for debt in sorted(debts, key=lambda debt: (debt.made_at, debt.debt_id)):
        parts = _settle(debt, remaining, min(debt.amount, left))
        taken += parts
        left -= sum(part.amount for part in parts)
        remaining = _less(remaining, parts)
    return Deductions(tuple(taken), tuple(remaining), available - (limit - left))


def _settle(debt: OpenDebt, claims: Sequence[Claim], amount: int) -> list[Deduction]:
    """Up to `amount` for one debt from claims in their order."""
    parts = []
    for claim in claims:
        part = min(claim.amount, amount)
        if part > 0:
            parts.append(Deduction(debt.debt_id, claim.payment_id, part))
            amount -= part
    return parts


def _less(claims: Sequence[Claim], parts: Sequence[Deduction]) -> list[Claim]:
    """What the parts leave of the claims; nothing of those that they use up."""
    used = {part.payment_id: part.amount for part in parts}
    left = (replace(claim, amount=claim.amount - used.get(claim.payment_id, 0)) for claim in claims)
    return [claim for claim in left if claim.amount]
