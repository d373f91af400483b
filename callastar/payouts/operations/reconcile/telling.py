"""Who hears of a comparison: what is new at once, and what stays once a week."""

from datetime import datetime

from callastar.audit.models import Level, LogEntry
from callastar.audit.operations import record
from callastar.ledger.models import Difference, ReconciliationRun, RunStatus
from callastar.ledger.rules import Found, is_to_be_told
from callastar.mail import money_messages as mails
from callastar.notifications.models import NotificationType
from callastar.notifications.operations import notify_admins
from callastar.payments.operations.telling import admins

# Logged when admins are told, and so also what says when they were.
TOLD = "LEDGER_DIFFERENCES"
FAILED = Found("reconciliation_failed")


def tell_result(run: ReconciliationRun, found: list[Found], *, total: int) -> None:
    """Note how a run ended; alert admins of differences that the last run did not have, else once a week."""
    if not found:
        record(type="LEDGER_COMPARED", message="The journal and Stripe agree", run=run.pk)
    elif is_to_be_told(now_found=found, last_found=_last(run), told_at=_told_at(), now=run.started_at):
        _alert(run, found, total)
    else:
        message = f"{total} differences between the journal and Stripe, the same as before"
        record(type="LEDGER_STILL_DIFFERENT", level=Level.ERROR, message=message, run=run.pk)


def tell_failure(run: ReconciliationRun) -> None:
    """The comparison could not be finished: admins hear of the first of several, then once a week."""
    told_at = _told_at()
    if not is_to_be_told(now_found=[FAILED], last_found=_last(run), told_at=told_at, now=run.started_at):
        record(type="LEDGER_NOT_COMPARED", level=Level.ERROR, message=_failure(run), run=run.pk)
        return
    record(type=TOLD, level=Level.CRITICAL, message=_failure(run), run=run.pk)
    _notify(run, {"variant": "reconciliation_unfinished"})


def _failure(run: ReconciliationRun) -> str:
    return f"The journal could not be compared with Stripe: {run.error}"


def _alert(run: ReconciliationRun, found: list[Found], total: int) -> None:
    lines = [one.line for one in found[: mails.MOST_LINES]]
    record(
        type=TOLD,
        level=Level.CRITICAL,
        message=f"{total} differences between the journal and Stripe: {lines[0]}",
        run=run.pk,
    )
    _notify(run, {"variant": "reconciliation", "differences": total})
    for admin in admins():
        mails.reconciliation_alert_admin(
            to=admin, run_id=run.pk, differences=total, lines=lines, path=_path(run)
        )


def _notify(run: ReconciliationRun, params: dict[str, object]) -> None:
    notify_admins(
        type=NotificationType.SYSTEM,
        params=params,
        link=_path(run),
        dedupe_key=f"reconciliation:{run.pk}",
        now=run.started_at,
    )


def _path(run: ReconciliationRun) -> str:
    return f"dashboard/admin/ledger/reconciliationrun/{run.pk}/change/"


def _last(run: ReconciliationRun) -> set[Found]:
    """What the run before found; a failure is one of its own kind."""
    before = ReconciliationRun.objects.exclude(pk=run.pk).exclude(status=RunStatus.RUNNING)
    last = before.order_by("-started_at", "-id").first()
    if last is None:
        return set()
    if last.status == RunStatus.FAILED:
        return {FAILED}
    fields = ("kind", "stripe_id", "our_id", "account", "currency", "ours", "theirs", "note")
    return {Found(*row) for row in Difference.objects.filter(run=last).values_list(*fields)}


def _told_at() -> datetime | None:
    told = LogEntry.objects.filter(type=TOLD).order_by("-created_at")
    return told.values_list("created_at", flat=True).first()
