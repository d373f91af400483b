"""Whether a creator can be paid out now, and whether an admin must agree (PO-1, PO-2, PO-6, RE-3)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from callastar.payouts.rules.schedule import MANUAL

SCHEDULE, REQUEST, RETRY = "SCHEDULE", "REQUEST", "RETRY"


class Obstacle(StrEnum):
    """Why no payout can be made now, the gravest first. Values are codes of the API."""

    NOT_ONBOARDED = "not_onboarded"
    PAYOUTS_DISABLED = "payouts_disabled"
    BLOCKED = "blocked"
    BANK_ACCOUNT_MUST_BE_FIXED = "bank_account_must_be_fixed"
    DEBT_ABOVE_THRESHOLD = "debt_above_threshold"
    PAYOUT_IN_PROGRESS = "payout_in_progress"
    PAUSED = "paused"
    WAITING_FOR_RETRY = "waiting_for_retry"
    NOTHING_PAYABLE = "nothing_payable"
    BELOW_MINIMUM = "below_minimum"


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What decides on a payout to one creator in one currency; amounts in minor units."""

    now: datetime
    has_account: bool  # a connected account at Stripe is known …
    account_gone: bool  # … but Stripe has it no more, or the creator disconnected it
    details_submitted: bool
    payouts_enabled: bool
    blocked_reason: str  # empty: not blocked
    bank_must_be_fixed: bool  # the bank account that refused the last payout is still the one on file
    is_paused: bool
    payout_active: bool  # one is requested, approved or on its way
    retry_at: datetime | None  # when a failed payout is tried again
    payable: int  # what is owed of released payments, before debt is deducted
    debt: int  # open, 0 or more
    debt_threshold: int
    minimum: int


def obstacles(situation: Situation, *, automatic: bool) -> tuple[Obstacle, ...]:
    """Everything that speaks against a payout now, in the order of `Obstacle`; empty: it can be made.

    `automatic`: the schedule's or a retry's, not one that the creator asks for by hand. A pause, and the wait after a
    failure, hold up automatic payouts only.
    """
    return (*_of_account(situation), *_of_standing(situation, automatic), *_of_amount(situation))


def _of_account(situation: Situation) -> Iterator[Obstacle]:
    if not situation.has_account or situation.account_gone or not situation.details_submitted:
        yield Obstacle.NOT_ONBOARDED  # which says enough: payouts are disabled then, too
    elif not situation.payouts_enabled:
        yield Obstacle.PAYOUTS_DISABLED


def _of_standing(situation: Situation, automatic: bool) -> Iterator[Obstacle]:
    if situation.blocked_reason:
        yield Obstacle.BLOCKED
    if situation.bank_must_be_fixed:
        yield Obstacle.BANK_ACCOUNT_MUST_BE_FIXED
    if situation.debt > situation.debt_threshold:
        yield Obstacle.DEBT_ABOVE_THRESHOLD
    if situation.payout_active:
        yield Obstacle.PAYOUT_IN_PROGRESS
    if automatic and situation.is_paused:
        yield Obstacle.PAUSED
    if automatic and situation.retry_at is not None and situation.retry_at > situation.now:
        yield Obstacle.WAITING_FOR_RETRY


def _of_amount(situation: Situation) -> Iterator[Obstacle]:
    if situation.payable <= 0:
        yield Obstacle.NOTHING_PAYABLE
    elif not reaches_minimum(payable=situation.payable, debt=situation.debt, minimum=situation.minimum):
        yield Obstacle.BELOW_MINIMUM


def reaches_minimum(*, payable: int, debt: int, minimum: int) -> bool:
    """Whether what is left after debt is enough to pay out: the minimum, and never nothing."""
    return payable - debt >= max(minimum, 1)


def needs_approval(
    *,
    trigger: str,
    frequency: str,
    creator_requires: bool,
    manual_requires: bool = True,
    above: int | None,
    amount: int,
) -> bool:
    """Whether an admin must agree to a payout of `amount` (minor units) before it is made (PO-1).

    `trigger`: `SCHEDULE`, `REQUEST` or `RETRY`. `creator_requires`: the platform wants it for this creator;
    `manual_requires`: the platform wants it for what creators ask for; `above`: it wants it for more than that
    amount, None for no limit. A retry is judged like any other payout: what has been agreed to was another one.
    """
    if creator_requires or (above is not None and amount > above):
        return True
    return manual_requires and (trigger == REQUEST or frequency == MANUAL)
