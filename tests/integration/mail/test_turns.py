"""Mails in trouble: none lost, each once, the more important first when it is over (EM-2)."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest

from callastar.core import clock
from callastar.core.errors import ProviderError, ProviderTrouble
from callastar.core.queue import Later
from callastar.mail.kinds import Priority
from callastar.mail.models import EmailLog, EmailStatus, Pause
from callastar.mail.operations.turns import send_in_turn
from callastar.mail.tasks import send_email as job
from callastar.providers.resend import gateway
from callastar.providers.resend.types import OutgoingMail
from tests.mail_days import queue_mail, work

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


def test_after_three_hours_everything_arrives_once_by_its_importance(provider: Provider) -> None:
    """EM-2: 500 for three hours, then half of the answers lost; urgent mail is tried each minute meanwhile."""
    queue_mail("summary", Priority.SUMMARY)
    for number in range(3):
        queue_mail(f"plain {number}")
    urgent = queue_mail("urgent", Priority.URGENT)
    asked: list[datetime] = []
    lost: set[str] = set()
    found_out: set[str] = set()

    def answer(now: datetime, mail: OutgoingMail) -> None:
        if now < START + OUTAGE:
            if mail.idempotency_key.endswith(str(urgent.pk)):
                asked.append(now)
            raise DOWN
        if mail.idempotency_key not in lost and len(lost) < 2:
            lost.add(mail.idempotency_key)
            provider.taken[mail.idempotency_key] = f"id-{len(provider.taken)}"
            raise DOWN
        if not found_out:
            found_out.update(provider.taken, {mail.idempotency_key})

    provider.answer = answer
    # What meets one more failure then waits for up to ten minutes.
    work(provider, START + OUTAGE + timedelta(minutes=15))
    assert set(EmailLog.objects.values_list("status", flat=True)) == {EmailStatus.SENT}
    priorities = {f"email-{pk}": priority for pk, priority in EmailLog.objects.values_list("pk", "priority")}
    assert sorted(provider.taken) == sorted(priorities)
    # Whichever asked first found out that it is over; the others were woken.
    woken = [priorities[key] for key in provider.taken if key not in found_out]
    assert woken
    assert woken == sorted(woken, reverse=True)
    pauses = [later - earlier for earlier, later in pairwise(asked)]
    assert max(pauses) <= timedelta(seconds=60)
    assert not Pause.objects.exists()


def test_the_provider_is_left_alone_for_as_long_as_it_says(provider: Provider) -> None:
    """EM-2: a 429 holds every mail back, urgent or not, and the most important is the first to try again."""
    slow = ProviderError("resend", ProviderTrouble.TEMPORARY, "rate_limit_exceeded", "", retry_after=90)
    others = [queue_mail(f"{n}") for n in range(2)]
    tries: list[str] = []

    def answer(now: datetime, mail: OutgoingMail) -> None:
        tries.append(mail.idempotency_key)
        if len(tries) == 1:
            raise slow

    provider.answer = answer
    with pytest.raises(Later) as later:
        send_in_turn(email_id=others[0].pk, now=START)
    assert later.value.at >= START + timedelta(seconds=90)
    urgent = queue_mail("urgent", Priority.URGENT)
    for email in (urgent, others[1]):
        with pytest.raises(Later):
            send_in_turn(email_id=email.pk, now=START + timedelta(seconds=89))
    assert len(tries) == 1
    assert send_in_turn(email_id=urgent.pk, now=START + timedelta(seconds=91)) == EmailStatus.SENT
    assert not Pause.objects.exists()


def test_a_provider_that_always_says_in_a_second_is_in_trouble_too(provider: Provider) -> None:
    """EM-2: 429 for ten minutes keeps neither workers nor the queue busy, and urgent mail goes on being tried."""
    busy = ProviderError("resend", ProviderTrouble.TEMPORARY, "rate_limit_exceeded", "", retry_after=1)
    for number in range(10):
        queue_mail(f"{number}")
    queue_mail("urgent", Priority.URGENT)
    provider.answer = lambda now, mail: _refuse(busy) if now < START + timedelta(minutes=10) else None
    ran = work(provider, START + timedelta(minutes=25))
    assert not EmailLog.objects.exclude(status=EmailStatus.SENT).exists()
    assert len(provider.taken) == 11
    assert len(ran) < 200  # each second each mail would be 6,600


def test_many_mails_at_once_leave_in_their_order_as_fast_as_the_provider_takes_them(
    provider: Provider,
) -> None:
    """EM-2: five a second; who is refused comes back for its place in the line, not with all the others."""
    busy = ProviderError("resend", ProviderTrouble.TEMPORARY, "rate_limit_exceeded", "", retry_after=1)
    for number in range(40):
        queue_mail(f"{number}", (Priority.SUMMARY, Priority.NORMAL, Priority.CALL)[number % 3])
    taken: list[datetime] = []

    def answer(now: datetime, mail: OutgoingMail) -> None:
        if sum(now - at < timedelta(seconds=1) for at in taken) >= 5:
            raise busy
        taken.append(now)

    provider.answer = answer
    ran = work(provider, START + timedelta(minutes=2))
    assert len(provider.taken) == 40
    assert taken[-1] < START + timedelta(seconds=40)
    assert len(ran) < 40 * 4
    priorities = dict(EmailLog.objects.values_list("pk", "priority"))
    order = [priorities[UUID(key.removeprefix("email-"))] for key in provider.taken]
    assert order == sorted(order, reverse=True)


def _refuse(error: ProviderError) -> None:
    raise error


def test_one_mail_that_always_fails_holds_up_no_other(provider: Provider) -> None:
    """EM-2: its trouble is its own; it does not wake itself for ever."""
    poison = queue_mail("poison")

    def answer(now: datetime, mail: OutgoingMail) -> None:
        if mail.idempotency_key.endswith(str(poison.pk)):
            raise DOWN

    provider.answer = answer
    others = [queue_mail(f"{n}") for n in range(12)]
    work(provider, START + timedelta(minutes=10))
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
