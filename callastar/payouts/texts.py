"""What the pages say of obstacles, places of money, and steps of a payout: sentences for creators."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from callastar.core.errors import type_of_text
from callastar.payouts.earnings.payments import Place
from callastar.payouts.earnings.way import Step
from callastar.payouts.refusals import OBSTACLE_TEXTS
from callastar.payouts.rules.eligibility import Obstacle


class Remedy(StrEnum):
    """What a creator can do about an obstacle: a button of the page."""

    ONBOARDING = "onboarding"
    BANK = "bank"
    SETTINGS = "settings"
    SUPPORT = "support"
    NONE = ""


@dataclass(frozen=True, slots=True)
class Hint:
    """An obstacle in words: what it is, what happens or is to be done, and the button for it."""

    code: str
    title: type_of_text
    text: type_of_text
    remedy: Remedy
    variant: str  # of the alert


_HINTS: dict[Obstacle, tuple[type_of_text, Remedy, str]] = {
    Obstacle.NOT_ONBOARDED: (
        _("It takes some minutes: Stripe asks who you are and for your bank account."),
        Remedy.ONBOARDING,
        "warning",
    ),
    Obstacle.PAYOUTS_DISABLED: (
        _("Complete what is missing at Stripe. Your money stays safe until then."),
        Remedy.ONBOARDING,
        "warning",
    ),
    Obstacle.BLOCKED: (
        _("Nothing is lost: what you have earned stays yours. Write to us if you do not know why."),
        Remedy.SUPPORT,
        "destructive",
    ),
    Obstacle.BANK_ACCOUNT_MUST_BE_FIXED: (
        _("As soon as Stripe has another bank account, the next payout goes there by itself."),
        Remedy.BANK,
        "destructive",
    ),
    Obstacle.DEBT_ABOVE_THRESHOLD: (
        _("What you earn from now on pays it back first. Payouts go on by themselves afterwards."),
        Remedy.SUPPORT,
        "destructive",
    ),
    Obstacle.PAYOUT_IN_PROGRESS: (
        _("What becomes available meanwhile goes with the next one."),
        Remedy.NONE,
        "info",
    ),
    Obstacle.PAUSED: (_("You can still ask for a payout yourself."), Remedy.SETTINGS, "info"),
    Obstacle.WAITING_FOR_RETRY: (
        _("You need not do anything. You can also ask for a payout yourself."),
        Remedy.NONE,
        "warning",
    ),
    Obstacle.NOTHING_PAYABLE: (
        _("Earnings become available some days after the call."),
        Remedy.NONE,
        "info",
    ),
    Obstacle.BELOW_MINIMUM: (
        _("It is paid out as soon as it reaches your minimum, which you can lower."),
        Remedy.SETTINGS,
        "info",
    ),
}


def hints(found: Iterable[Obstacle]) -> list[Hint]:
    """The obstacles in words, the gravest first."""
    return [Hint(each.value, OBSTACLE_TEXTS[each], *_HINTS[each]) for each in found]


# Text and variant of the badge.
PLACES: dict[Place, tuple[type_of_text, str]] = {
    Place.BOOKING: (_("Being settled"), "neutral"),
    Place.AWAITING_CALL: (_("Call to come"), "neutral"),
    Place.HOLDING: (_("Pending"), "warning"),
    Place.AVAILABLE: (_("Available"), "success"),
    Place.REFUNDING: (_("Refund under way"), "warning"),
    Place.DISPUTED: (_("Disputed"), "danger"),
    Place.GIVEN_BACK: (_("Given back"), "neutral"),
    Place.IN_PAYOUT: (_("In a payout"), "info"),
    Place.PAID: (_("Paid out"), "success"),
}

STEPS: dict[Step, tuple[type_of_text, str]] = {
    Step.CHARGED: (_("Paid by the fan"), ""),
    Step.TRANSFERRED: (_("Into your Stripe account"), "success"),
    Step.COMMISSION: (_("Commission of Call a Star"), ""),
    Step.PROCESSING: (_("Payment processing"), ""),
    Step.REFUNDED: (_("Given back to the fan"), "warning"),
    Step.REFUND_RETURNED: (_("The fan’s bank did not take the refund"), "danger"),
    Step.TAKEN_FOR_REFUND: (_("Taken back for the refund"), "warning"),
    Step.FEES_RETURNED: (_("Our fees on it, given back to you"), "success"),
    Step.DEBT_DEDUCTED: (_("Deducted for what you owed"), "warning"),
    Step.TAKEN_FOR_DISPUTE: (_("Your share, held while the dispute is open"), "warning"),
    Step.DISPUTED: (_("Disputed by the fan’s bank"), "danger"),
    Step.DISPUTE_WON: (_("The dispute is won"), "success"),
    Step.DISPUTE_LOST: (_("The dispute is lost"), "danger"),
    Step.RESTORED: (_("Given back to you after the dispute"), "success"),
    Step.DEBT_MADE: (_("Paid by Call a Star for you: you owe it"), "danger"),
    Step.DEBT_SETTLED: (_("What you owed is settled"), "success"),
    Step.DEBT_CANCELLED: (_("You owe it no longer"), "success"),
    Step.LEFT: (_("Left for your bank"), "success"),
    Step.ARRIVED: (_("Arrived at your bank"), "success"),
    Step.CAME_BACK: (_("Came back from the bank"), "danger"),
    Step.ADJUSTED: (_("Adjusted by hand"), "warning"),
}
