"""JO-4, EM-2: admins hear once of what stands still, in the app and by mail, and once more when it is over."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from callastar.audit.models import LogEntry
from callastar.core import clock
from callastar.core.queue import Later
from callastar.jobs.models import Alert, AlertKind, CronExecution, JobState, Pulse, Trigger
from callastar.jobs.operations import outside
from callastar.jobs.operations import watch as watching
from callastar.jobs.operations.run import Run, run_job
from callastar.jobs.operations.timing import DAILY_AGAIN, beat_and_start
from callastar.jobs.operations.watch import watch
from callastar.jobs.queries import silent_jobs, workers_silent_since
from callastar.jobs.registry import JOBS
from callastar.jobs.schedule import Daily
from callastar.mail.models import EmailLog, EmailStatus
from callastar.mail.operations import queue_email
from callastar.notifications.models import Notification
from tests.factories import make_admin, make_user
from tests.integration.jobs.jobs_world import replace
from tests.jobs import empty_queue

pytestmark = pytest.mark.django_db
JOB = "complete-calls"
SCHEDULES = {job.name: job.when for job in JOBS}
MINUTE = timedelta(minutes=1)


@pytest.fixture
def now() -> datetime:
    """A Tuesday; the tests wait by adding to it."""
    return clock.now().replace(hour=12, minute=0, second=0, microsecond=0)


@pytest.fixture(autouse=True)
def admins(db) -> list:
    """Two admins who are told, and two people who are not."""
    make_user()
    make_admin(is_active=False)
    return [make_admin(locale="en"), make_admin(locale="fr")]


def told(admins) -> list[str]:
    """What all admins were told, in this order: each of them by notification and mail alike. The mails leave."""
    everybody = []
    for admin in admins:
        mails = EmailLog.objects.filter(recipient=admin, template="alert_admin").order_by("created_at", "pk")
        said = [mail.context["what"] for mail in mails]
        notified = Notification.objects.filter(recipient=admin).order_by("created_at", "pk")
        assert sorted(row.params["variant"] for row in notified) == sorted(said)
        everybody.append(said)
    assert everybody[0] == everybody[1]
    mails = EmailLog.objects.filter(template="alert_admin")
    assert mails.update(status=EmailStatus.SENT) == 2 * len(everybody[0])
    return everybody[0]


def run(at: datetime, job: str = JOB) -> Run:
    return run_job(name=job, trigger=Trigger.SCHEDULE, now=at)


def live(since: datetime, until: datetime) -> None:
    """Workers that live, and jobs that have all run."""
    for name in SCHEDULES:
        JobState.objects.update_or_create(
            name=name,
            defaults={"seen_at": since, "started_at": until, "ended_at": until, "fired_at": until},
        )
    Pulse.objects.update_or_create(pk=1, defaults={"beat_at": until, "since": since})


def test_two_failures_in_a_row_are_told_once(monkeypatch, now, admins):
    """JO-4: not the first, not the third; once more when a run goes well; a success between them starts anew."""

    def fail(at):
        raise RuntimeError("no way")

    well = lambda at: {"completed": 0}  # noqa: E731
    expected: list[str] = []
    Pulse.objects.create(beat_at=now + timedelta(days=1), since=now)
    stories = [(fail, []), (well, []), (fail, []), (fail, ["job_failed"]), (fail, []), (fail, [])]
    stories += [(well, ["job_failed_over"]), (well, []), (fail, []), (fail, ["job_failed"])]
    for minute, (work, news) in enumerate(stories):
        replace(monkeypatch, JOB, work)
        run(now + minute * MINUTE)
        watch(schedules={JOB: SCHEDULES[JOB]}, now=now + minute * MINUTE)
        expected += news
        assert told(admins) == expected, minute
    first, second = Alert.objects.order_by("opened_at")
    assert (first.kind, first.key, first.details["failures"]) == ("job_failed", JOB, 2)
    assert first.details["error"] == "RuntimeError: no way"
    assert (first.closed_at is None, second.closed_at) == (False, None)
    assert LogEntry.objects.filter(type="ALERT_OPENED", level="CRITICAL").count() == 2
    links = set(Notification.objects.values_list("link", flat=True))
    assert links == {f"dashboard/admin/jobs/jobstate/{JOB}/change/"}


def test_a_job_that_does_not_run_is_told_once(now, admins):
    """JO-4: after three of its periods, whatever kept it; and when it runs again."""
    live(now - timedelta(days=1), now)
    others = {name: now + timedelta(days=9) for name in SCHEDULES if name != JOB}
    for name, at in others.items():
        JobState.objects.filter(pk=name).update(started_at=at)

    def look(minutes: float) -> list[str]:
        at = now + minutes * MINUTE
        Pulse.objects.update(beat_at=at)
        watch(schedules=SCHEDULES, now=at)
        return told(admins)

    assert look(3) == []
    assert look(3.1) == look(4) == look(60) == ["job_silent"]
    alert = Alert.objects.get()
    assert (alert.kind, alert.key, alert.details["last_at"]) == ("job_silent", JOB, now.isoformat())
    run(now + 61 * MINUTE)
    assert look(61) == look(62) == ["job_silent", "job_silent_over"]
    assert look(66) == ["job_silent", "job_silent_over", "job_silent"]


def test_a_job_that_is_gone_is_nobodys_trouble(now, admins):
    """JO-4: removed or renamed: its alerts end without a word, and none comes."""
    live(now, now)
    for name in ("old-name", "older-name"):
        JobState.objects.create(name=name, seen_at=now - timedelta(days=9), failures=7)
    Alert.objects.create(kind=AlertKind.JOB_FAILED, key="old-name", opened_at=now)
    watch(schedules=SCHEDULES, now=now)
    assert Alert.objects.get().closed_at == now
    assert told(admins) == []


def test_a_new_job_is_given_time(now, admins):
    """JO-4: nobody misses what was never there."""
    watch(schedules=SCHEDULES, now=now)
    Pulse.objects.create(beat_at=now, since=now)
    watch(schedules=SCHEDULES, now=now + 2 * MINUTE)
    assert told(admins) == []
    assert set(JobState.objects.values_list("seen_at", flat=True)) == {now}


def test_mails_that_do_not_leave_are_told_once(now, admins):
    """EM-2: after five minutes; and when they have left."""
    mail = queue_email(
        template="hold_lapsed", recipient=make_user(), dedupe_key="stuck", context={}, metadata={}
    )
    only = {JOB: SCHEDULES[JOB]}
    Pulse.objects.create(beat_at=now + timedelta(days=1), since=now)
    JobState.objects.create(name=JOB, seen_at=now + timedelta(days=1))
    written = EmailLog.objects.get(pk=mail.pk).created_at
    watch(schedules=only, now=written + 5 * MINUTE)
    assert told(admins) == []
    for minutes in (5.1, 6, 90):
        watch(schedules=only, now=written + minutes * MINUTE)
        assert told(admins) == ["mail_stuck"]
    assert Alert.objects.get(kind="mail_stuck").details == {"count": 1, "oldest_at": written.isoformat()}
    EmailLog.objects.update(status=EmailStatus.SENT)
    for minutes in (91, 92):
        watch(schedules=only, now=written + minutes * MINUTE)
        assert told(admins) == ["mail_stuck", "mail_stuck_over"]


def test_silent_workers_are_noticed_by_who_asks(monkeypatch, now, admins, settings):
    """JO-4, JO-3: health check, cron route; told once, by mails that the asked process sends itself."""
    sent: list = []

    def send(*, email_id, now):
        sent.append(email_id)
        EmailLog.objects.filter(pk=email_id).update(status=EmailStatus.SENT)

    monkeypatch.setattr(outside, "send_in_turn", send)
    moment = [now]
    monkeypatch.setattr(clock, "now", lambda: moment[0])

    def health() -> int:
        return Client().get("/healthz/workers").status_code

    assert health() == 200  # nobody has run yet
    live(now, now)
    moment[0] = now + 3 * MINUTE
    assert (health(), told(admins), workers_silent_since(now=moment[0])) == (200, [], None)
    moment[0] = now + 4 * MINUTE
    watch(schedules=SCHEDULES, now=moment[0])  # by a worker that has just come back, before its first beat
    assert told(admins) == []
    settings.CRON_SECRETS = ("s" * 32,)
    replace(monkeypatch, JOB, lambda at: {"completed": 0})
    answer = Client().get(f"/api/cron/{JOB}", headers={"Authorization": f"Bearer {'s' * 32}"})
    assert answer.status_code == 200
    assert (health(), health(), told(admins)) == (503, 503, ["workers_silent"])
    assert sorted(sent) == sorted(EmailLog.objects.values_list("pk", flat=True))
    watch(schedules=SCHEDULES, now=moment[0])
    assert Alert.objects.filter(closed_at=None).count() == 1  # not one for each job
    beat_and_start(schedules=SCHEDULES, now=now + 12 * MINUTE)
    moment[0] = now + 12 * MINUTE
    assert (health(), told(admins)) == (200, ["workers_silent", "workers_silent_over"])
    watch(schedules=SCHEDULES, now=now + 12 * MINUTE)
    assert told(admins) == ["workers_silent", "workers_silent_over"]
    assert silent_jobs(schedules=SCHEDULES, now=now + 14 * MINUTE) == {}  # they are given time again
    Alert.objects.create(kind=AlertKind.WORKERS_SILENT, opened_at=now, details={"last_at": now.isoformat()})
    watch(schedules=SCHEDULES, now=now + 13 * MINUTE)  # told by who was a moment too late
    assert not Alert.objects.filter(closed_at=None).exists()


def test_what_the_provider_does_not_take_is_tried_by_who_asks_next(monkeypatch, now, admins):
    """JO-4, JO-3: there is no worker that would; whatever goes wrong meanwhile, who asks gets an answer."""
    tried: list = []
    troubles: list = [Later(now), Later(now), ValueError("odd"), None, None]

    def send(*, email_id, now):
        tried.append(email_id)
        if trouble := troubles.pop(0):
            raise trouble
        EmailLog.objects.filter(pk=email_id).update(status=EmailStatus.SENT)

    live(now, now)
    monkeypatch.setattr(clock, "now", lambda: now + 4 * MINUTE)
    monkeypatch.setattr(outside, "send_in_turn", send)
    asked = [(Client().get("/healthz/workers").status_code, len(tried)) for _ in range(4)]
    assert asked == [(503, 2), (503, 4), (503, 5), (503, 5)]
    assert tried == [*tried[:2], *tried[:2], tried[0]]
    monkeypatch.setattr(outside, "open_alert", lambda **_options: 1 / 0)
    assert Client().get("/healthz/workers").status_code == 503
    assert told(admins) == ["workers_silent"]


def test_silence_that_nobody_noticed_is_told_afterwards(now, admins):
    """JO-4: when workers come back after 12 minutes; a short exchange of workers is none."""
    beat_and_start(schedules=SCHEDULES, now=now)
    beat_and_start(schedules=SCHEDULES, now=now + 2.5 * MINUTE)
    assert told(admins) == []
    beat_and_start(schedules=SCHEDULES, now=now + 14.5 * MINUTE)
    beat_and_start(schedules=SCHEDULES, now=now + 15.5 * MINUTE)
    assert told(admins) == ["workers_silent_over"]
    alert = Alert.objects.get()
    assert (alert.opened_at, alert.closed_at) == (now + 2.5 * MINUTE, now + 14.5 * MINUTE)


def test_the_watch_is_watched(now, admins):
    """JO-4: by the clock; that it runs again it says itself."""
    live(now, now)
    JobState.objects.exclude(pk="watch").update(started_at=now + timedelta(days=1))
    for minutes in (2, 4, 5):
        Pulse.objects.update(beat_at=now + minutes * MINUTE)
        beat_and_start(schedules=SCHEDULES, now=now + minutes * MINUTE)
    assert told(admins) == ["job_silent"]
    run(now + 6 * MINUTE, "watch")
    assert told(admins) == ["job_silent", "job_silent_over"]


def started(name: str) -> int:
    count = ProcrastinateJob.objects.filter(task_name=name).count()
    empty_queue()
    return count


def test_jobs_of_the_day_start_once_each_day(now):
    """JO-2: by whoever comes first; after days without workers once; after a failure again until one goes well."""
    daily = next(job.name for job in JOBS if isinstance(job.when, Daily))
    one = {daily: SCHEDULES[daily]}
    day = timedelta(days=1)

    def tick(at: datetime) -> int:
        beat_and_start(schedules=one, now=at)
        return started(daily)

    assert tick(now) == 0  # today's time had passed before anybody knew the job
    assert [tick(now + day), tick(now + day), tick(now + day + MINUTE)] == [1, 0, 0]
    assert [tick(now + 5 * day), tick(now + 5 * day + MINUTE)] == [1, 0]
    state = JobState.objects.filter(pk=daily)
    begin = now + 5 * day
    state.update(started_at=begin, ended_at=begin + MINUTE, failures=1)
    assert tick(begin + DAILY_AGAIN) == 0
    assert tick(begin + DAILY_AGAIN + 2 * MINUTE) == 1
    state.update(started_at=begin + 2 * DAILY_AGAIN)  # at work again
    assert tick(begin + 4 * DAILY_AGAIN) == 0
    state.update(ended_at=begin + 3 * DAILY_AGAIN, failures=0)
    assert tick(begin + 9 * DAILY_AGAIN) == 0
    assert not CronExecution.objects.exists()


def test_what_works_again_meanwhile_is_not_told(monkeypatch, now, admins):
    """JO-4: a run that goes well while the watch looks: nothing is told of it after its own news."""
    live(now, now)
    stale = {JOB: {"job": JOB, "failures": 2, "error": "RuntimeError: no way"}}
    monkeypatch.setattr(watching, "_failing", lambda schedules: stale)
    assert watch(schedules=SCHEDULES, now=now)["opened"] == 0
    assert told(admins) == []
    JobState.objects.filter(pk=JOB).update(failures=2)
    assert watch(schedules=SCHEDULES, now=now)["opened"] == 1
    assert told(admins) == ["job_failed"]
