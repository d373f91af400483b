"""The periodic jobs, by the names that operators know them by: what each does, when, and in which queue.

Everything else follows from this list: what workers run by the clock, cron routes, executions, alerts.
"""

from dataclasses import dataclass
from datetime import datetime

from callastar.bookings.operations.lapse import expire_holds
from callastar.bookings.operations.remind import send_reminders
from callastar.calls.operations.cleanup import give_up_ended, sweep_rooms
from callastar.calls.operations.follow_recordings import follow_recordings
from callastar.calls.operations.following import follow_calls
from callastar.calls.operations.lost import sweep_sessions
from callastar.calls.operations.recorded import delete_due
from callastar.calls.operations.rooms import rescue_rooms
from callastar.calls.operations.webhook_watch import check_webhook
from callastar.core.api.idempotency import forget_old_answers
from callastar.core.timezones import platform_zone
from callastar.jobs import work
from callastar.jobs.operations.cleanup import clean_logs
from callastar.jobs.operations.summarize import send_daily_summary
from callastar.jobs.operations.timing import beat_and_start
from callastar.jobs.operations.watch import watch
from callastar.jobs.schedule import (
    CLEAN_LOGS,
    DELETE_RECORDINGS,
    EVERY_FIVE_SECONDS,
    EVERY_TEN_MINUTES,
    EVERY_TEN_SECONDS,
    HOURLY,
    MINUTELY,
    RECONCILE_LEDGER,
    SUMMARY_AT,
    Daily,
    Schedule,
)
from callastar.jobs.work import Statistics, Work, counting, plain
from callastar.mail.operations import retry_unsent
from callastar.offers.operations import expire_offers
from callastar.payouts.operations.plan import run_due_payouts


@dataclass(frozen=True, kw_only=True)
class Job:
    """One periodic job. `waits`: a run of its task waits for the one before, in the queue of any worker."""

    name: str
    when: Schedule
    queue: str
    run: Work
    waits: bool = True
    is_inner: bool = False  # of the clock itself: nobody starts it from outside


def keep_time(now: datetime) -> Statistics:
    """That workers live, and the jobs of the day that are due."""
    return beat_and_start(schedules={job.name: job.when for job in JOBS}, now=now)


def look_after_jobs(now: datetime) -> Statistics:
    """What does not run, and what does not leave."""
    return watch(schedules={job.name: job.when for job in JOBS}, now=now)


def summarize_the_day(now: datetime) -> Statistics:
    """The day before, to admins."""
    return send_daily_summary(now=now, periodic=[job.name for job in JOBS])


JOBS = (
    Job(
        name="expire-holds",
        when=EVERY_FIVE_SECONDS,
        queue="bookings",
        run=counting("expired", expire_holds),  # in case a hold's own job was lost
    ),
    Job(name="send-reminders", when=MINUTELY, queue="bookings", run=plain(send_reminders)),
    Job(name="complete-calls", when=MINUTELY, queue="bookings", run=work.finish_calls),
    Job(name="reconcile-payments", when=EVERY_TEN_MINUTES, queue="money", run=work.reconcile_payments),
    Job(
        name="retry-failed-emails",
        when=EVERY_TEN_MINUTES,
        queue="mail",
        run=counting("retried", retry_unsent),
    ),
    Job(name="follow-emails", when=EVERY_TEN_MINUTES, queue="mail", run=work.follow_emails),
    Job(
        name="expire-offers",
        when=EVERY_TEN_MINUTES,
        queue="bookings",
        run=counting("expired", expire_offers),
    ),
    Job(name="cleanup-daily-rooms", when=HOURLY, queue="calls", run=plain(sweep_rooms)),
    Job(name="process-payouts", when=HOURLY, queue="money", run=plain(run_due_payouts)),
    Job(name="reconcile-ledger", when=RECONCILE_LEDGER, queue="money", run=work.compare_with_stripe),
    Job(name="cleanup-logs", when=CLEAN_LOGS, queue="upkeep", run=plain(clean_logs)),
    Job(
        name="send-daily-summary",
        when=Daily(SUMMARY_AT, platform_zone()),
        queue="upkeep",
        run=summarize_the_day,
    ),
    Job(
        name="forget-answers",
        when=EVERY_TEN_MINUTES,
        queue="upkeep",
        run=counting("forgotten", forget_old_answers),
    ),
    Job(name="sweep-sessions", when=EVERY_TEN_SECONDS, queue="calls", run=plain(sweep_sessions)),
    Job(name="rescue-rooms", when=MINUTELY, queue="calls", run=plain(rescue_rooms)),
    Job(name="retire-rooms", when=MINUTELY, queue="calls", run=counting("retired", give_up_ended)),
    Job(name="follow-calls", when=MINUTELY, queue="calls", run=plain(follow_calls)),
    Job(name="check-daily-webhook", when=HOURLY, queue="calls", run=plain(check_webhook)),
    Job(name="follow-recordings", when=EVERY_TEN_MINUTES, queue="calls", run=plain(follow_recordings)),
    Job(name="delete-recordings", when=DELETE_RECORDINGS, queue="calls", run=plain(delete_due)),
    Job(name="retry-parked-events", when=HOURLY, queue="webhooks", run=work.retry_parked_events),
    # Does not wait for the one before: nobody would rescue the rescuer that died.
    Job(name="rescue-jobs", when=EVERY_TEN_SECONDS, queue="upkeep", run=work.rescue_jobs, waits=False),
    Job(name="keep-time", when=MINUTELY, queue="upkeep", run=keep_time, waits=False, is_inner=True),
    Job(name="watch", when=MINUTELY, queue="upkeep", run=look_after_jobs),
)
_BY_NAME = {job.name: job for job in JOBS}


def job_named(name: str) -> Job | None:
    """The job of that name, if there is one."""
    return _BY_NAME.get(name)
