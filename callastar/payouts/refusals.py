"""Why a payout cannot be asked for, decided or found: stable codes, translated texts."""

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from callastar.core.errors import Refusal, type_of_text
from callastar.payouts.rules.eligibility import Obstacle

OBSTACLE_TEXTS: dict[Obstacle, type_of_text] = {
    Obstacle.NOT_ONBOARDED: _(
        "Stripe does not know yet where to send your money: finish your account there."
    ),
    Obstacle.PAYOUTS_DISABLED: _(
        "Stripe has stopped payouts of your account until it has what it still asks for."
    ),
    Obstacle.BLOCKED: _("Our team holds your payouts at the moment."),
    Obstacle.BANK_ACCOUNT_MUST_BE_FIXED: _(
        "Your bank account did not take the last payout: give another one to Stripe."
    ),
    Obstacle.DEBT_ABOVE_THRESHOLD: _("You owe more than can be deducted from a payout."),
    Obstacle.PAYOUT_IN_PROGRESS: _("A payout is already on its way or waits for a decision."),
    Obstacle.PAUSED: _("You have paused your payouts."),
    Obstacle.WAITING_FOR_RETRY: _("The last payout was not made and is tried again soon."),
    Obstacle.NOTHING_PAYABLE: _("Nothing can be paid out yet."),
    Obstacle.BELOW_MINIMUM: _("What can be paid out is below your minimum."),
}


class PayoutNotFoundError(Refusal):
    """There is no such payout, or it is somebody else's: the answer is the same."""

    code = "payout_not_found"
    status = HTTPStatus.NOT_FOUND
    text = _("This payout does not exist.")


class PayoutObstacleError(Refusal):
    """Something stands in the way of a payout: its code is the obstacle's."""

    def __init__(self, obstacle: Obstacle) -> None:
        self.obstacle, self.code, self.text = obstacle, obstacle.value, OBSTACLE_TEXTS[obstacle]
        super().__init__()


class PayoutDecidedError(Refusal):
    """Somebody has decided already."""

    code = "payout_decided"
    text = _("This payout has already been decided.")


class ReasonMissingError(Refusal):
    """Saying no needs a reason: the creator is told."""

    code = "reason_missing"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    text = _("Please give a reason: the creator is told.")


class StripeAnswersError(Refusal):
    """How a payout ended is Stripe's to say, as long as it does."""

    code = "stripe_answers"
    text = _("Stripe itself says how this payout stands: it cannot be noted by hand.")


class ReconciliationRunningError(Refusal):
    """The journal is being compared with Stripe at this moment: one comparison at a time."""

    code = "reconciliation_running"
    text = _("The ledger is being compared with Stripe already.")
