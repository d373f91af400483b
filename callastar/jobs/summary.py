"""Reads for the summary of a day: what happened between two moments, and what waits for somebody now."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime

from django.db import connection
from django.db.models import Count, Q
from django.urls import reverse

from callastar.audit.models import LogEntry
from callastar.backoffice.call_filters import to_decide
from callastar.bookings.models import Booking, BookingStatus, Outcome
from callastar.core.money import Currency, Money
from callastar.jobs.models import CronExecution, RunStatus
from callastar.jobs.queries import open_alerts
from callastar.jobs.schedule import A_DAY
from callastar.ledger.queries import turnover
from callastar.mail.models import EmailStatus
from callastar.mail.summary_messages import DaySummary, Figure
from callastar.payments.models import Dispute, DisputeStatus, Refund, RefundStatus
from callastar.payouts.models import Payout, PayoutStatus
from callastar.webhooks.models import EventStatus, WebhookEvent

_PAYOUTS = "payouts_payout"
_REFUNDS = "payments_refund"
_DISPUTES = "payments_dispute"
_FAILED_REFUNDS = f"status__exact={RefundStatus.FAILED}"


def summary_of(*, since: datetime, until: datetime, periodic: Collection[str]) -> DaySummary:
    """What happened within [since, until), and what waits now. `periodic` are the jobs that executions tell of."""
    return DaySummary(
        bookings=_bookings(since, until),
        money=_money(since, until),
        payouts=_payouts(since, until),
        failures=_failures(since, until, periodic),
        waiting=_waiting(),
    )


def _within(field: str, since: datetime, until: datetime) -> Q:
    return Q(**{f"{field}__gte": since, f"{field}__lt": until})


def _bookings(since: datetime, until: datetime) -> list[Figure]:
    """Of a booking that was made and paid on the day, both count; calls count on the day of their start."""
    bookings = Booking.objects.filter(is_test=False)
    # Whoever pays or cancels does it before the start, by which there is an index.
    later = bookings.filter(starts_at__gte=since - A_DAY)
    ended = later.filter(_within("cancelled_at", since, until), status=BookingStatus.CANCELLED)
    counted = {
        "made": bookings.filter(_within("created_at", since, until)),
        "confirmed": later.filter(_within("confirmed_at", since, until)),
        "held": bookings.filter(_within("starts_at", since, until), outcome=Outcome.HELD),
        "cancelled": ended.filter(confirmed_at__isnull=False),
        "unpaid": ended.filter(confirmed_at=None),
    }
    return [Figure(what=what, count=rows.count()) for what, rows in counted.items()]


def _money(since: datetime, until: datetime) -> dict[str, dict[str, Money]]:
    """What the journal says, by currency."""
    money = {}
    for each in turnover(since=since, until=until):
        sums = asdict(each)
        currency = Currency(sums.pop("currency"))
        money[currency.value] = {what: Money(amount, currency) for what, amount in sums.items()}
    return money


def _payouts(since: datetime, until: datetime) -> list[Figure]:
    of_any = Payout.objects.filter(status__in=PayoutStatus.values, created_at__gte=since - A_DAY)
    requested = of_any.filter(_within("requested_at", since, until)).count()
    paid = Payout.objects.filter(_within("paid_at", since, until), status=PayoutStatus.PAID).count()
    failed = Payout.objects.filter(_within("failed_at", since, until), status=PayoutStatus.FAILED).count()
    failed_ones = _list(_PAYOUTS, f"status__exact={PayoutStatus.FAILED}")
    return [
        Figure(what="payouts_requested", count=requested),
        Figure(what="payouts_paid", count=paid),
        Figure(what="payouts_failed", count=failed, path=failed_ones if failed else ""),
    ]


# What the system log calls it, what the summary calls it, and the list that shows it.
_LOGGED = (
    ("PAYMENT_FAILED", "payments", "payments_payment", "status__exact=FAILED"),
    ("REFUND_FAILED", "refunds", _REFUNDS, _FAILED_REFUNDS),
    ("TRANSFER_FAILED", "transfers", "payments_payment", ""),
    ("EMAIL_FAILED", "mails_failed", "mail_emaillog", f"status={EmailStatus.FAILED}"),
    ("EMAIL_BOUNCED", "mails_bounced", "mail_emaillog", f"status={EmailStatus.BOUNCED}"),
    ("EMAIL_COMPLAINED", "mails_complained", "mail_emaillog", f"status={EmailStatus.COMPLAINED}"),
)


def _failures(since: datetime, until: datetime, periodic: Collection[str]) -> list[Figure]:
    runs = CronExecution.objects.filter(_within("started_at", since, until), status=RunStatus.FAILURE)
    disputes = Dispute.objects.filter(_within("opened_at", since, until))
    failed_runs = _list("jobs_cronexecution", f"status__exact={RunStatus.FAILURE}")
    return [
        Figure(what="runs", count=runs.count(), path=failed_runs),
        Figure(what="jobs", count=_failed_jobs(since, until, periodic)),
        *_logged(since, until),
        Figure(what="disputes", count=disputes.count(), path=_list(_DISPUTES)),
    ]


def _failed_jobs(since: datetime, until: datetime, but: Collection[str]) -> int:
    """Jobs of the queue that were given up. Those that went well are gone, so that there are few to look through."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT job.id) FROM procrastinate_jobs AS job"
            " JOIN procrastinate_events AS event ON event.job_id = job.id AND event.type = 'failed'"
            " WHERE job.status = 'failed' AND event.at >= %s AND event.at < %s AND NOT job.task_name = ANY(%s)",
            [since, until, list(but)],
        )
        return int(cursor.fetchone()[0])


def _logged(since: datetime, until: datetime) -> Sequence[Figure]:
    types = [each[0] for each in _LOGGED]
    entries = LogEntry.objects.filter(_within("created_at", since, until), type__in=types)
    counts = Counter(dict(entries.values_list("type").annotate(number=Count("pk"))))
    return [
        Figure(what=what, count=counts[type_], path=_list(name, query))
        for type_, what, name, query in _LOGGED
    ]


def _waiting() -> list[Figure]:
    """As the first page of the back office counts it."""
    answerable = [status for status in DisputeStatus if status.may_be_answered]
    waits = {
        "alerts": (open_alerts(), _list("jobs_alert", "open=yes")),
        "outcomes": (to_decide(Booking.objects.all()), _list("bookings_booking")),
        "approvals": (
            Payout.objects.filter(status=PayoutStatus.REQUESTED),
            _list(_PAYOUTS, f"status__exact={PayoutStatus.REQUESTED}"),
        ),
        "answers": (
            Dispute.objects.filter(status__in=answerable, evidence_submitted_at=None),
            _list(_DISPUTES),
        ),
        "refunds_to_mend": (
            Refund.objects.filter(status=RefundStatus.FAILED),
            _list(_REFUNDS, _FAILED_REFUNDS),
        ),
        "events": (
            WebhookEvent.objects.filter(status=EventStatus.PARKED),
            _list("webhooks_webhookevent", f"status={EventStatus.PARKED}"),
        ),
    }
    return [Figure(what=what, count=rows.count(), path=path) for what, (rows, path) in waits.items()]


def _list(name: str, query: str = "") -> str:
    return f"{reverse(f'admin:{name}_changelist')}{'?' if query else ''}{query}"
