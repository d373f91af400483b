"""Why a payout that was planned or agreed to is not made after all (PO-2, PO-4, PO-7)."""

from enum import StrEnum


class Cancellation(StrEnum):
    """Codes of the reasons, which notifications put into words; `note_of` is what the log says."""

    NOTHING_LEFT = "nothing_left"
    BELOW_MINIMUM = "below_minimum"
    BLOCKED = "blocked"
    DEBT = "debt"
    ALL_FOR_DEBT = "all_for_debt"
    LITTLE_AT_STRIPE = "little_at_stripe"
    MORE_THAN_AGREED = "more_than_agreed"
    CHANGED = "changed"
    AT_STRIPE = "at_stripe"
    DEBT_NOT_DEDUCTED = "debt_not_deducted"


_NOTES = {
    Cancellation.NOTHING_LEFT: "nothing is payable any more",
    Cancellation.BELOW_MINIMUM: "what is payable now is below the minimum",
    Cancellation.BLOCKED: "payouts are blocked",
    Cancellation.DEBT: "the creator owes too much",
    Cancellation.ALL_FOR_DEBT: "all of it went into what the creator owed",
    Cancellation.LITTLE_AT_STRIPE: "Stripe has too little: {available} available",
    Cancellation.MORE_THAN_AGREED: "no payment fits into what was agreed to",
    Cancellation.CHANGED: "what it covers was refunded or disputed before it left",
    Cancellation.AT_STRIPE: "cancelled at Stripe",
    Cancellation.DEBT_NOT_DEDUCTED: "what the creator owes could not be deducted",
}


def note_of(why: Cancellation, *, available: int = 0) -> str:
    """The reason in English, for log and back office; `available` (minor units) is what Stripe has."""
    return _NOTES[why].format(available=available)
