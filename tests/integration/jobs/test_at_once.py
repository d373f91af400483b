"""JO-1, JO-3, JO-4: one run of a job at a time, over sessions, processes and triggers; nobody keeps the lock."""

import asyncio
import json
from contextlib import contextmanager
from datetime import timedelta
from threading import Barrier, Event, Thread

import psycopg
import pytest
from django.core.asgi import get_asgi_application
from django.db import connection
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from callastar.audit.models import LogEntry
from callastar.core import clock
from callastar.core.queue import defer
from callastar.jobs.models import CronExecution, JobState, Trigger
from callastar.jobs.operations.ask import ask_for_run
from callastar.jobs.operations.notes import INTERRUPTED
from callastar.jobs.operations.run import run_job
from callastar.jobs.refusals import JobUnknownError, JobWaitsError
from tests.factories import make_admin
from tests.integration.jobs.jobs_world import replace
from tests.jobs import empty_queue, run_jobs

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "s" * 32
JOB, FREQUENT = "complete-calls", "expire-holds"
PATIENCE = 60
KEY = "hashtextextended('periodic job ' || %s, 0)"
LOCK, UNLOCK = f"SELECT pg_try_advisory_lock({KEY})", f"SELECT pg_advisory_unlock({KEY})"


@contextmanager
def other_process():
    """A session that is nobody's here, as another process has it."""
    parts = connection.get_connection_params()
    session = psycopg.connect(
        dbname=parts["dbname"],
        user=parts["user"],
        host=parts["host"],
        port=parts.get("port"),
        autocommit=True,
    )
    try:
        yield session
    finally:
        session.close()


def is_free(job: str) -> bool:
    """Whether another process may run the job."""
    with other_process() as session:
        got_it = session.execute(LOCK, [job]).fetchone()[0]
        return bool(got_it and session.execute(UNLOCK, [job]).fetchone()[0])


def soon_free(job: str) -> bool:
    """The same; a session that has just ended lets go a moment later."""
    return any(is_free(job) or Event().wait(0.05) for _ in range(200))


class Held:
    """A job that is at work until it may go on."""

    def __init__(self, monkeypatch, job: str) -> None:
        self.inside, self.go_on = Event(), Event()
        replace(monkeypatch, job, self._work)

    def _work(self, now):
        self.inside.set()
        assert self.go_on.wait(PATIENCE)
        return {"completed": 1}


@pytest.fixture(autouse=True)
def _secret(settings):
    settings.CRON_SECRETS = (SECRET,)


def call(job: str = JOB) -> dict:
    answer = Client().post(f"/api/cron/{job}", headers={"Authorization": f"Bearer {SECRET}"})
    return {"http": answer.status_code, **json.loads(answer.content)}


def test_of_calls_at_once_one_runs(monkeypatch):
    """JO-3, JO-4: the others are skipped, from outside and by the clock, each with an execution; then it is free."""
    held, answers = Held(monkeypatch, JOB), []

    def first():
        answers.append(call())
        connection.close()

    thread = Thread(target=first)
    thread.start()
    assert held.inside.wait(PATIENCE)
    assert not is_free(JOB)
    second = call()
    by_clock = run_job(name=JOB, trigger=Trigger.SCHEDULE, now=clock.now())
    held.go_on.set()
    thread.join(PATIENCE)
    assert (second["http"], second["status"]) == (200, "skipped")
    assert by_clock.status == "skipped"
    assert (answers[0]["http"], answers[0]["status"], answers[0]["statistics"]) == (
        200,
        "success",
        {"completed": 1},
    )
    kept = CronExecution.objects.order_by("started_at").values_list("status", "trigger")
    assert list(kept) == [("success", "http"), ("skipped", "http"), ("skipped", "schedule")]
    assert is_free(JOB)
    assert call()["status"] == "success"


def test_who_hangs_up_stops_nothing_and_leaves_no_lock(monkeypatch):
    """JO-3: the run ends as it would have, and is written down."""
    held = Held(monkeypatch, JOB)
    scope = {
        "type": "http",
        "method": "POST",
        "path": f"/api/cron/{JOB}",
        "query_string": b"",
        "client": ("127.0.0.1", 5),
        "headers": [(b"host", b"testserver"), (b"authorization", f"Bearer {SECRET}".encode())],
    }

    async def call_and_hang_up():
        messages = [{"type": "http.request", "body": b""}]

        async def receive():
            if messages:
                return messages.pop()
            await asyncio.to_thread(held.inside.wait, PATIENCE)
            asyncio.get_running_loop().call_later(0.2, held.go_on.set)
            return {"type": "http.disconnect"}

        async def send(message):
            """Nobody listens."""

        await get_asgi_application()(scope, receive, send)

    asyncio.run(call_and_hang_up())
    assert held.inside.is_set()
    assert held.go_on.wait(PATIENCE)
    assert soon_free(JOB)
    row = CronExecution.objects.get()
    assert (row.status, row.trigger, row.statistics) == ("success", "http", {"completed": 1})
    assert is_free(JOB)


