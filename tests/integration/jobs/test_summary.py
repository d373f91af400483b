"""JO-2, EM-5: every admin is told of the day before, once, with the figures of the journal."""

from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, connections, transaction

from callastar.audit.models import LogEntry
from callastar.bookings.models import Booking
from callastar.jobs import registry
from callastar.jobs.models import Alert, AlertKind, CronExecution, RunStatus, Trigger
from callastar.jobs.operations import summarize
from callastar.jobs.operations.run import run_job
from callastar.jobs.summary import summary_of
from callastar.ledger.models import Account, EntryKind
from callastar.ledger.operations import About, Posting, post
from callastar.ledger.queries import turnover
from callastar.mail.kinds import Kind, Priority
from callastar.mail.models import EmailLog
from callastar.mail.operations import Way, choose_emails, send_email
from callastar.mail.rendering import render
from callastar.payouts.models import Payout
from tests import bookings, money_rows
from tests.factories import make_admin, make_creator, make_offer, make_user

PARIS = ZoneInfo("Europe/Paris")
DAY = date(2026, 3, 3)
SINCE, UNTIL = datetime(2026, 3, 3, tzinfo=PARIS), datetime(2026, 3, 4, tzinfo=PARIS)
NOON, BEFORE = SINCE + timedelta(hours=12), SINCE - timedelta(days=3)
SEVEN = datetime(2026, 3, 4, 7, 0, 20, tzinfo=PARIS)
TICK = timedelta(microseconds=1)
JOB = "send-daily-summary"


def told(now):
    """What the job answers; the mails that there are then, by their readers' languages."""
    run = run_job(name=JOB, trigger=Trigger.SCHEDULE, now=now)
    assert run.error is None
    return run.statistics["written"], {mail.locale: mail for mail in EmailLog.objects.order_by("created_at")}


def said(mail):
    """The lines of a mail's plain text and its subject, as they would be sent."""
    render(mail, now=SEVEN)
    return [mail.subject, *mail.text.replace("\u00a0", " ").replace("\u202f", " ").splitlines()]


def made(booking, **times):
    """A booking as if its times had been others."""
    values = {"created_at": BEFORE, **times}
    if booking.confirmed_at:
        values = {"confirmed_at": BEFORE, **values}
    Booking.objects.filter(pk=booking.pk).update(**values)


def a_day_of_bookings():
    """One of each kind, two reserved, and as many just before and after the day."""
    creator, fan = make_creator(), make_user()
    offers = [make_offer(creator=creator) for _ in range(10)]
    for offer, at in zip(offers, (SINCE, UNTIL - TICK, SINCE - TICK, UNTIL), strict=False):
        made(bookings.held(offer, make_user()), created_at=at)
    made(bookings.confirmed(offers[4], fan), confirmed_at=NOON)
    made(bookings.took_place(offers[5], fan), starts_at=NOON)
    made(bookings.fan_missed(offers[6], fan), starts_at=NOON)
    made(bookings.cancelled(offers[7], fan), cancelled_at=NOON)
    made(bookings.lapsed(offers[8], fan), cancelled_at=NOON)
    made(bookings.held(offers[9], fan), created_at=NOON, is_test=True)
    return creator


def entry(kind, currency, amount, debit, credit, *, at=NOON, creator=None):
    lines = [Posting(debit, amount), Posting(credit, -amount)]
    about = About(creator_id=creator.pk if creator else None)
    with transaction.atomic():
        post(
            key=f"{kind}:{currency}:{amount}:{at}",
            kind=kind,
            currency=currency,
            lines=lines,
            now=at,
            about=about,
        )


def a_day_of_money(creator):
    """In two currencies, with entries of the same kinds just before and after the day."""
    bank = Account.PLATFORM_BALANCE
    for at in (SINCE - TICK, SINCE, UNTIL - TICK, UNTIL):
        entry(EntryKind.CHARGE, "EUR", 10000, bank, Account.FAN_FUNDS, at=at)
    entry(EntryKind.CHARGE, "CHF", 7000, bank, Account.FAN_FUNDS)
    entry(EntryKind.REFUND, "EUR", 2500, Account.FAN_FUNDS, bank)
    entry(EntryKind.COMMISSION, "EUR", 1500, bank, Account.COMMISSION)
    entry(EntryKind.FEE_REFUND, "EUR", 300, Account.COMMISSION, bank)
    entry(EntryKind.PROCESSING_FEE, "EUR", 320, bank, Account.PROCESSING_FEES)
    entry(EntryKind.STRIPE_FEE, "EUR", 350, Account.STRIPE_FEES, bank)
    entry(EntryKind.STRIPE_FEE, "CHF", 90, Account.STRIPE_FEES, bank)
    entry(EntryKind.PAYOUT_PAID, "EUR", 4000, Account.CREATOR_BANK, Account.IN_TRANSIT, creator=creator)


