"""Mails in trouble: none lost, each once, the more important first when it is over (EM-2)."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from callastar.core import clock
from callastar.core.errors import ProviderError, ProviderTrouble
from callastar.core.queue import Later
from callastar.mail.models import EmailLog, EmailStatus, Pause
from callastar.mail.operations import queue_email
from callastar.mail.operations.queue import SEND
from callastar.mail.operations.turns import send_in_turn
from callastar.mail.tasks import send_email as job
from callastar.providers.resend import gateway
from callastar.providers.resend.types import OutgoingMail
from tests.factories import make_user

pytestmark = pytest.mark.django_db
START = clock.now()
OUTAGE = timedelta(hours=3)
DOWN = ProviderError("resend", ProviderTrouble.TEMPORARY, "http_500", "")


class Provider:
    """What happens to each mail: `answer(now)` may raise; what was taken is kept by its key, once."""

    def __init__(self) -> None:
        self.now, self.tries = START, 0
        self.answer: Callable[[datetime, OutgoingMail], None] = lambda now, mail: None
        self.taken: dict[str, str] = {}

    def send(self, *, mail: OutgoingMail) -> str:
        self.tries += 1
        self.answer(self.now, mail)
        return self.taken.setdefault(mail.idempotency_key, f"id-{len(self.taken)}")


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    provider = Provider()
    monkeypatch.setattr(gateway, "send", provider.send)
    return provider


def _queue(key: str, priority: int = 0) -> EmailLog:
    """A mail of that priority, whatever it says."""
    with transaction.atomic():
        email = queue_email(
            template="reset_password",
            recipient=make_user(),
            dedupe_key=key,
            context={"valid_days": 3},
            secrets={"action_url": "https://site.example/x"},
        )
    EmailLog.objects.filter(pk=email.pk).update(priority=priority)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET priority = %s WHERE args->>'email_id' = %s",
            [priority, str(email.pk)],
        )
    return email


def _due() -> Any:
    waiting = ProcrastinateJob.objects.filter(task_name=SEND, status="todo")
    return waiting.order_by("scheduled_at").values_list("pk", "priority", "scheduled_at", "args__email_id")


def _work(provider: Provider, until: datetime) -> list[datetime]:
    """Workers' days: whatever is due runs by its priority; the moments at which something ran."""
    ran = []
    while True:
        rows = list(_due())
        moments = [at or provider.now for _, _, at, _ in rows]
        if not rows or min(moments) > until:
            return ran
        provider.now = max(provider.now, min(moments))
        due = [row for row, at in zip(rows, moments, strict=True) if at <= provider.now]
        pk, _, _, email_id = min(due, key=lambda row: (-row[1], row[0]))
        ran.append(provider.now)
        _run(pk, email_id, provider)


def _run(pk: int, email_id: str, provider: Provider) -> None:
    from_then, values = "DELETE FROM procrastinate_jobs WHERE id = %s", [pk]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", [pk])
    try:
        send_in_turn(email_id=email_id, now=provider.now)  # type: ignore[arg-type]
    except Later as later:
        from_then = "UPDATE procrastinate_jobs SET status = 'todo', scheduled_at = %s WHERE id = %s"
        values = [later.at, pk]  # type: ignore[list-item]
    with connection.cursor() as cursor:
        cursor.execute(from_then, values)  # type: ignore[arg-type]


def test_after_three_hours_everything_arrives_once_by_its_importance(provider: Provider) -> None:
    """EM-2: 500 for three hours, then half of the answers lost; urgent mail is tried each minute meanwhile."""
    summary, *plain = [_queue("summary", -10), *(_queue(f"plain {n}") for n in range(3))]
    urgent = _queue("urgent", 100)
    asked: list[datetime] = []
    lost: set[str] = set()

    def answer(now: datetime, mail: OutgoingMail) -> None:
        if now < START + OUTAGE:
            if mail.idempotency_key.endswith(str(urgent.pk)):
                asked.append(now)
            raise DOWN
        if mail.idempotency_key not in lost and len(lost) < 2:
            lost.add(mail.idempotency_key)
            provider.taken[mail.idempotency_key] = f"id-{len(provider.taken)}"
            raise DOWN

    provider.answer = answer
    _work(provider, START + OUTAGE + timedelta(minutes=5))
    assert set(EmailLog.objects.values_list("status", flat=True)) == {EmailStatus.SENT}
    order = [key.removeprefix("email-") for key in provider.taken]
    assert sorted(order) == sorted(str(pk) for pk in EmailLog.objects.values_list("pk", flat=True))
    assert order[0] == str(urgent.pk)
    assert order[-1] == str(summary.pk)
    assert set(order[1:-1]) == {str(email.pk) for email in plain}
    pauses = [later - earlier for earlier, later in pairwise(asked)]
    assert max(pauses) <= timedelta(seconds=60)
    assert not Pause.objects.exists()


def test_the_provider_is_left_alone_for_as_long_as_it_says(provider: Provider) -> None:
    """EM-2: a 429 holds every mail back, urgent or not, and the most important is the first to try again."""
    slow = ProviderError("resend", ProviderTrouble.TEMPORARY, "rate_limit_exceeded", "", retry_after=90)
    others = [_queue(f"{n}") for n in range(2)]
    tries: list[str] = []

    def answer(now: datetime, mail: OutgoingMail) -> None:
        tries.append(mail.idempotency_key)
        if len(tries) == 1:
            raise slow

    provider.answer = answer
    with pytest.raises(Later) as later:
        send_in_turn(email_id=others[0].pk, now=START)
    assert later.value.at >= START + timedelta(seconds=90)
    urgent = _queue("urgent", 100)
    for email in (urgent, others[1]):
        with pytest.raises(Later):
            send_in_turn(email_id=email.pk, now=START + timedelta(seconds=89))
    assert len(tries) == 1
    assert send_in_turn(email_id=urgent.pk, now=START + timedelta(seconds=91)) == EmailStatus.SENT
    assert not Pause.objects.exists()


def test_one_mail_that_always_fails_holds_up_no_other(provider: Provider) -> None:
    """EM-2: its trouble is its own; it does not wake itself for ever."""
    poison = _queue("poison")

    def answer(now: datetime, mail: OutgoingMail) -> None:
        if mail.idempotency_key.endswith(str(poison.pk)):
            raise DOWN

    provider.answer = answer
    others = [_queue(f"{n}") for n in range(12)]
    _work(provider, START + timedelta(minutes=10))
    sent = EmailLog.objects.filter(status=EmailStatus.SENT)
    assert set(sent.values_list("pk", flat=True)) == {email.pk for email in others}
    assert provider.tries < 40


def test_a_job_that_waits_says_when_it_runs_again() -> None:
    """JO-1: however often it was tried."""
    decision = job.retry_strategy.get_retry_decision(  # type: ignore[union-attr]
        exception=Later(START), job=type("Job", (), {"attempts": 10_000})()
    )
    assert decision is not None
    assert decision.retry_at == START
