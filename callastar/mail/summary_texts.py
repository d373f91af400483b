"""What the summary of a day calls its tables and figures, by the names that they have in the mail's context."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TABLES: Mapping[str, str | Promise] = {
    "bookings": _("Bookings"),
    "payouts": _("Payouts"),
    "failures": _("What failed"),
    "waiting": _("What waits for you now"),
}
LABELS: Mapping[str, str | Promise] = {
    # bookings
    "made": _("Bookings made"),
    "confirmed": _("Bookings paid and confirmed"),
    "held": _("Calls that took place"),
    "cancelled": _("Cancelled after payment"),
    "unpaid": _("Ended without payment"),
    # money
    "charged": _("Paid by fans"),
    "refunded": _("Given back to fans"),
    "commission": _("Commission"),
    "result": _("Left to the platform after Stripe’s fees"),
    "paid_out": _("Arrived at creators’ banks"),
    # payouts
    "payouts_paid": _("Payouts that arrived"),
    "payouts_failed": _("Payouts that failed"),
    "payouts_requested": _("Payouts asked for"),
    # failures
    "runs": _("Runs of periodic jobs"),
    "jobs": _("Other jobs, tried for the last time"),
    "mails_failed": _("Mails that could not be sent"),
    "mails_bounced": _("Mails that came back"),
    "mails_complained": _("Mails marked as spam"),
    "payments": _("Payments declined"),
    "refunds": _("Refunds that failed"),
    "transfers": _("Transfers that failed"),
    "disputes": _("Disputes opened"),
    # waiting
    "alerts": _("Open alerts"),
    "outcomes": _("Outcomes to decide"),
    "approvals": _("Payouts to approve"),
    "answers": _("Disputes to answer"),
    "refunds_to_mend": _("Failed refunds"),
    "events": _("Events that keep failing"),
}
