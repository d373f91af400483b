"""LO-2: what has been kept long enough goes, and nothing else; in small batches, in nobody's way."""

from datetime import timedelta
from threading import Thread

import pytest
from django.db import OperationalError, connection, connections, transaction

from callastar.audit.models import LogEntry
from callastar.audit.retention import forget_entries
from callastar.bookings.operations.reserve import reserve_offer
from callastar.core import clock
from callastar.core.batches import BATCH
from callastar.jobs.models import CronExecution, RunStatus, Trigger
from callastar.jobs.operations import cleanup
from callastar.jobs.operations.cleanup import clean_logs
from callastar.jobs.operations.run import run_job
from callastar.mail.models import EmailLog
from callastar.webhooks.models import WebhookEvent
from callastar.webhooks.operations.inbox import replay_event
from callastar.webhooks.refusals import EventForgottenError
from tests.factories import make_offer, make_user
from tests.jobs import empty_queue

A_SECOND = timedelta(seconds=1)
DAYS = {"INFO": 30, "WARNING": 60, "ERROR": 90}
MANY = 20_000


def log(level, at):
    return LogEntry.objects.create(level=level, type="T", actor_kind="SYSTEM", message="m", created_at=at)


def fill(number, *, age, level="INFO"):
    """Many log entries of one age, as quickly as the database can."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_logentry (id, level, type, actor_kind, message, metadata, created_at)"
            " SELECT gen_random_uuid(), %s, 'T', 'SYSTEM', 'm', '{}', %s - n * interval '1 millisecond'"
            " FROM generate_series(1, %s) AS n",
            [level, clock.now() - age, number],
        )
        cursor.execute("ANALYZE audit_logentry")


def mail(at, **fields):
    values = {"html": "h", "text": "t", "attachments": [{"name": "a"}], "context": {"n": 1}, "status": "sent"}
    known = EmailLog.objects.count()
    return EmailLog.objects.create(
        dedupe_key=f"{known}", template="x", to="a@example.com", created_at=at, **{**values, **fields}
    )


def event(at):
    number = WebhookEvent.objects.count()
    return WebhookEvent.objects.create(
        provider="stripe",
        event_id=f"evt_{number}",
        type="x",
        payload={"a": 1},
        occurred_at=at,
        received_at=at,
    )


def queued(status, at):
    """A job of the queue that has had its last event then."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('q', 't') RETURNING id"
        )
        (job,) = cursor.fetchone()
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = %s::procrastinate_job_status WHERE id = %s", [status, job]
        )
        cursor.execute("UPDATE procrastinate_events SET at = %s WHERE job_id = %s", [at, job])
    return job


def queue():
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM procrastinate_jobs ORDER BY id")
        return [job for (job,) in cursor.fetchall()]


@pytest.mark.django_db
def test_what_is_a_second_too_old_goes_and_what_is_not_stays():
    """LO-2, EM-1, JO-4: each level and kind to the second; CRITICAL for ever; mails that wait, jobs to be done stay."""
    now = clock.now()
    kept = []
    for level, days in DAYS.items():
        log(level, now - timedelta(days=days) - A_SECOND)
        kept.append(log(level, now - timedelta(days=days)).pk)
    kept.append(log("CRITICAL", now - timedelta(days=5000)).pk)
    long_ago, just_not = now - timedelta(days=90) - A_SECOND, now - timedelta(days=90)
    old_mail, waits, young_mail = mail(long_ago), mail(long_ago, status="pending"), mail(just_not)
    old_event, young_event = event(long_ago), event(just_not)
    month = now - timedelta(days=30)
    for at in (month - A_SECOND, month):
        CronExecution.objects.create(job="watch", trigger="schedule", status="success", started_at=at)
    empty_queue()
    queued("failed", month - A_SECOND)
    stays = [queued("todo", month - A_SECOND), queued("failed", month)]
    queued("cancelled", month - A_SECOND)

    counts = clean_logs(now=now)

    assert counts == {**dict.fromkeys(cleanup.PARTS, 1), "jobs": 2}
    run_entry = LogEntry.objects.get(type="LOG_CLEANUP")
    assert run_entry.metadata == {**counts, "failed": 0}
    assert set(LogEntry.objects.filter(type="T").values_list("pk", flat=True)) == set(kept)
    assert queue() == stays
    for row in (old_mail, waits, young_mail, old_event, young_event):
        row.refresh_from_db()
    assert (old_mail.html, old_mail.text, old_mail.attachments, old_mail.context) == ("", "", [], {})
    assert (old_mail.bodies_forgotten_at, old_mail.status, old_mail.to) == (now, "sent", "a@example.com")
    assert (waits.html, young_mail.html) == ("h", "h")
    assert (old_event.payload, young_event.payload) == ({}, {"a": 1})
    with pytest.raises(EventForgottenError):
        replay_event(event_id=old_event.pk)
    assert queue() == stays
    assert CronExecution.objects.get().started_at == month
    again = clean_logs(now=now)
    assert not any(again.values())


