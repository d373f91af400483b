"""JO-2, JO-4: periodic jobs run one at a time, and what became of each run is known."""

from datetime import timedelta

import pytest

from callastar.audit.models import LogEntry
from callastar.core import clock
from callastar.core.errors import ProviderError, ProviderTrouble
from callastar.jobs import registry, work
from callastar.jobs.models import CronExecution, JobState, RunStatus, Trigger
from callastar.jobs.operations import forget_executions, notes
from callastar.jobs.operations.notes import INTERRUPTED
from callastar.jobs.operations.run import run_job
from tests.integration.jobs.jobs_world import replace
from tests.jobs import run_periodic

pytestmark = pytest.mark.django_db
HTTP, SCHEDULE, ADMIN = Trigger.HTTP, Trigger.SCHEDULE, Trigger.ADMIN


def rows(job: str) -> list[tuple[str, str, dict[str, int]]]:
    """What is kept of the job's runs, the last one first."""
    found = CronExecution.objects.filter(job=job).order_by("-started_at", "-id")
    return list(found.values_list("status", "trigger", "statistics"))


@pytest.mark.django_db(transaction=True)  # one of them reads in a transaction of its own
def test_every_job_runs_on_an_empty_site(at_stripe, at_daily):
    """JO-2, JO-4: each of the registry by hand, with its row, its numbers and its state; none fails."""
    now = clock.now()
    for job in registry.JOBS:
        run = run_job(name=job.name, trigger=ADMIN, now=now)
        assert (run.status, run.error) == (RunStatus.SUCCESS, None), job.name
        assert all(isinstance(count, int) for count in run.statistics.values()), job.name
        row = CronExecution.objects.get(job=job.name)
        assert (row.status, row.trigger, row.started_at) == ("success", "admin", now)
        assert row.ended_at - row.started_at == pytest.approx(
            timedelta(milliseconds=row.duration_ms), abs=timedelta(milliseconds=1)
        )
        state = JobState.objects.get(pk=job.name)
        assert (state.started_at, state.ended_at, state.failures) == (now, row.ended_at, 0)
        assert state.succeeded_at == row.ended_at


def test_frequent_jobs_are_kept_only_when_they_did_something(monkeypatch):
    """JO-4: by the clock; one that somebody starts is kept in any case, and the state is renewed in any case."""
    counts = {"expired": 0}
    replace(monkeypatch, "expire-holds", lambda now: dict(counts))
    run_periodic("expire-holds")
    assert rows("expire-holds") == []
    assert JobState.objects.get(pk="expire-holds").succeeded_at is not None
    counts["expired"] = 2
    run_periodic("expire-holds")
    assert rows("expire-holds") == [("success", "schedule", {"expired": 2})]
    counts["expired"] = 0
    run_job(name="expire-holds", trigger=HTTP, now=clock.now() + timedelta(seconds=1))
    assert rows("expire-holds")[0] == ("success", "http", {"expired": 0})
    replace(monkeypatch, "complete-calls", lambda now: {"completed": 0})
    run_periodic("complete-calls")
    assert rows("complete-calls") == [("success", "schedule", {"completed": 0})]


def test_a_failure_is_kept_and_reaches_the_worker(monkeypatch):
    """JO-4: with type and message, and without what must not be seen; the worker fails as well, and so does its log."""
    secret = "sk_live_" + "a" * 24

    def fail(now):
        raise ProviderError("stripe", ProviderTrouble.PERMANENT, message=f"no key {secret} of Bearer abc.def")

    replace(monkeypatch, "expire-holds", fail)
    with pytest.raises(ProviderError):
        run_periodic("expire-holds")
    row = CronExecution.objects.get()
    assert (row.status, row.trigger, row.statistics) == ("failure", "schedule", {})
    assert row.error.startswith("ProviderError: stripe: permanent")
    log = LogEntry.objects.get(type="JOB_FAILED")
    assert (log.level, log.metadata["execution"]) == ("ERROR", str(row.pk))
    for said in (row.error, log.message):
        assert secret not in said
        assert "abc.def" not in said
    assert JobState.objects.get(pk="expire-holds").failures == 1


