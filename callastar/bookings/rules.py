"""Decisions about bookings: who may take an offer, which state follows which, what a late payment gets.

Pure functions over plain values.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from callastar.core.money import round_half_up

PENDING, CONFIRMED, COMPLETED, CANCELLED = "PENDING", "CONFIRMED", "COMPLETED", "CANCELLED"
AVAILABLE = "AVAILABLE"
HOLD_LAPSED = "hold_lapsed"
PROCESSING_MARGIN = timedelta(hours=1)


def current_terms(
    *, full_refund_hours: int, partial_refund_hours: int, partial_refund_percent: int
) -> dict[str, int]:
    """The policy as it is frozen on a booking: hours before the start, percent given back."""
    return {
        "full_refund_hours": full_refund_hours,
        "partial_refund_hours": partial_refund_hours,
        "partial_refund_percent": partial_refund_percent,
    }


@dataclass(frozen=True, slots=True)
class RefundStep:
    """Cancelling at `until` or before gives `percent` of the price back."""

    until: datetime
    percent: int


def refund_ladder(*, terms: dict[str, int], starts_at: datetime) -> list[RefundStep]:
    """What the terms mean for a call at `starts_at`, the most generous step first; what comes later gives nothing.

    Hours are hours that pass, whatever clocks do in between.
    """
    start = starts_at.astimezone(UTC)
    full = RefundStep(start - timedelta(hours=terms["full_refund_hours"]), 100)
    partial = RefundStep(
        start - timedelta(hours=terms["partial_refund_hours"]), terms["partial_refund_percent"]
    )
    return [full, partial] if partial.until > full.until and partial.percent else [full]


def refund_steps(*, terms: dict[str, int], starts_at: datetime, now: datetime) -> list[RefundStep]:
    """The steps whose time has not passed, the most generous first."""
    return [step for step in refund_ladder(terms=terms, starts_at=starts_at) if step.until >= now]


class Canceller(StrEnum):
    """Who cancels a booking."""

    FAN = "fan"
    CREATOR = "creator"
    PLATFORM = "platform"


def refund_percent(*, terms: dict[str, int], starts_at: datetime, now: datetime, by: Canceller) -> int:
    """How much of the price goes back: by the accepted terms when the fan cancels, all of it otherwise.

    `starts_at` is the start that the hours count from.
    """
    if by != Canceller.FAN:
        return 100
    steps = refund_steps(terms=terms, starts_at=starts_at, now=now)
    return steps[0].percent if steps else 0


def refund_due(*, amount: int, percent: int, already_given_back: int) -> int:
    """What is missing to `percent` of the whole price, `amount` (minor units), rounded half-up.

    What was given back before counts towards it, whoever gave it and why: 30 % before and a cancellation that gives
    50 % make 50 %. So it is never more than what is left, and nothing where more than that went back already.
    """
    due = round_half_up(Decimal(amount * percent) / 100)
    return max(0, due - already_given_back)


def offer_after_cancel(*, by: Canceller, starts_at: datetime, now: datetime, terms: dict[str, int]) -> str:
    """The offer is free again when its fan cancels early enough for another fan, else it is cancelled as well."""
    last = starts_at.astimezone(UTC) - timedelta(hours=terms["partial_refund_hours"])
    return AVAILABLE if by == Canceller.FAN and now <= last else CANCELLED


def may_become(*, status: str, reason: str, to: str) -> bool:
    """Whether a booking in `status` (and, if cancelled, for `reason`) may change to `to`."""
    if status == CANCELLED:
        return reason == HOLD_LAPSED and to == CONFIRMED
    return (status, to) in {
        (PENDING, CONFIRMED),
        (PENDING, CANCELLED),
        (CONFIRMED, COMPLETED),
        (CONFIRMED, CANCELLED),
    }


class Obstacle(StrEnum):
    """Why an offer cannot be booked; the values are the API's codes."""

    TAKEN = "offer_taken"
    CANCELLED = "offer_cancelled"
    PAST = "offer_in_past"
    CREATOR_NOT_PAYABLE = "creator_not_payable"
    RESERVED = "offer_reserved"
    OWN = "own_offer"


@dataclass(frozen=True, slots=True)
class Slot:
    """What the rules need to know of an offer."""

    status: str
    starts_at: datetime
    reserved_for: UUID | None
    creator_user: UUID
    creator_payable: bool


def obstacle_to_booking(*, slot: Slot, fan: UUID, now: datetime) -> Obstacle | None:
    """Why `fan` cannot book the slot now; None if nothing speaks against it.

    `reserved_for` is the one place where exclusive rights live: an accepted request's today, the waiting list's later.
    """
    if slot.creator_user == fan:
        return Obstacle.OWN
    if slot.status == "CANCELLED":
        return Obstacle.CANCELLED
    if slot.status != "AVAILABLE":
        return Obstacle.TAKEN
    if slot.starts_at <= now:
        return Obstacle.PAST
    if slot.reserved_for is not None and slot.reserved_for != fan:
        return Obstacle.RESERVED
    return None if slot.creator_payable else Obstacle.CREATOR_NOT_PAYABLE


def hold_until(*, now: datetime, starts_at: datetime, hold: timedelta) -> datetime:
    """When an unpaid booking lapses: after the hold, and never later than the call's start."""
    return min(now + hold, starts_at)


