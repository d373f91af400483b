"""What waits for somebody: counts with the address of the list that shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from callastar.backoffice import call_filters, words
from callastar.backoffice.cells import Text, moment_text
from callastar.bookings.models import Booking
from callastar.calls.models import Call
from callastar.jobs.queries import open_alerts
from callastar.ledger.models import ReconciliationRun, RunStatus
from callastar.payments.models import (
    Debt,
    DebtStatus,
    Dispute,
    DisputeStatus,
    MoveStatus,
    Refund,
    RefundStatus,
    Restitution,
    TransferReversal,
)
from callastar.payouts.models import Payout, PayoutPolicy, PayoutStatus
from callastar.webhooks.models import EventStatus, WebhookEvent


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many of a kind wait, and where they are; `variant` is that of a badge."""

    label: Text
    value: object
    url: str
    variant: str = "neutral"
    hint: Text = ""


def overview(*, now: datetime) -> Sequence[Waiting]:
    """What waits for a decision, and what went wrong."""
    return [
        _outcomes(),
        _calls(now),
        _roomless(now),
        _payouts(),
        _disputes(now),
        _failed(_("Failed payouts"), Payout, "payouts_payout", PayoutStatus.FAILED),
        _failed(_("Failed refunds"), Refund, "payments_refund", RefundStatus.FAILED),
        _failed(_("Failed transfers after disputes"), Restitution, "payments_restitution", MoveStatus.FAILED),
        _failed(_("Failed reversals"), TransferReversal, "payments_transferreversal", MoveStatus.FAILED),
        _blocked(),
        _debts(),
        _reconciliation(),
        _events(),
        _alerts(),
    ]


def _outcomes() -> Waiting:
    count = call_filters.to_decide(Booking.objects.all()).count()
    return Waiting(
        _("Outcomes to decide"), count, _list("bookings_booking"), "warning" if count else "neutral"
    )


def _calls(now: datetime) -> Waiting:
    count = call_filters.in_progress(Call.objects.all(), now=now).count()
    today = call_filters.today(Call.objects.all(), now=now).count()
    hint = _("today: %(count)s") % {"count": today}
    return Waiting(_("Calls in progress"), count, _list("calls_call", "which=now"), "neutral", hint)


def _roomless(now: datetime) -> Waiting:
    count = call_filters.without_room(Call.objects.all(), now=now).count()
    url = _list("calls_call", "which=roomless")
    return Waiting(_("Coming calls without a room"), count, url, "warning" if count else "neutral")


def _list(name: str, query: str = "") -> str:
    return f"{reverse(f'admin:{name}_changelist')}{'?' if query else ''}{query}"


def _payouts() -> Waiting:
    count = Payout.objects.filter(status=PayoutStatus.REQUESTED).count()
    url = _list("payouts_payout", "status__exact=REQUESTED")
    return Waiting(_("Payouts to approve"), count, url, "warning" if count else "neutral")


def _disputes(now: datetime) -> Waiting:
    answerable = [status for status in DisputeStatus if status.may_be_answered]
    waiting = Dispute.objects.filter(status__in=answerable, evidence_submitted_at=None)
    due = list(waiting.order_by("evidence_due_by").values_list("evidence_due_by", flat=True))
    first = next((at for at in due if at), None)
    hint = _("first deadline: %(at)s") % {"at": moment_text(first)} if first else ""
    return Waiting(
        _("Disputes to answer"), len(due), _list("payments_dispute"), "danger" if due else "neutral", hint
    )


def _failed(label: Text, model: type, name: str, status: str) -> Waiting:
    count = model.objects.filter(status=status).count()  # type: ignore[attr-defined]
    return Waiting(label, count, _list(name, f"status__exact={status}"), "danger" if count else "neutral")


def _blocked() -> Waiting:
    count = PayoutPolicy.objects.exclude(blocked_reason="").count()
    url = _list("payouts_payoutpolicy", "blocked=yes")
    return Waiting(_("Blocked creators"), count, url, "warning" if count else "neutral")


def _debts() -> Waiting:
    count = Debt.objects.filter(status=DebtStatus.OPEN).count()
    url = _list("payments_debt", f"status__exact={DebtStatus.OPEN}")
    return Waiting(_("Open debts"), count, url, "warning" if count else "neutral")


def _events() -> Waiting:
    count = WebhookEvent.objects.filter(status=EventStatus.PARKED).count()
    url = _list("webhooks_webhookevent", f"status={EventStatus.PARKED}")
    return Waiting(_("Events that keep failing"), count, url, "danger" if count else "neutral")


def _alerts() -> Waiting:
    count = open_alerts().count()
    return Waiting(_("Open alerts"), count, _list("jobs_alert", "open=yes"), "danger" if count else "neutral")


_VARIANTS = {RunStatus.CLEAN: "success", RunStatus.DIFFERENT: "danger", RunStatus.FAILED: "danger"}


def _reconciliation() -> Waiting:
    run = ReconciliationRun.objects.first()
    url = _list("ledger_reconciliationrun")
    label = _("Last comparison with Stripe")
    if run is None:
        return Waiting(label, _("none yet"), url)
    variant = _VARIANTS.get(RunStatus(run.status), "neutral")
    return Waiting(label, words.RUNS[run.status], url, variant, moment_text(run.started_at))
