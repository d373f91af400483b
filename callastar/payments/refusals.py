"""Why a payment cannot be started or made: stable codes, translated texts."""

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from callastar.core.errors import Refusal


class PaymentInProgressError(Refusal):
    """Somebody's earlier payment of the same offer is still being closed."""

    code = "offer_payment_in_progress"
    text = _("An earlier payment of this call is still being closed. Please try again in a moment.")


class PaymentUnavailableError(Refusal):
    """Stripe cannot be reached; nothing was charged."""

    code = "payment_provider_unavailable"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    text = _("The payment service does not answer. Nothing was charged; please try again in a moment.")


class PaymentRefusedError(Refusal):
    """Stripe refuses to take this payment at all."""

    code = "payment_refused"
    text = _("This payment cannot be taken at the moment. Nothing was charged; our team has been told.")


class RefundTooLargeError(Refusal):
    """More should go back than what is left of a payment."""

    code = "refund_too_large"
    text = _("That is more than what is left of this payment.")


class PaymentDisputedError(Refusal):
    """The fan's bank decides about this payment: nothing can be given back meanwhile."""

    code = "payment_disputed"
    text = _("The bank is looking into this payment. Nothing can be refunded until it has decided.")


class SettlementTooLargeError(Refusal):
    """More was to be settled than is owed."""

    code = "settlement_too_large"
    text = _("That is more than what is still owed.")


class NoteMissingError(Refusal):
    """A decision by hand needs its reason."""

    code = "note_missing"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    text = _("Please say why: it is kept with the decision.")


class DisputeNotOpenError(Refusal):
    """The dispute takes no evidence any more."""

    code = "dispute_not_open"
    text = _("This dispute takes no evidence any more.")


class EvidenceRefusedError(Refusal):
    """Stripe does not take this evidence: `reason` is what it says."""

    code = "evidence_refused"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    text = _("Stripe does not take this evidence: %(reason)s")