def fill_the_pool(sessions: int = 3) -> None:
    """As in a busy process: what is given back to the pool is not what is taken from it next."""
    together = Barrier(sessions)

    def use_one():
        connection.ensure_connection()
        together.wait(PATIENCE)
        connection.close()

    threads = [Thread(target=use_one) for _ in range(sessions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)


def test_a_job_that_fails_lets_go(monkeypatch):
    """JO-4: also where its connection broke meanwhile; the next run is not kept out, and nothing is noted twice."""

    def break_connection(now):
        with other_process() as session:
            session.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
        CronExecution.objects.count()

    fill_the_pool()
    for number, work in enumerate((lambda now: 1 / 0, break_connection), start=1):
        replace(monkeypatch, JOB, work)
        run = run_job(name=JOB, trigger=Trigger.SCHEDULE, now=clock.now())
        assert run.status == "failure"
        assert is_free(JOB)
        assert JobState.objects.get().failures == number
    assert [row.status for row in CronExecution.objects.all()] == ["failure", "failure"]
    replace(monkeypatch, JOB, lambda now: {"completed": 0})
    assert run_job(name=JOB, trigger=Trigger.SCHEDULE, now=clock.now()).status == "success"


def test_a_killed_process_does_not_keep_the_job(monkeypatch):
    """JO-1, JO-4: its lock goes with its session; its run has failed, also one of which no row was kept."""
    begin = clock.now() - timedelta(minutes=1)
    replace(monkeypatch, JOB, lambda now: {"completed": 0})
    replace(monkeypatch, FREQUENT, lambda now: {"expired": 0})
    with other_process() as session:
        for job in (JOB, FREQUENT):
            assert session.execute(LOCK, [job]).fetchone() == (True,)
            JobState.objects.create(name=job, seen_at=begin, started_at=begin)
        CronExecution.objects.create(job=JOB, trigger=Trigger.SCHEDULE, started_at=begin)
        assert run_job(name=JOB, trigger=Trigger.SCHEDULE, now=clock.now()).status == "skipped"
    for job in (JOB, FREQUENT):
        assert soon_free(job)
        assert run_job(name=job, trigger=Trigger.SCHEDULE, now=clock.now()).status == "success"
        dead = CronExecution.objects.get(job=job, started_at=begin)
        assert (dead.status, dead.error) == ("failure", INTERRUPTED)
        run_job(name=job, trigger=Trigger.SCHEDULE, now=clock.now())
        assert CronExecution.objects.filter(job=job, status="failure").count() == 1


def fetch() -> str | None:
    """The name of the job that a worker would take now."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
        cursor.execute("SELECT task_name FROM procrastinate_fetch_job_v2(NULL, %s)", cursor.fetchone())
        return cursor.fetchone()[0]


def test_what_is_asked_for_while_a_run_goes_on_runs_after_it(monkeypatch):
    """JO-1: it waits in the queue, once, for the run before; an admin's is theirs in execution and log."""
    ran, admin, now = [], make_admin(), clock.now()
    replace(monkeypatch, JOB, lambda now: {"completed": ran.append(now) or 0})
    empty_queue()
    defer(JOB, timestamp=0)
    assert fetch() == JOB
    ask_for_run(name=JOB, admin=admin, now=now)
    for name, refusal in ((JOB, JobWaitsError), ("keep-time", JobUnknownError), ("no-job", JobUnknownError)):
        with pytest.raises(refusal):
            ask_for_run(name=name, admin=admin, now=now)
    assert ProcrastinateJob.objects.filter(status="todo").count() == 1
    assert fetch() is None
    ProcrastinateJob.objects.filter(status="doing").update(status="succeeded")
    assert run_jobs() == []
    row = CronExecution.objects.get()
    assert (row.trigger, row.status, len(ran)) == ("admin", "success", 1)
    for type in ("JOB_ASKED", "JOB_STARTED"):
        entry = LogEntry.objects.get(type=type)
        assert (entry.actor_kind, entry.actor_id) == ("ADMIN", admin.pk)
