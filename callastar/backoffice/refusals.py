"""Why an admin's decision is not carried out: stable codes, translated texts."""

from django.utils.translation import gettext_lazy as _

from callastar.core.errors import Refusal


class ChangedMeanwhileError(Refusal):
    """What the decision was about has changed since it was shown."""

    code = "changed_meanwhile"
    text = _("This has changed since the page was shown. Please look again before you decide.")


class RefundNotRetriedError(Refusal):
    """The refund was made, is under way, or has been tried again already."""

    code = "refund_not_retried"
    text = _("This refund has been tried again already, or was made at Stripe: there is nothing to try.")


class MoveNotFailedError(Refusal):
    """The movement is under way or done."""

    code = "move_not_failed"
    text = _("This is already under way or done: there is nothing to try again.")


class NothingToRecoverError(Refusal):
    """The debt is not open any more."""

    code = "nothing_to_recover"
    text = _("This debt is not open any more.")


class NoChargeError(Refusal):
    """Stripe has taken nothing for this payment."""

    code = "no_charge"
    text = _("Stripe knows no charge of this payment.")


class ComparisonWaitsError(Refusal):
    """The job is in the queue."""

    code = "comparison_waits"
    text = _("A comparison is about to begin already.")
