"""Three bad hours of Resend's, against its sandbox: nothing lost, each mail once, the more important first (EM-2)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from callastar.core import clock
from callastar.mail.kinds import Priority
from callastar.mail.models import EmailLog, EmailStatus, Pause
from tests.contract.resend_api import Api
from tests.contract.sandbox_program import SandboxProgram
from tests.mail_days import queue_mail, work

OUTAGE = timedelta(hours=3)
PRIORITIES = (
    Priority.SUMMARY,
    Priority.NORMAL,
    Priority.NORMAL,
    Priority.CALL,
    Priority.CALL,
    Priority.URGENT,
)


@dataclass
class Days:
    """The test's own time."""

    now: datetime


@pytest.fixture
def api(resend_sandbox: SandboxProgram, settings: Settings) -> Api:
    """The product's mails go to the sandbox."""
    settings.EMAIL_BACKEND = "callastar.providers.resend.gateway.EmailBackend"
    settings.ANYMAIL = {
        "RESEND_API_URL": f"{resend_sandbox.url}/",
        "RESEND_API_KEY": resend_sandbox.keys["api_key"],
        "REQUESTS_TIMEOUT": (1, 1),
    }
    return Api(resend_sandbox)


def _arrived(api: Api) -> list[str]:
    """What the mailbox holds, the first one first."""
    return [mail["id"] for mail in reversed(api.sent())]


@pytest.mark.django_db
def test_everything_arrives_once_and_by_its_importance(api: Api, resend_sandbox: SandboxProgram) -> None:
    """EM-2: a timeout, an answer lost after the mail was taken, a 429, then 500 until three hours are over."""
    days = Days(clock.now())
    over = days.now + OUTAGE
    for number, priority in enumerate(PRIORITIES):
        queue_mail(f"mail {number}", priority)
    for kind, times in (("timeout", 1), ("drop_after", 1), ("429", 1), ("500", 100_000)):
        resend_sandbox.control("POST", "faults", {"match": "POST /emails", "kind": kind, "times": times})
    work(days, over)
    early = _arrived(api)
    assert len(early) == 1
    assert not EmailLog.objects.exclude(status=EmailStatus.PENDING).exists()
    assert ProcrastinateJob.objects.filter(status="todo").count() == len(PRIORITIES)

    resend_sandbox.control("DELETE", "faults")
    work(days, over + timedelta(minutes=2))
    sent = {email.provider_id: email.priority for email in EmailLog.objects.filter(status=EmailStatus.SENT)}
    arrived = _arrived(api)
    assert sorted(arrived) == sorted(sent)
    assert len(arrived) == len(PRIORITIES)
    # Whichever asks first finds out that it is over; it wakes the others.
    woken = [sent[each] for each in arrived if each not in early][1:]
    assert woken == sorted(woken, reverse=True)
    assert not Pause.objects.exists()
