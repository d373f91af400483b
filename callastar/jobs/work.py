"""What periodic jobs do that is more than one operation, and what they count."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime

from asgiref.sync import async_to_sync

from callastar.audit.models import Level
from callastar.audit.operations import record
from callastar.bookings.operations.complete import complete_calls
from callastar.bookings.operations.judge import judge_calls
from callastar.bookings.operations.outcome_refunds import end_contests, refund_outcomes
from callastar.bookings.operations.reconcile import reconcile_bookings
from callastar.core.errors import ProviderError
from callastar.creators.operations import reconcile_accounts
from callastar.jobs.operations.rescue import note_rescue, retry_stalled_jobs
from callastar.ledger.models import RunStatus
from callastar.mail.operations import ask_about_unheard
from callastar.payments.operations.chase import chase_money, chase_refunds
from callastar.payouts.operations.chase import chase_payouts
from callastar.payouts.operations.reconcile import LOOK_BACK, reconcile_ledger
from callastar.payouts.refusals import ReconciliationRunningError
from callastar.webhooks.operations.catch_up import fetch_missed_events
from callastar.webhooks.operations.inbox import retry_parked

Statistics = Mapping[str, int]
Work = Callable[[datetime], Statistics]


def counting(name: str, do: Callable[..., int]) -> Work:
    """An operation that answers how many, as the work of a job."""
    return lambda now: {name: do(now=now)}


def plain(do: Callable[..., Statistics]) -> Work:
    """An operation that answers counts, as the work of a job."""
    return lambda now: do(now=now)


def reconcile_payments(now: datetime) -> Statistics:
    """Payments, refunds, accounts and events whose news never came: what people wait for first."""
    counts: dict[str, int] = {}
    errors = [
        error
        for look in (
            reconcile_bookings,
            fetch_missed_events,  # before those that ask about one thing after the other
            chase_refunds,
            chase_money,
            chase_payouts,
            reconcile_accounts,
        )
        if (error := _error_of(look, counts, now)) is not None
    ]
    if errors:
        raise errors[0]
    return counts


def _error_of(look: Callable[..., Statistics], counts: dict[str, int], now: datetime) -> Exception | None:
    """Why one look failed, noted: it keeps none of the others from being taken."""
    try:
        found = look(now=now)
    except Exception as error:
        passes = isinstance(error, ProviderError) and error.is_temporary
        record(
            type="RECONCILE_FAILED",
            level=Level.WARNING if passes else Level.ERROR,
            message=f"{getattr(look, '__name__', look)} failed: {type(error).__name__}: {error}",
        )
        return error
    for name, count in found.items():
        counts[name] = counts.get(name, 0) + count
    return None


def finish_calls(now: datetime) -> Statistics:
    """Calls that are over: completed and judged, their fans refunded where that is due, their outcomes final in time.

    Judging comes last: it asks the hosts of rooms, and nobody waits for them.
    """
    steps = {
        "completed": complete_calls(now=now),
        "refunded": refund_outcomes(now=now),
        "final": end_contests(now=now),
        "judged": judge_calls(now=now),
    }
    failed = sum(counts["failed"] for counts in steps.values())
    return {**{name: counts["done"] for name, counts in steps.items()}, "failed": failed}


def compare_with_stripe(now: datetime) -> Statistics:
    """The journal against Stripe, to the cent. One that a person has started meanwhile is enough."""
    with suppress(ReconciliationRunningError):
        run = reconcile_ledger(since=now - LOOK_BACK, now=now)
        return {**run.compared, "failed": int(run.status == RunStatus.FAILED)}
    return {}


def follow_emails(now: datetime) -> Statistics:
    """What became of mails of which no news came.

    While the provider does not answer, mails do not leave either: that is what admins are told of, not this as well.
    """
    try:
        return ask_about_unheard(now=now)
    except ProviderError as error:
        if not error.is_temporary:
            raise
        return {"unreachable": 1}


def retry_parked_events(now: datetime) -> Statistics:
    """Events that kept failing: what made them fail may be over."""
    return {"retried": retry_parked()}


def rescue_jobs(now: datetime) -> Statistics:
    """Jobs of workers that died."""
    rescued = async_to_sync(retry_stalled_jobs)()
    if rescued:
        note_rescue(jobs=rescued)
    return {"rescued": rescued}