def processing_hold_until(*, current: datetime, starts_at: datetime) -> datetime:
    """How long a payment that is on its way keeps the offer: until an hour before the start."""
    return max(current, starts_at - PROCESSING_MARGIN)


class LatePayment(StrEnum):
    """What becomes of money that arrived after the hold had lapsed."""

    TAKE_BACK = "take_back"
    REFUND = "refund"


def late_payment(
    *, slot: Slot, as_agreed: bool, fan: UUID, cancel_reason: str, was_processing: bool, now: datetime
) -> LatePayment:
    """A late payer gets the offer only if it is still free for them, and not in the last hour after a slow payment.

    `as_agreed`: the offer still has the time and price that the fan booked; its creator may have changed it since.
    """
    too_close = was_processing and now > slot.starts_at - PROCESSING_MARGIN
    lapsed = cancel_reason == HOLD_LAPSED
    free = obstacle_to_booking(slot=slot, fan=fan, now=now) is None
    return LatePayment.TAKE_BACK if lapsed and free and as_agreed and not too_close else LatePayment.REFUND


class Reminder(StrEnum):
    """Which reminder of a call: a day before it, or when its room opens."""

    DAY = "24h"
    SOON = "15m"


REMINDED_BEFORE = {Reminder.DAY: timedelta(hours=24), Reminder.SOON: timedelta(minutes=15)}


def reminder_due(
    *,
    status: str,
    starts_at: datetime,
    agreed_at: datetime | None,
    reminded_for: Mapping[Reminder, datetime | None],
    now: datetime,
) -> Reminder | None:
    """The one reminder that both people of a booking are to get now, if any: of a confirmed call, before its start.

    `agreed_at` is when they knew this start, by confirming the booking or moving the call: a day is only reminded of
    if there was one, however late the reminder is. The one when the room opens takes its place. `reminded_for` says of
    which start each was sent before; another start is reminded of anew. Source: EM-6.
    """
    start = starts_at.astimezone(UTC)
    left = start - now
    if status != CONFIRMED or left <= timedelta(0) or left > REMINDED_BEFORE[Reminder.DAY]:
        return None
    due = Reminder.SOON if left <= REMINDED_BEFORE[Reminder.SOON] else Reminder.DAY
    if reminded_for.get(due) == start:
        return None
    too_late = agreed_at is not None and agreed_at > start - REMINDED_BEFORE[Reminder.DAY]
    return None if due is Reminder.DAY and too_late else due


def release_date(
    *, ends_at: datetime, completed_at: datetime, holding: timedelta, contest: timedelta
) -> datetime:
    """When a call's money may be paid out: after the holding time, and not while its outcome can be contested."""
    return max(ends_at + holding, completed_at + contest)


HELD, FAN_NO_SHOW, CREATOR_NO_SHOW = "HELD", "FAN_NO_SHOW", "CREATOR_NO_SHOW"
NOBODY_CAME, TECHNICAL, UNKNOWN = "NOBODY_CAME", "TECHNICAL", "UNKNOWN"
REFUNDED_AFTER = timedelta(hours=1)  # after the end, where the fan did not get what they paid for
DECIDED_WITHIN = timedelta(hours=72)  # else what went wrong technically is refunded
SHORTEST_CONTEST, LONGEST_CONTEST = 10, 2000  # characters


def is_earned(outcome: str) -> bool:
    """Whether a call with this outcome is the creator's earning."""
    return outcome in {HELD, FAN_NO_SHOW}


def needs_admin(outcome: str) -> bool:
    """Whether an admin is asked what became of the call."""
    return outcome in {TECHNICAL, UNKNOWN}


def outcome_refund_due_at(*, outcome: str, ends_at: datetime, judged_at: datetime) -> datetime | None:
    """When the fan gets everything back by itself; None: not by itself."""
    if outcome in {CREATOR_NO_SHOW, NOBODY_CAME}:
        return ends_at + REFUNDED_AFTER
    return judged_at + DECIDED_WITHIN if outcome == TECHNICAL else None


def refund_due_after_contest(
    *, outcome: str, due_at: datetime | None, by_creator: bool, contested_at: datetime
) -> datetime | None:
    """When the fan gets everything back by itself once somebody objects; None: not by itself.

    A creator who says that they came gets the time for a decision. What is due after such a time anyhow, and what only
    the fan objects to, stays as it was.
    """
    if due_at is None or not by_creator or outcome not in {CREATOR_NO_SHOW, NOBODY_CAME}:
        return due_at
    return max(due_at, contested_at + DECIDED_WITHIN)


class ContestState(StrEnum):
    """Whether somebody can contest an outcome; the refusing values are the API's codes."""

    OPEN = "open"
    NOT_YET = "outcome_not_known"
    DECIDED = "outcome_decided"
    MINE = "already_contested"
    TOO_LATE = "contest_too_late"


def contest_state(
    *,
    completed_at: datetime | None,
    outcome: str,
    is_decided: bool,
    has_contested: bool,
    window: timedelta,
    now: datetime,
) -> ContestState:
    """Each side can contest a known outcome once, in the time after the completion, until somebody has decided."""
    if is_decided:
        return ContestState.DECIDED
    if completed_at is None or not outcome:
        return ContestState.NOT_YET
    if has_contested:
        return ContestState.MINE
    return ContestState.OPEN if now < completed_at + window else ContestState.TOO_LATE
