"""JO-2, JO-4: admins see every job, its runs and its alerts, and have one run now."""

from datetime import timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from callastar.audit.models import LogEntry
from callastar.core import clock
from callastar.jobs.models import Alert, AlertKind, CronExecution, JobState, Pulse, RunStatus, Trigger
from callastar.jobs.operations.notes import see_jobs
from callastar.jobs.registry import JOBS
from tests.jobs import empty_queue, run_jobs

pytestmark = pytest.mark.django_db
JOB = "process-payouts"


@pytest.fixture
def failed() -> CronExecution:
    """A run that failed, of a job of which admins were told."""
    now = clock.now()
    empty_queue()
    see_jobs([job.name for job in JOBS], now=now)
    Pulse.objects.create(beat_at=now, since=now)
    JobState.objects.filter(pk=JOB).update(started_at=now, ended_at=now, failures=3)
    JobState.objects.filter(pk="watch").update(seen_at=now - timedelta(days=1))
    details = {"job": JOB, "failures": 2, "error": "RuntimeError: <b>no</b>"}
    Alert.objects.create(kind=AlertKind.JOB_FAILED, key=JOB, opened_at=now, details=details)
    closed = now - timedelta(days=1)
    Alert.objects.create(
        kind=AlertKind.MAIL_STUCK,
        opened_at=closed,
        closed_at=closed,
        details={"count": 4, "oldest_at": now.isoformat()},
    )
    CronExecution.objects.create(job="watch", trigger=Trigger.HTTP, status=RunStatus.SKIPPED, started_at=now)
    return CronExecution.objects.create(
        job=JOB,
        trigger=Trigger.SCHEDULE,
        status=RunStatus.FAILURE,
        started_at=now,
        ended_at=now,
        duration_ms=1540,
        statistics={"paid": 3, "skipped": 0},
        error="RuntimeError: <b>no</b>",
    )


def test_every_job_is_listed_as_it_stands(office, failed):
    """JO-2: also those that have not run, with when they run next; in both languages."""
    page = office.page("jobs/jobstate/")
    for job in JOBS:
        assert f">{job.name}</code>" in page
    for said in (
        "every 5 seconds",
        "every minute",
        "every hour",
        "every day at 03:30 (UTC)",
        "Keeps failing",
    ):
        assert said in page
    assert "Has not run yet" in page
    for place in ("jobs/jobstate/", "jobs/cronexecution/", "jobs/alert/", f"jobs/jobstate/{JOB}/change/"):
        assert office.client.get(office.address(place, "fr")).status_code == 200


def test_a_jobs_page_shows_its_runs_and_alerts(office, failed):
    """JO-4: what failed, what was told, and a way to run it; none for those of the clock; markup is text."""
    page = office.page(f"jobs/jobstate/{JOB}/change/")
    for said in ("It has failed 2 times in a row", "paid: 3", "1.5\N{NO-BREAK SPACE}s", "By the clock"):
        assert said in page
    assert "&lt;b&gt;no" in page
    assert "<b>no" not in page
    assert f"{JOB}/run/" in page
    assert "keep-time/run/" not in office.page("jobs/jobstate/keep-time/change/")
    for unknown in ("no-job", "old-name"):
        JobState.objects.get_or_create(name="old-name", defaults={"seen_at": clock.now()})
        assert office.get(f"jobs/jobstate/{unknown}/change/").status_code == 404


def test_executions_are_filtered_and_read(office, step, failed):
    """JO-4: by status, trigger and job; all that is known of one."""
    assert "Rows: 2" in office.page("jobs/cronexecution/")
    for filter in ({"status__exact": "failure"}, {"trigger__exact": "schedule"}, {"job": JOB}):
        page = office.page("jobs/cronexecution/", **filter)
        assert "Rows: 1" in page, filter
        assert step(failed) in page
    page = office.page(step(failed))
    for said in ("&quot;paid&quot;: 3", "RuntimeError: &lt;b&gt;no", f"jobs/jobstate/{JOB}/change/"):
        assert said in page
    skipped = CronExecution.objects.get(status="skipped")
    assert "Another run of this job went on" in office.page(step(skipped))


def test_alerts_are_listed_and_stand_on_the_first_page(office, step, failed):
    """JO-4: while they last; also that no worker runs, which nobody may have told."""
    assert "Rows: 2" in office.page("jobs/alert/")
    page = office.page("jobs/alert/", open="yes")
    assert "Rows: 1" in page
    alert = Alert.objects.get(closed_at=None)
    assert "Look at the error" in office.page(step(alert))
    over = office.page(step(Alert.objects.get(kind="mail_stuck")))
    assert "Mails that wait to be sent: 4" in over
    first = office.get("")
    assert [text[:60] for _, text in first.context["alerts"]] == [
        "The job “process-payouts” keeps failing. It has failed 2 tim"
    ]
    assert "It has failed 2 times" in first.content.decode()
    (waiting,) = [each for each in first.context["overview"] if each.label == "Open alerts"]
    assert (waiting.value, waiting.variant) == (1, "danger")
    assert "Rows: 1" in office.client.get(waiting.url).content.decode()
    Pulse.objects.update(beat_at=clock.now() - timedelta(minutes=9))
    Alert.objects.bulk_create(
        [
            Alert(kind=AlertKind.JOB_SILENT, key=job.name, opened_at=clock.now(), details={})
            for job in JOBS[:7]
        ]
    )
    texts = [text for _, text in office.get("").context["alerts"]]
    assert len(texts) == 7
    assert texts[-2] == "More open alerts: 3"
    assert texts[-1].startswith("No worker runs. Nothing was heard of one since ")
    Alert.objects.update(closed_at=clock.now())
    Pulse.objects.update(beat_at=clock.now())
    assert office.get("").context["alerts"] == []


def test_an_admin_has_a_job_run_now(office, failed, admin, at_stripe):
    """JO-4: by a worker, with trigger, row and log entry; only by a button; once."""
    run = f"jobs/jobstate/{JOB}/run/"
    assert office.get(run).status_code == 405
    assert not ProcrastinateJob.objects.filter(task_name=JOB).exists()
    said = office.said(office.post(run))
    assert said == ["The job runs in a moment; its run then appears below."]
    assert office.said(office.post(run)) == ["A run of this job waits already and begins in a moment."]
    assert office.said(office.post("jobs/jobstate/keep-time/run/")) == ["There is no such job."]
    waiting = ProcrastinateJob.objects.filter(task_name__in=[JOB, "keep-time"])
    assert [job.args["admin"] for job in waiting] == [str(admin.pk)]
    assert run_jobs() == []
    row = CronExecution.objects.get(trigger="admin")
    assert (row.job, row.status) == (JOB, "success")
    asked = LogEntry.objects.get(type="JOB_ASKED")
    assert (asked.actor_kind, asked.actor_id, asked.metadata["job"]) == ("ADMIN", admin.pk, JOB)
    assert Alert.objects.get(key=JOB).closed_at is not None