def a_day_of_payouts():
    for status, when in (("REQUESTED", "requested_at"), ("PAID", "paid_at"), ("FAILED", "failed_at")):
        payout = money_rows.waiting_payout(make_creator())
        Payout.objects.filter(pk=payout.pk).update(
            **{"requested_at": BEFORE, "created_at": BEFORE, "status": status, when: NOON}
        )
        if when == "requested_at":
            Payout.objects.filter(pk=payout.pk).update(created_at=NOON)


def failed_job(name, at):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('q', %s) RETURNING id", [name]
        )
        (job,) = cursor.fetchone()
        for status in ("doing", "failed"):
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = %s::procrastinate_job_status WHERE id = %s",
                [status, job],
            )
        cursor.execute("UPDATE procrastinate_events SET at = %s WHERE job_id = %s", [at, job])


def a_day_of_failures():
    """Each on the day, and again just after it."""
    for at in (NOON, UNTIL):
        CronExecution.objects.create(job="watch", trigger="schedule", status="failure", started_at=at)
        failed_job("calls.create_room", at)
        failed_job("watch", at)  # is an execution already
        for type_ in (
            *("PAYMENT_FAILED", "PAYMENT_FAILED", "REFUND_FAILED", "TRANSFER_FAILED"),
            *("EMAIL_FAILED", "EMAIL_BOUNCED", "EMAIL_COMPLAINED"),
        ):
            LogEntry.objects.create(
                level="ERROR", type=type_, actor_kind="SYSTEM", message="m", created_at=at
            )


def what_waits():
    Alert.objects.create(kind=AlertKind.MAIL_STUCK, opened_at=NOON)
    Alert.objects.create(kind=AlertKind.MAIL_STUCK, opened_at=NOON, closed_at=NOON)
    booking = bookings.confirmed(make_offer(), make_user())
    made(booking)
    dispute = money_rows.open_dispute(booking.payment)
    type(dispute).objects.update(opened_at=NOON)
    money_rows.failed_refund(booking.payment)


@pytest.mark.django_db
def test_a_day_with_all_of_it():
    """JO-2, EM-5: figures of the day and no other, money by currency and as the journal has it, in both languages."""
    make_admin(locale="en")
    make_admin(locale="fr", timezone="Asia/Tokyo")
    make_admin(is_active=False)
    a_day_of_money(a_day_of_bookings())
    a_day_of_payouts()
    a_day_of_failures()
    what_waits()

    written, mails = told(SEVEN)

    assert written == 2
    english, french = said(mails["en"]), said(mails["fr"])
    assert english[0] == "The summary of Tuesday 3 March 2026"
    assert french[0] == "Résumé du mardi 3 mars 2026"
    for line in (
        "- Bookings made: 2", "- Bookings paid and confirmed: 1", "- Calls that took place: 1",
        "- Cancelled after payment: 1", "- Ended without payment: 1",
        "- Payouts asked for: 1", "- Payouts that arrived: 1", "- Payouts that failed: 1",
        "- Runs of periodic jobs: 1", "- Other jobs, tried for the last time: 1", "- Payments declined: 2",
        "- Refunds that failed: 1", "- Transfers that failed: 1", "- Mails that could not be sent: 1",
        "- Mails that came back: 1", "- Mails marked as spam: 1", "- Disputes opened: 1",
        "- Open alerts: 1", "- Payouts to approve: 1", "- Disputes to answer: 1", "- Failed refunds: 1",
        "4 things wait for a decision or for help.",
    ):  # fmt: skip
        assert line in english, line
    euro = english[english.index("Money in EUR") :]
    assert euro[1:6] == [
        "- Paid by fans: €200.00",
        "- Given back to fans: €25.00",
        "- Commission: €12.00",
        "- Left to the platform after Stripe’s fees: €11.70",
        "- Arrived at creators’ banks: €40.00",
    ]
    assert english[english.index("Money in CHF") + 1 :][:4:3] == [
        "- Paid by fans: CHF 70.00",
        "- Left to the platform after Stripe’s fees: -CHF 0.90",
    ]
    assert "- Payé par les fans : 200,00 €" in french
    assert "- Payé par les fans : 70,00 CHF" in french
    assert not {"Outcomes to decide", "Nothing to report"} & {
        line.strip("- ").split(":")[0] for line in english
    }
    assert "/fr/dashboard/admin/jobs/alert/?open=yes" in mails["fr"].text
    log = LogEntry.objects.get(type="SUMMARY_WRITTEN")
    assert (log.metadata["day"], log.metadata["admins"]) == ("2026-03-03", 2)
    assert turnover(since=UNTIL + TICK, until=UNTIL + timedelta(days=9)) == []


