"""The words that a statement uses in its PDF and its CSV alike."""

from django.utils.translation import gettext_lazy as _

from callastar.documents.data import MovementKind, PayoutState

MOVEMENTS = {
    MovementKind.DISPUTE_OPENED: _("Dispute: your share taken back"),
    MovementKind.DISPUTE_WON: _("Dispute won: your share given back"),
    MovementKind.DISPUTE_LOST: _("Dispute lost"),
    MovementKind.DEBT_MADE: _("Debt to the platform"),
    MovementKind.DEBT_SETTLED: _("Debt settled"),
    MovementKind.DEBT_CANCELLED: _("Debt cancelled"),
    MovementKind.PAYOUT_RETURNED: _("Payout returned by the bank"),
    MovementKind.ADJUSTMENT: _("Adjustment"),
}

PAYOUTS = {
    PayoutState.REQUESTED: _("Waiting for approval"),
    PayoutState.APPROVED: _("Approved"),
    PayoutState.PROCESSING: _("On its way"),
    PayoutState.PAID: _("Paid"),
    PayoutState.FAILED: _("Failed"),
    PayoutState.REJECTED: _("Rejected"),
    PayoutState.CANCELED: _("Canceled"),
}
