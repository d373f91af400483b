"""The way of one payment from the fan to the creator's bank, entry by entry. Amounts in minor units."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db.models import Q

from callastar.ledger.models import Account, Entry, EntryKind, Line


class Step(StrEnum):
    """What happened, as the page tells it."""

    CHARGED = "charged"
    TRANSFERRED = "transferred"
    COMMISSION = "commission"
    PROCESSING = "processing"
    REFUNDED = "refunded"  # the fan has it
    REFUND_RETURNED = "refund_returned"  # the fan's bank did not take it
    TAKEN_FOR_REFUND = "taken_for_refund"
    FEES_RETURNED = "fees_returned"
    DEBT_DEDUCTED = "debt_deducted"
    TAKEN_FOR_DISPUTE = "taken_for_dispute"
    DISPUTED = "disputed"
    DISPUTE_WON = "dispute_won"
    DISPUTE_LOST = "dispute_lost"
    RESTORED = "restored"
    DEBT_MADE = "debt_made"
    DEBT_SETTLED = "debt_settled"
    DEBT_CANCELLED = "debt_cancelled"
    LEFT = "left"  # in a payout
    ARRIVED = "arrived"
    CAME_BACK = "came_back"
    ADJUSTED = "adjusted"


@dataclass(frozen=True, slots=True)
class Stage:
    """One step. `amount` is what it is about, `effect` what it adds to the creator's money of this payment.

    `balance` is that money afterwards: what is owed for this payment and has not left for the bank.
    """

    step: Step
    at: datetime
    amount: int
    effect: int
    balance: int
    payout_id: UUID | None


_STEPS = {
    EntryKind.CHARGE: Step.CHARGED,
    EntryKind.TRANSFER: Step.TRANSFERRED,
    EntryKind.COMMISSION: Step.COMMISSION,
    EntryKind.PROCESSING_FEE: Step.PROCESSING,
    EntryKind.REFUND: Step.REFUNDED,
    EntryKind.REFUND_FAILURE: Step.REFUND_RETURNED,
    EntryKind.FEE_REFUND: Step.FEES_RETURNED,
    EntryKind.DISPUTE: Step.DISPUTED,
    EntryKind.DISPUTE_WON: Step.DISPUTE_WON,
    EntryKind.DISPUTE_LOST: Step.DISPUTE_LOST,
    EntryKind.RESTITUTION: Step.RESTORED,
    EntryKind.DEBT_MADE: Step.DEBT_MADE,
    EntryKind.DEBT_SETTLED: Step.DEBT_SETTLED,
    EntryKind.DEBT_CANCELLED: Step.DEBT_CANCELLED,
    EntryKind.PAYOUT: Step.LEFT,
    EntryKind.PAYOUT_PAID: Step.ARRIVED,
    EntryKind.PAYOUT_FAILURE: Step.CAME_BACK,
}
_TOLD_WITHOUT_EFFECT = {
    Step.CHARGED: Account.PLATFORM_BALANCE,
    Step.REFUNDED: Account.FAN_FUNDS,
    Step.REFUND_RETURNED: Account.FAN_FUNDS,
    Step.DISPUTED: Account.DISPUTED,
    Step.DISPUTE_WON: Account.DISPUTED,
    Step.DISPUTE_LOST: Account.DISPUTED,
    Step.DEBT_MADE: Account.DEBT,
    Step.DEBT_SETTLED: Account.DEBT,
    Step.DEBT_CANCELLED: Account.DEBT,
}


def way_of(*, payment_id: UUID, payout_ids: Sequence[UUID]) -> list[Stage]:
    """Everything that happened to a payment's money; `payout_ids` are the payouts that took it along."""
    arrived = Q(payout_id__in=payout_ids, kind=EntryKind.PAYOUT_PAID)
    entries = (
        Entry.objects.filter(Q(lines__payment_id=payment_id) | arrived)
        .distinct()
        .order_by("occurred_at", "posted_at", "id")
        .prefetch_related("lines")
    )
    return list(_stages(entries, payment_id))


def _stages(entries: Iterable[Entry], payment_id: UUID) -> Iterator[Stage]:
    balance, left = 0, 0
    for entry in entries:
        lines = [line for line in entry.lines.all() if line.payment_id == payment_id]
        effect = -sum(line.amount for line in lines if line.account == Account.EARNINGS)
        step = _step(EntryKind(entry.kind), lines)
        if step is Step.LEFT:
            left = -effect
        amount = left if step is Step.ARRIVED else abs(effect) or _told(step, lines)
        if not amount or (not effect and step not in _TOLD_WITHOUT_EFFECT and step is not Step.ARRIVED):
            continue
        balance += effect
        yield Stage(step, entry.occurred_at, amount, effect, balance, entry.payout_id)


def _step(kind: EntryKind, lines: Sequence[Line]) -> Step:
    if kind is not EntryKind.TRANSFER_REVERSAL:
        return _STEPS.get(kind, Step.ADJUSTED)
    accounts = {line.account for line in lines}
    if Account.FAN_FUNDS in accounts:
        return Step.TAKEN_FOR_REFUND
    if Account.DEBT in accounts:
        return Step.DEBT_DEDUCTED
    return Step.TAKEN_FOR_DISPUTE if Account.DISPUTE_RESERVE in accounts else Step.ADJUSTED


def _told(step: Step, lines: Sequence[Line]) -> int:
    account = _TOLD_WITHOUT_EFFECT.get(step)
    return abs(sum(line.amount for line in lines if line.account == account))
