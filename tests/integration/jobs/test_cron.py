"""JO-3: periodic jobs started from outside, by those who have the secret, from where they may, not too often."""

import json
from contextlib import nullcontext
from datetime import timedelta

import pytest
from django.test import Client

from callastar.audit.models import LogEntry
from callastar.core import clock
from callastar.core.errors import ProviderError, ProviderTrouble
from callastar.core.models import IdempotentAnswer
from callastar.jobs.models import CronCaller, CronExecution, JobState
from callastar.jobs.operations.callers import MOST
from callastar.jobs.registry import JOBS
from tests.factories import make_admin
from tests.integration.jobs.jobs_world import replace

pytestmark = pytest.mark.django_db
SECRET, NEXT = "s" * 32, "n" * 32
JOB = "expire-holds"


@pytest.fixture(autouse=True)
def counted(settings, monkeypatch) -> list:
    """Runs of the job, whose work is counting them."""
    settings.CRON_SECRETS, settings.CRON_ALLOWED_IPS, settings.TRUSTED_PROXIES = (SECRET, NEXT), (), ()
    ran: list = []
    replace(monkeypatch, JOB, lambda now: {"expired": ran.append(now) or len(ran)})
    return ran


def call(path: str = JOB, *, method: str = "POST", said: str | None = f"Bearer {SECRET}", **options):
    """One call, with any header; `options` as those of Django's client."""
    headers = {"Authorization": said} if said is not None else {}
    client = options.pop("client", None) or Client(enforce_csrf_checks=True)
    headers |= options.pop("headers", {})
    return client.generic(method, f"/api/cron/{path}", headers=headers, **options)


def refused(answer, status: int, code: str) -> None:
    """The answer is that problem, and nothing was done."""
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), (
        answer.content
    )
    assert json.loads(answer.content)["code"] == code
    assert not CronExecution.objects.exists()
    assert not JobState.objects.exists()


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize("secret", [SECRET, NEXT])
def test_it_runs_and_answers_with_the_execution(method, secret, counted):
    """JO-3: by either method, with either secret of a rotation."""
    answer = call(method=method, said=f"bearer  {secret}")
    assert answer.status_code == 200, answer.content
    row = CronExecution.objects.get()
    said = json.loads(answer.content)
    assert (said["execution_id"], said["job"], said["status"]) == (str(row.pk), JOB, "success")
    assert said["statistics"] == {"expired": 1} == row.statistics
    assert (row.trigger, row.status, len(counted)) == ("http", "success", 1)
    assert (answer["Cache-Control"], answer["Content-Type"][:16]) == ("no-store", "application/json")
    assert LogEntry.objects.get(type="JOB_STARTED").metadata == {"job": JOB, "trigger": "http"}


def test_bodies_and_kept_answers_play_no_part(counted):
    """JO-3: schedulers send forms, and a key of idempotency gives nobody the answer to another one's secret."""
    headers = {"Idempotency-Key": "one"}
    form = {"data": "a=1", "content_type": "application/x-www-form-urlencoded", "headers": headers}
    assert call(**form).status_code == 200
    assert call(**form).status_code == 200
    assert len(counted) == 2
    assert call(said=None, **form).status_code == 401
    assert not IdempotentAnswer.objects.exists()


def test_without_a_secret_nobody_may(settings):
    """JO-3: 503 and an error in the log, whatever is shown; never open."""
    settings.CRON_SECRETS = ()
    for said in (None, "Bearer ", "Bearer", f"Bearer {SECRET}"):
        refused(call(said=said), 503, "cron_not_configured")
    levels = LogEntry.objects.filter(type="CRON_REFUSED").values_list("level", flat=True)
    assert list(levels) == ["ERROR"] * 4
    CronCaller.objects.update(failures=MOST["failures"])
    refused(call(), 503, "cron_not_configured")  # waiting would not help; the log has said it often enough
    assert LogEntry.objects.filter(type="CRON_REFUSED").count() == 4


def test_only_the_secret_in_the_header_opens():
    """JO-3: nothing, something else, other schemes, a session of an admin: 401."""
    wrong = (None, "", SECRET, f"Basic {SECRET}", "Bearer", f"Bearer {SECRET}x", f"Bearer {SECRET[:-1]}")
    for said in wrong:
        refused(call(said=said), 401, "cron_secret_wrong")
    client = Client()
    client.force_login(make_admin())
    refused(call(said=None, client=client), 401, "cron_secret_wrong")
    assert LogEntry.objects.filter(type="CRON_REFUSED", level="WARNING").count() == len(wrong) + 1


def test_the_secret_in_the_address_is_refused_and_never_written_down(caplog, capfd):
    """JO-3: also beside the right header: it has been seen by every proxy, and must be replaced."""
    for method in ("POST", "GET"):
        for query in (f"secret={SECRET}", f"{SECRET}", f"token=x&token={SECRET}"):
            for said in (None, f"Bearer {SECRET}"):
                refused(call(f"{JOB}?{query}", method=method, said=said), 400, "cron_secret_in_address")
            CronCaller.objects.all().delete()
    refused(call(f"{JOB}?secret={SECRET}x", said=None), 401, "cron_secret_wrong")
    logged = " ".join(str(entry.__dict__) for entry in LogEntry.objects.all())
    captured = capfd.readouterr()
    assert "cron_secret_in_address" in logged
    assert SECRET not in logged + caplog.text + captured.out + captured.err
    assert LogEntry.objects.filter(type="CRON_REFUSED", level="ERROR").count() == 12
    assert call(f"{JOB}?at=12:00").status_code == 200  # what some schedulers add says nothing