@pytest.mark.django_db
def test_nothing_to_report():
    """EM-5: a day without anything is told of as well, and says so."""
    make_admin()
    _, mails = told(SEVEN)
    text = said(mails["en"])
    assert [text[text.index(title) + 1] for title in ("Bookings", "Money", "Payouts", "What failed")] == [
        "Nothing to report"
    ] * 4
    assert "Nothing waits for you." in text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 3, 3), 24)]
)
def test_days_on_which_clocks_are_changed(day, hours):
    """JO-2: from midnight to midnight in the platform's zone, nothing twice and nothing left out."""
    since = datetime.combine(day, datetime.min.time(), PARIS).astimezone(UTC)
    for at in (since - TICK, since, since + timedelta(hours=hours) - TICK, since + timedelta(hours=hours)):
        LogEntry.objects.create(
            level="INFO", type="PAYMENT_FAILED", actor_kind="SYSTEM", message="m", created_at=at
        )
    make_admin()
    told(datetime.combine(day + timedelta(days=1), datetime.min.time(), PARIS) + timedelta(hours=7))
    mail = EmailLog.objects.get()
    assert mail.context["day"] == day.isoformat()
    assert mail.context["tables"][2]["rows"][0]["count"] == 2
    assert mail.expires_at == datetime.combine(
        day + timedelta(days=2), datetime.min.time(), PARIS
    ) + timedelta(hours=7)


@pytest.mark.django_db
def test_once_for_each_day_and_only_of_the_last_one(settings):
    """JO-2: made up for later in the day, never again, and not for days that are past."""
    make_admin()
    job = registry.job_named(JOB)
    assert (job.when.zone, job.when.following(SEVEN)) == (
        "Europe/Paris",
        SEVEN.replace(second=0) + timedelta(days=1),
    )
    later = SEVEN + timedelta(hours=9)
    assert [told(at)[0] for at in (later, later, later + timedelta(hours=7))] == [1, 0, 0]
    assert told(SEVEN + timedelta(days=5))[0] == 1
    days = EmailLog.objects.order_by("created_at").values_list("context__day", flat=True)
    assert list(days) == ["2026-03-03", "2026-03-08"]
    late = make_admin()
    assert told(SEVEN + timedelta(days=5, minutes=1))[0] == 1
    assert EmailLog.objects.get(recipient=late).context["day"] == "2026-03-08"
    settings.PLATFORM_TIME_ZONE = "Pacific/Auckland"
    assert told(SEVEN + timedelta(days=6))[0] == 2


@pytest.mark.django_db
def test_who_does_not_want_it_does_not_get_it():
    """NO-2: asked when it leaves. And what is a day old is not sent any more."""
    admin = make_admin()
    _, mails = told(SEVEN)
    choose_emails(user=admin, wanted={Kind.DAILY_SUMMARY: False}, way=Way.SETTINGS, now=SEVEN)
    assert send_email(email_id=mails["en"].pk, now=SEVEN) == "skipped"
    assert EmailLog.objects.get().skip_reason == "not_wanted"
    other = make_admin()
    told(SEVEN)
    mail = EmailLog.objects.get(recipient=other)
    assert send_email(email_id=mail.pk, now=SEVEN + timedelta(days=1)) == "skipped"
    mail.refresh_from_db()
    assert (mail.skip_reason, mail.priority) == ("expired", Priority.SUMMARY)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_at_once_tell_once(monkeypatch):
    """JO-2: the job runs once at a time; and of two that got past that, one mail is left for each admin."""
    make_admin()
    together, answers = Barrier(2), []

    def both_have_looked(**about):
        together.wait(10)
        return summary_of(**about)

    monkeypatch.setattr(summarize, "summary_of", both_have_looked)

    def run(work):
        answers.append(work())
        connections.close_all()

    def in_threads(work):
        threads = [Thread(target=run, args=(work,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(15)

    in_threads(lambda: summarize.send_daily_summary(now=SEVEN, periodic=[])["written"])
    assert answers == [1, 1]  # the control: both were about to write it
    assert EmailLog.objects.count() == 1
    answers.clear()
    EmailLog.objects.all().delete()
    slow = Barrier(2)
    monkeypatch.setattr(summarize, "summary_of", lambda **about: (slow.wait(10), summary_of(**about))[1])

    def start():
        status = run_job(name=JOB, trigger=Trigger.SCHEDULE, now=SEVEN).status
        if status == RunStatus.SKIPPED:
            slow.wait(10)
        return status

    in_threads(start)
    assert sorted(answers) == ["skipped", "success"]
    assert EmailLog.objects.count() == 1
