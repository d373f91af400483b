"""The periodic jobs, by the names that operators know them by."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from asgiref.sync import sync_to_async
from procrastinate.contrib.django import app

from callastar.audit.models import Level
from callastar.audit.operations import record
from callastar.bookings.operations.complete import complete_calls
from callastar.bookings.operations.judge import judge_calls
from callastar.bookings.operations.lapse import expire_holds
from callastar.bookings.operations.outcome_refunds import end_contests, refund_outcomes
from callastar.bookings.operations.reconcile import reconcile_bookings
from callastar.calls.operations.cleanup import give_up_ended, sweep_rooms
from callastar.calls.operations.follow_recordings import follow_recordings
from callastar.calls.operations.following import follow_calls
from callastar.calls.operations.lost import sweep_sessions
from callastar.calls.operations.recorded import delete_due
from callastar.calls.operations.rooms import rescue_rooms
from callastar.calls.operations.webhook_watch import check_webhook
from callastar.core import clock
from callastar.core.api.idempotency import forget_old_answers
from callastar.core.errors import ProviderError
from callastar.creators.operations import reconcile_accounts
from callastar.jobs import operations
from callastar.jobs.schedule import (
    DELETE_RECORDINGS,
    EVERY_TEN_MINUTES,
    EVERY_TEN_SECONDS,
    EXPIRE_HOLDS,
    HOURLY,
    MINUTELY,
    RECONCILE_LEDGER,
)
from callastar.mail.operations import retry_unsent
from callastar.offers.operations import expire_offers
from callastar.payments.operations.chase import chase_money, chase_refunds
from callastar.payouts.operations.chase import chase_payouts
from callastar.payouts.operations.plan import run_due_payouts
from callastar.payouts.operations.reconcile import LOOK_BACK, reconcile_ledger
from callastar.payouts.refusals import ReconciliationRunningError
from callastar.webhooks.operations.catch_up import fetch_missed_events
from callastar.webhooks.operations.inbox import retry_parked

# The next run is the retry. A retry of its own could meet that next run in the queue, where a queueing lock has room
# for one: the job could then neither wait nor end, and would keep its lock.


@app.periodic(cron=EXPIRE_HOLDS)
@app.task(name="expire-holds", queue="bookings", lock="expire-holds", queueing_lock="expire-holds")
def expire_holds_job(timestamp: int) -> None:
    """Holds that lapsed, in case their own job was lost."""
    expire_holds(now=clock.now())


@app.periodic(cron=EVERY_TEN_MINUTES)
@app.task(
    name="reconcile-payments", queue="money", lock="reconcile-payments", queueing_lock="reconcile-payments"
)
def reconcile_payments_job(timestamp: int) -> None:
    """Payments, refunds, accounts and events whose news never came: what people wait for first."""
    now = clock.now()
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
        if (error := _error_of(look, now)) is not None
    ]
    if errors:
        raise errors[0]


def _error_of(look: Callable[..., object], now: datetime) -> Exception | None:
    """Why one look failed, noted: it keeps none of the others from being taken."""
    try:
        look(now=now)
    except Exception as error:
        passes = isinstance(error, ProviderError) and error.is_temporary
        record(
            type="RECONCILE_FAILED",
            level=Level.WARNING if passes else Level.ERROR,
            message=f"{getattr(look, '__name__', look)} failed: {type(error).__name__}: {error}",
        )
        return error
    return None


@app.periodic(cron=MINUTELY)
@app.task(name="complete-calls", queue="bookings", lock="complete-calls", queueing_lock="complete-calls")
def complete_calls_job(timestamp: int) -> None:
    """Calls that are over: completed and judged, their fans refunded where that is due, their outcomes final in time.

    Judging comes last: it asks the hosts of rooms, and nobody waits for them.
    """
    now = clock.now()
    complete_calls(now=now)
    refund_outcomes(now=now)
    end_contests(now=now)
    judge_calls(now=now)


@app.periodic(cron=HOURLY)
@app.task(name="process-payouts", queue="money", lock="process-payouts", queueing_lock="process-payouts")
def process_payouts_job(timestamp: int) -> None:
    """Payouts of creators whose time has come."""
    run_due_payouts(now=clock.now())


@app.periodic(cron=RECONCILE_LEDGER)
@app.task(name="reconcile-ledger", queue="money", lock="reconcile-ledger", queueing_lock="reconcile-ledger")
def reconcile_ledger_job(timestamp: int) -> None:
    """The journal against Stripe, to the cent. One that a person has started meanwhile is enough."""
    now = clock.now()
    with suppress(ReconciliationRunningError):
        reconcile_ledger(since=now - LOOK_BACK, now=now)


@app.periodic(cron=EVERY_TEN_MINUTES)
@app.task(name="expire-offers", queue="bookings", lock="expire-offers", queueing_lock="expire-offers")
def expire_offers_job(timestamp: int) -> None:
    """Offers whose time passed unbooked."""
    expire_offers(now=clock.now())


@app.periodic(cron=EVERY_TEN_MINUTES)
@app.task(
    name="retry-failed-emails", queue="mail", lock="retry-failed-emails", queueing_lock="retry-failed-emails"
)
def retry_failed_emails_job(timestamp: int) -> None:
    """Mails that wait without a living job."""
    retry_unsent(now=clock.now())


@app.periodic(cron=EVERY_TEN_MINUTES)
@app.task(name="forget-answers", queue="upkeep", lock="forget-answers", queueing_lock="forget-answers")
def forget_answers_job(timestamp: int) -> None:
    """Answers to repeated API calls that nobody can ask for any more."""
    forget_old_answers(now=clock.now())


@app.periodic(cron=EVERY_TEN_SECONDS)
@app.task(name="sweep-sessions", queue="calls", lock="sweep-sessions", queueing_lock="sweep-sessions")
def sweep_sessions_job(timestamp: int) -> None:
    """People in built-in rooms who gave no sign of life for 15 seconds, and signals that nobody fetches any more."""
    sweep_sessions(now=clock.now())


@app.periodic(cron=EVERY_TEN_SECONDS)
@app.task(name="rescue-jobs", queue="upkeep", queueing_lock="rescue-jobs")
async def rescue_jobs_job(timestamp: int) -> None:
    """Jobs of workers that died. Without a lock: nobody would rescue the rescuer that died holding it."""
    if jobs := await operations.retry_stalled_jobs():
        await sync_to_async(operations.note_rescue)(jobs=jobs)


@app.periodic(cron=HOURLY)
@app.task(
    name="retry-parked-events",
    queue="webhooks",
    lock="retry-parked-events",
    queueing_lock="retry-parked-events",
)
def retry_parked_events_job(timestamp: int) -> None:
    """Events that kept failing: what made them fail may be over."""
    retry_parked()


@app.periodic(cron=MINUTELY)
@app.task(name="rescue-rooms", queue="calls", lock="rescue-rooms", queueing_lock="rescue-rooms")
def rescue_rooms_job(timestamp: int) -> None:
    """Calls that begin soon and have no room that can be entered."""
    rescue_rooms(now=clock.now())


@app.periodic(cron=MINUTELY)
@app.task(name="retire-rooms", queue="calls", lock="retire-rooms", queueing_lock="retire-rooms")
def retire_rooms_job(timestamp: int) -> None:
    """Rooms of calls that ended an hour ago."""
    give_up_ended(now=clock.now())


@app.periodic(cron=HOURLY)
@app.task(
    name="cleanup-daily-rooms", queue="calls", lock="cleanup-daily-rooms", queueing_lock="cleanup-daily-rooms"
)
def cleanup_daily_rooms_job(timestamp: int) -> None:
    """Rooms that remained, and what Daily has that no call knows."""
    sweep_rooms(now=clock.now())


@app.periodic(cron=MINUTELY)
@app.task(name="follow-calls", queue="calls", lock="follow-calls", queueing_lock="follow-calls")
def follow_calls_job(timestamp: int) -> None:
    """Calls that go on at Daily without any news of who is there."""
    follow_calls(now=clock.now())


@app.periodic(cron=HOURLY)
@app.task(
    name="check-daily-webhook", queue="calls", lock="check-daily-webhook", queueing_lock="check-daily-webhook"
)
def check_daily_webhook_job(timestamp: int) -> None:
    """Whether Daily still posts its events: it stops after three deliveries that failed."""
    check_webhook(now=clock.now())


@app.periodic(cron=EVERY_TEN_MINUTES)
@app.task(
    name="follow-recordings", queue="calls", lock="follow-recordings", queueing_lock="follow-recordings"
)
def follow_recordings_job(timestamp: int) -> None:
    """Recordings of which no news came."""
    follow_recordings(now=clock.now())


@app.periodic(cron=DELETE_RECORDINGS)
@app.task(
    name="delete-recordings", queue="calls", lock="delete-recordings", queueing_lock="delete-recordings"
)
def delete_recordings_job(timestamp: int) -> None:
    """Recordings whose time has come."""
    delete_due(now=clock.now())