FROM = [
    # who connects, what X-Forwarded-For says, proxies that are trusted, and whether the call may come in
    ("203.0.113.9", "", (), True),
    ("198.51.100.7", "", (), False),
    ("198.51.100.7", "203.0.113.9", (), False),
    ("203.0.113.9", "198.51.100.7", (), True),
    ("10.0.0.5", "203.0.113.9", ("10.0.0.0/8",), True),
    ("10.0.0.5", "203.0.113.9, 198.51.100.7", ("10.0.0.0/8",), False),
    ("10.0.0.5", "203.0.113.9, 10.0.0.6", ("10.0.0.0/8",), True),
    ("10.0.0.5", "", ("10.0.0.0/8",), False),
    ("10.0.0.5", "nonsense", ("10.0.0.0/8",), False),
    ("2001:db8:7::1", "", (), True),
    ("2001:db8:8::1", "", (), False),
    ("::ffff:203.0.113.9", "", (), True),
    ("::1", "2001:db8:7::2", ("::1",), True),
    ("", "203.0.113.9", (), False),
]


@pytest.mark.parametrize(("address", "forwarded", "proxies", "may"), FROM)
def test_addresses_that_may_call(settings, address, forwarded, proxies, may):
    """JO-3: networks of both kinds; forwarded headers count only where a trusted proxy wrote them."""
    settings.CRON_ALLOWED_IPS = ("203.0.113.0/24", "2001:db8:7::/48")
    settings.TRUSTED_PROXIES = proxies
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    answer = call(headers=headers, REMOTE_ADDR=address)
    if may:
        assert answer.status_code == 200, answer.content
    else:
        refused(answer, 403, "cron_address_refused")


def test_floods_are_turned_away(counted):
    """JO-3: per address and minute; wrong ones at once, and without a word in the log; a new minute, a new start."""
    begin = clock.now()
    for _ in range(MOST["failures"]):
        assert call(said="Bearer no", REMOTE_ADDR="2001:db8::1").status_code == 401
    for number in range(3):  # of the same network
        answer = call(said="Bearer no", REMOTE_ADDR=f"2001:db8::{number}")
        refused(answer, 429, "too_many_requests")
        assert 1 <= int(answer["Retry-After"]) <= 60
    assert LogEntry.objects.filter(type="CRON_REFUSED").count() == MOST["failures"]
    assert call(REMOTE_ADDR="2001:db8::1").status_code == 200  # the scheduler behind the same proxy
    assert call(said="Bearer no", REMOTE_ADDR="192.0.2.1").status_code == 401
    CronCaller.objects.update(calls=MOST["calls"])
    answer = call(REMOTE_ADDR="192.0.2.1")
    assert (answer.status_code, "Retry-After" in answer) == (429, True)
    assert len(counted) == 1
    CronCaller.objects.update(since=begin - timedelta(seconds=61))
    assert call(REMOTE_ADDR="192.0.2.1").status_code == 200
    assert CronCaller.objects.get(pk="192.0.2.1").calls == 1


def test_what_is_no_job_is_not_there():
    """JO-3: for those with the secret; nobody else learns which jobs there are. The clock is nobody's to move."""
    inner = [job.name for job in JOBS if job.is_inner]
    assert inner
    for name in ("drop-tables", "%00", "Expire-Holds", "x" * 300, *inner):
        refused(call(name), 404, "job_unknown")
    refused(call("drop-tables", said=None), 401, "cron_secret_wrong")
    assert call(f"{JOB}/more").status_code == 404
    assert call(method="PUT").status_code == 405


def test_while_one_runs_another_is_skipped(counted, monkeypatch):
    """JO-3, JO-4: with 200, as nothing is wrong, and an execution of its own."""
    monkeypatch.setattr("callastar.jobs.operations.run.only_one", lambda name: nullcontext(False))
    answer = call()
    said = json.loads(answer.content)
    assert (answer.status_code, said["status"], said["statistics"]) == (200, "skipped", {})
    row = CronExecution.objects.get()
    assert (str(row.pk), row.status, row.trigger) == (said["execution_id"], "skipped", "http")
    assert counted == []


def test_a_job_that_fails_says_so(monkeypatch):
    """JO-3, JO-4: 502 with a stable code and the execution; what failed is in the back office only."""

    def fail(now):
        raise ProviderError("stripe", ProviderTrouble.TEMPORARY, message="acct_7 unknown")

    for error in (fail, lambda now: 1 / 0):
        replace(monkeypatch, JOB, error)
        answer = call(headers={"Accept-Language": "en"})
        body = json.loads(answer.content)
        row = CronExecution.objects.order_by("-started_at").first()
        assert (answer.status_code, answer["Content-Type"]) == (502, "application/problem+json")
        assert (body["code"], body["execution_id"], body["job"]) == ("job_failed", str(row.pk), JOB)
        assert "acct_7" not in answer.content.decode()
        assert (row.status, row.trigger) == ("failure", "http")


def test_the_documentation_has_them():
    """JO-3: with the bearer scheme."""
    schema = json.loads(Client().get("/api/openapi.json").content)
    route = schema["paths"]["/api/cron/{name}"]
    assert {"get", "post"} <= set(route)
    scheme = next(iter(route["post"]["security"][0]))
    assert schema["components"]["securitySchemes"][scheme]["scheme"] == "bearer"
