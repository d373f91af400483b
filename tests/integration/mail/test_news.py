"""What became of mails whose news got lost is asked for; what was lost is sent again (EM-2)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from callastar.audit.models import LogEntry
from callastar.audit.operations import SYSTEM
from callastar.core import clock
from callastar.core.errors import ProviderError, ProviderTrouble
from callastar.mail.models import EmailLog, EmailStatus, Suppression
from callastar.mail.operations import ask_about_unheard, lift, queue_email, send_again, send_email
from callastar.mail.operations.suppress import suppress
from callastar.mail.refusals import EmailHoldsSecretError, EmailNotLostError, EmailOutOfDateError
from callastar.providers.resend import gateway, lookup
from callastar.providers.resend.types import MailNews, OutgoingMail
from tests.factories import make_user

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def mail(**fields: Any) -> EmailLog:
    """A mail that Resend took a quarter of an hour ago."""
    reader = make_user()
    now = clock.now()
    usual = {
        "template": "payout_paid",
        "locale": "en",
        "time_zone": "UTC",
        "recipient": reader,
        "to": reader.email,
        "status": EmailStatus.SENT,
        "provider_id": f"re-{reader.pk}",
        "created_at": now - timedelta(minutes=16),
        "sent_at": now - timedelta(minutes=15),
        "ask_at": now,
        "dedupe_key": str(reader.pk),
    }
    return EmailLog.objects.create(**{**usual, **fields})


@pytest.fixture
def resend(monkeypatch: pytest.MonkeyPatch, settings: Any) -> dict[str, Any]:
    """What Resend answers about each mail: its last event, None, or an error."""
    settings.EMAIL_BACKEND = "callastar.providers.resend.gateway.EmailBackend"
    answers: dict[str, Any] = {}

    def answer(provider_id: str) -> MailNews | None:
        said = answers.get(provider_id, "sent")
        if isinstance(said, Exception):
            raise said
        return said and MailNews(provider_id=provider_id, what=said, bounce_type="Permanent")

    monkeypatch.setattr(lookup, "mail_news", answer)
    return answers


def test_what_nobody_told_is_asked_for(resend: dict[str, Any]) -> None:
    """EM-2: all webhooks lost changes nothing in the end."""
    arrived, back, on_its_way, unknown, later = mail(), mail(), mail(), mail(), mail(ask_at=clock.now() + DAY)
    resend.update({arrived.provider_id: "opened", back.provider_id: "bounced", unknown.provider_id: None})
    assert ask_about_unheard(now=clock.now()) == {"asked": 4, "heard": 2}
    rows = {row.pk: row for row in EmailLog.objects.all()}
    assert rows[arrived.pk].status == EmailStatus.DELIVERED
    assert rows[back.pk].status == EmailStatus.BOUNCED
    assert Suppression.objects.get().address == back.to
    assert rows[on_its_way.pk].ask_at > clock.now()
    assert [rows[one.pk].ask_at for one in (arrived, back, unknown)] == [None] * 3
    assert rows[later.pk].ask_at == later.ask_at


def test_a_mail_is_asked_about_for_three_days(resend: dict[str, Any]) -> None:
    """EM-2: less and less often, then no more."""
    email, asked = mail(), 0
    while email.ask_at and asked < 20:
        asked += ask_about_unheard(now=email.ask_at)["asked"]
        email.refresh_from_db()
    assert 5 < asked < 12


def test_a_provider_that_does_not_answer_is_left_alone(resend: dict[str, Any]) -> None:
    """EM-2: the others are asked about at the next run; one that may not be asked about stops nobody."""
    down, no = (
        ProviderError("resend", kind, "x") for kind in (ProviderTrouble.TEMPORARY, ProviderTrouble.PERMANENT)
    )
    first, second = mail(ask_at=clock.now() - DAY), mail()
    resend.update({first.provider_id: no, second.provider_id: down})
    with pytest.raises(ProviderError):
        ask_about_unheard(now=clock.now())
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.ask_at, second.ask_at is None) == (None, False)
    resend[second.provider_id] = "delivered"
    assert ask_about_unheard(now=clock.now()) == {"asked": 1, "heard": 1}


def test_another_providers_mails_are_not_asked_about(resend: dict[str, Any], settings: Any) -> None:
    """EM-2: any of anymail's providers."""
    mail()
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    assert ask_about_unheard(now=clock.now()) == {"asked": 0, "heard": 0}