@pytest.mark.parametrize(
    ("note", "deed"), [("note_success", lambda now: {"expired": 1}), ("note_failure", lambda now: 1 / 0)]
)
def test_what_became_of_a_run_is_noted_as_a_whole(monkeypatch, note, deed):
    """JO-4: a process that dies between the two notes has not ended its run, and the next one finds it."""

    def die(*_arguments, **_options):
        raise KeyboardInterrupt

    replace(monkeypatch, "complete-calls", deed)
    with monkeypatch.context() as patch:
        patch.setattr(notes, note, die)
        with pytest.raises(KeyboardInterrupt):
            run_job(name="complete-calls", trigger=SCHEDULE, now=clock.now())
    assert rows("complete-calls") == [("running", "schedule", {})]
    assert not LogEntry.objects.filter(type="JOB_FAILED").exists()
    run_job(name="complete-calls", trigger=SCHEDULE, now=clock.now())
    assert CronExecution.objects.filter(error=INTERRUPTED, status="failure").count() == 1


def test_that_the_mail_provider_is_away_is_no_failure_of_asking_it(monkeypatch):
    """JO-4, EM-2: admins hear that mails do not leave, once; that it refuses what is asked is another thing."""
    trouble = [ProviderTrouble.TEMPORARY, ProviderTrouble.PERMANENT]

    def fail(*, now):
        raise ProviderError("resend", trouble.pop(0))

    monkeypatch.setattr(work, "ask_about_unheard", fail)
    run = run_job(name="follow-emails", trigger=SCHEDULE, now=clock.now())
    assert (run.status, run.statistics) == (RunStatus.SUCCESS, {"unreachable": 1})
    assert run_job(name="follow-emails", trigger=SCHEDULE, now=clock.now()).status == RunStatus.FAILURE


def test_nobody_runs_what_is_no_job():
    """JO-3."""
    with pytest.raises(LookupError):
        run_job(name="drop-tables", trigger=ADMIN, now=clock.now())
    assert not CronExecution.objects.exists()
    assert not LogEntry.objects.exists()


def test_a_run_whose_process_died_has_failed(monkeypatch):
    """JO-4: found by the next run of the job, or by the watch where there is none."""
    now = clock.now()
    for job in ("complete-calls", "process-payouts"):
        CronExecution.objects.create(job=job, trigger=SCHEDULE, started_at=now - timedelta(hours=1))
        JobState.objects.create(name=job, seen_at=now, started_at=now)
    replace(monkeypatch, "complete-calls", lambda now: {"completed": 0})
    run_job(name="complete-calls", trigger=SCHEDULE, now=now)
    assert [row[0] for row in rows("complete-calls")] == ["success", "failure"]
    assert JobState.objects.get(pk="complete-calls").failures == 0
    assert [row[0] for row in rows("process-payouts")] == ["running"]
    run = run_job(name="watch", trigger=SCHEDULE, now=now)
    assert run.statistics == {"interrupted": 1, "opened": 0, "closed": 0}
    dead = CronExecution.objects.get(job="process-payouts")
    assert (dead.status, dead.error, dead.ended_at) == ("failure", INTERRUPTED, now)
    assert JobState.objects.get(pk="process-payouts").failures == 1


def test_old_executions_are_forgotten():
    """JO-4: after 30 days, in batches, the oldest first; what runs stays."""
    now = clock.now()
    for days, status in ((40, "success"), (35, "failure"), (31, "running"), (29, "success")):
        CronExecution.objects.create(
            job="watch", trigger=SCHEDULE, status=status, started_at=now - timedelta(days=days)
        )
    before = now - timedelta(days=30)
    assert list(forget_executions(before=before, batch=1)) == [1, 1]
    kept = CronExecution.objects.order_by("started_at").values_list("status", flat=True)
    assert list(kept) == ["running", "success"]