@pytest.mark.django_db
def test_many_go_in_small_batches():
    """LO-2: never more than a batch in one transaction, and no batch reads what those before it have deleted."""
    fill(MANY, age=timedelta(days=31))
    fill(10, age=timedelta(days=29))
    read = []

    def look(execute, sql, params, many, context):
        if "FOR UPDATE" in sql:
            with connection.connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)
                read.append(_rows_read(cursor.fetchone()[0][0]["Plan"]))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        batches = list(forget_entries(level="INFO", now=clock.now()))
    assert sum(batches) == MANY
    assert max(batches) == BATCH
    assert max(read) <= 2 * BATCH
    assert LogEntry.objects.count() == 10


def _rows_read(plan):
    """Most rows that any step of a plan has looked at."""
    below = [_rows_read(each) for each in plan.get("Plans", ())]
    return max([plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0), *below])


def in_thread(work):
    """What it answers or raises, done in another session, or nothing if it is not done within five seconds."""
    found = []

    def do():
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '500ms'")
            try:
                found.append(work())
            except OperationalError as error:
                found.append(error)
            cursor.execute("RESET lock_timeout")
        connections.close_all()

    thread = Thread(target=do)
    thread.start()
    thread.join(5)
    return found[0] if found else None


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_it():
    """LO-2: in the middle of a batch others book and write to the log; the control: only its own rows are held.

    And the other way round: rows that somebody else holds are left for the next run.
    """
    fill(3 * BATCH, age=timedelta(days=31))
    offer, fan, now = make_offer(), make_user(), clock.now()
    oldest = LogEntry.objects.order_by("created_at").first()
    seen = []

    def meanwhile(execute, sql, params, many, context):
        done = execute(sql, params, many, context)
        if sql.startswith("DELETE") and not seen:
            seen.append(in_thread(lambda: reserve_offer(offer_id=offer.pk, fan=fan, now=now).booking.status))
            seen.append(in_thread(lambda: log("INFO", now).type))
            seen.append(in_thread(lambda: LogEntry.objects.filter(pk=oldest.pk).update(message="mine")))
        return done

    with connection.execute_wrapper(meanwhile):
        batches = forget_entries(level="INFO", now=now)
        assert next(batches) == BATCH
        assert seen[:2] == ["PENDING", "T"]
        assert isinstance(seen[2], OperationalError)
        batches.close()  # the run is killed here
    held = LogEntry.objects.filter(type="T").order_by("created_at").first()
    with transaction.atomic():
        LogEntry.objects.select_for_update().get(pk=held.pk)
        assert in_thread(lambda: sum(_all_of_it(now))) == 2 * BATCH - 1
    assert sum(forget_entries(level="INFO", now=now)) == 1
    assert LogEntry.objects.filter(type="T").count() == 1


def _all_of_it(now):
    return list(forget_entries(level="INFO", now=now))


@pytest.mark.django_db
def test_a_part_that_fails_stops_no_other(monkeypatch):
    """LO-2, JO-4: the run has failed, says so with what it has done, and what it could not do is done next time."""
    now = clock.now()
    log("INFO", now - timedelta(days=31))
    log("ERROR", now - timedelta(days=91))
    event(now - timedelta(days=91))

    def fail(*, now):
        yield 7
        raise OSError("disk full")

    monkeypatch.setattr(cleanup, "PARTS", {**cleanup.PARTS, "warning": fail})
    run = run_job(name="cleanup-logs", trigger=Trigger.SCHEDULE, now=now)
    assert (run.status, str(run.error)) == (RunStatus.FAILURE, "disk full")
    entry = LogEntry.objects.get(type="LOG_CLEANUP")
    assert {name: entry.metadata[name] for name in ("info", "warning", "error", "payloads", "failed")} == {
        "info": 1, "warning": 7, "error": 1, "payloads": 1, "failed": 1,
    }  # fmt: skip
    assert LogEntry.objects.get(type="LOG_CLEANUP_FAILED").metadata["part"] == "warning"
    assert not LogEntry.objects.filter(type="T").exists()