def test_a_suppressed_address_gets_what_is_essential(monkeypatch: pytest.MonkeyPatch) -> None:
    """EM-2: until staff take it off the list, and again if the next one comes back."""
    sent: list[OutgoingMail] = []
    monkeypatch.setattr(gateway, "send", lambda *, mail: sent.append(mail) or "id")
    back = mail(status=EmailStatus.BOUNCED)
    assert suppress(email=back, is_complaint=False, now=clock.now())
    assert not suppress(email=back, is_complaint=False, now=clock.now())

    def send(template: str, key: str) -> str:
        with transaction.atomic():
            email = queue_email(
                template=template,
                recipient=back.recipient,
                dedupe_key=key,
                context={
                    "amount": {"minor": 100, "currency": "EUR"},
                    "valid_days": 3,
                    "payout_url": "https://a.example/",
                },
                secrets={"action_url": "https://site.example/x"},
            )
        return send_email(email_id=email.pk, now=clock.now())

    assert send("payout_approved", "1") == EmailStatus.SKIPPED
    assert EmailLog.objects.get(dedupe_key="1").skip_reason == "suppressed"
    assert send("reset_password", "2") == EmailStatus.SENT
    assert lift(suppression_id=Suppression.objects.get().pk, actor=SYSTEM)
    assert not lift(suppression_id=1, actor=SYSTEM)
    assert send("payout_approved", "3") == EmailStatus.SENT
    assert len(sent) == 2
    assert suppress(email=back, is_complaint=True, now=clock.now())
    types = list(LogEntry.objects.order_by("created_at").values_list("type", flat=True))
    assert types == ["EMAIL_ADDRESS_SUPPRESSED", "EMAIL_ADDRESS_LIFTED", "EMAIL_ADDRESS_SUPPRESSED"]


def test_what_was_lost_is_sent_once_more(db: None) -> None:
    """AD-2, EM-2: to the address that its reader has now; asked twice it is one mail."""
    lost = mail(status=EmailStatus.BOUNCED, metadata={"booking": "b"}, context={"a": 1})
    lost.recipient.email = "new@site.example"
    lost.recipient.save()
    first, second = (send_again(email_id=lost.pk, actor=SYSTEM, now=clock.now()) for _ in range(2))
    assert first.pk == second.pk != lost.pk
    assert (first.to, first.status, first.context) == ("new@site.example", EmailStatus.PENDING, {"a": 1})
    assert first.metadata == {"booking": "b", "again": str(lost.pk)}
    assert ProcrastinateJob.objects.get().args == {"email_id": str(first.pk)}
    assert LogEntry.objects.get().type == "EMAIL_SENT_AGAIN"


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"status": EmailStatus.DELIVERED}, EmailNotLostError),
        ({"status": EmailStatus.SKIPPED}, EmailNotLostError),
        ({"status": EmailStatus.FAILED, "template": "reset_password"}, EmailHoldsSecretError),
        ({"status": EmailStatus.FAILED, "expires_at": clock.now() - DAY}, EmailOutOfDateError),
        ({"status": EmailStatus.BOUNCED, "bodies_forgotten_at": clock.now()}, EmailOutOfDateError),
    ],
)
def test_what_cannot_be_sent_again(fields: dict[str, Any], refusal: type[Exception]) -> None:
    """AD-2: nothing is written."""
    email = mail(**fields)
    with pytest.raises(refusal):
        send_again(email_id=email.pk, actor=SYSTEM, now=clock.now())
    assert EmailLog.objects.count() == 1
    assert not ProcrastinateJob.objects.exists()
