"""Mails through Resend's sandbox: each leaves once, whatever goes wrong on the way (EM-1, EM-2)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app
from pytest_django import Settings

from callastar.core import clock
from callastar.core.errors import ProviderError
from callastar.core.ids import new_id
from callastar.core.money import Currency, Money
from callastar.mail import messages
from callastar.mail.models import EmailFailure, EmailLog, EmailStatus
from callastar.mail.operations import EmailBusy, send, send_email, skip_emails
from callastar.providers.resend import gateway
from tests.contract.resend_api import Api
from tests.contract.sandbox_program import SandboxProgram
from tests.factories import make_user

SECRET = "https://site.example/fr/account/password/reset/key/1-abc/?x=1&y=2"
SEND = "POST /emails"


@pytest.fixture
def api(resend_sandbox: SandboxProgram, settings: Settings) -> Iterator[Api]:
    """The product's mails go to the sandbox; what came there is read through its API."""
    settings.EMAIL_BACKEND = "callastar.providers.resend.gateway.EmailBackend"
    settings.ANYMAIL = {
        "RESEND_API_URL": f"{resend_sandbox.url}/",
        "RESEND_API_KEY": resend_sandbox.keys["api_key"],
        "REQUESTS_TIMEOUT": (1, 1),
    }
    return Api(resend_sandbox)


@pytest.fixture
def fault(resend_sandbox: SandboxProgram) -> Any:
    """`fault("500")`: the next mail meets it."""
    return lambda kind, times=1: resend_sandbox.control(
        "POST", "faults", {"match": SEND, "kind": kind, "times": times}
    )


def _reset_mail(address: str = "fan@example.com") -> EmailLog:
    user = make_user(locale="fr")
    with transaction.atomic():
        return messages.reset_password(to=user, address=address, url=SECRET, valid_days=3)


def _confirmation(booking_id: Any) -> EmailLog:
    with transaction.atomic():
        return messages.booking_confirmed(
            to=make_user(locale="fr", email="fan@example.com"),
            role="fan",
            booking_id=booking_id,
            offer_title="Guitare",
            other_name="Léa",
            starts_at=clock.now() + timedelta(days=3),
            duration_minutes=30,
            amount=Money(10000, Currency.EUR),
        )


def _send(email: EmailLog, now: datetime | None = None) -> EmailLog:
    send_email(email_id=email.pk, now=now or clock.now())
    email.refresh_from_db()
    return email


def _full(api: Api, email: EmailLog) -> dict[str, Any]:
    return api("GET", f"/emails/{email.provider_id}").json()


@pytest.mark.django_db
def test_the_reader_gets_the_link_and_the_log_does_not(api: Api) -> None:
    """EM-1, EM-2."""
    email = _send(_reset_mail())
    assert (email.status, email.error, email.secret_context) == (EmailStatus.SENT, "", "")
    mail = _full(api, email)
    assert mail["to"] == ["fan@example.com"]
    assert mail["subject"] == "Choisir un nouveau mot de passe"
    assert mail["reply_to"] == ["support@callastar.example"]
    assert SECRET in mail["text"]
    assert SECRET.replace("&", "&amp;") in mail["html"]
    for kept in EmailLog.objects.filter(pk=email.pk).values().get().values():
        assert "1-abc" not in str(kept)


@pytest.mark.django_db
def test_the_confirmation_brings_its_invitation(api: Api) -> None:
    """EM-5."""
    booking_id = new_id()
    email = _send(_confirmation(booking_id))
    (attachment,) = api("GET", f"/emails/{email.provider_id}/attachments").json()["data"]
    assert attachment["filename"] == "invite.ics"
    assert attachment["content_type"].startswith("text/calendar")
    assert 'method="REQUEST"' in attachment["content_type"] or "method=REQUEST" in attachment["content_type"]
    invitation = httpx.get(attachment["download_url"]).text
    assert f"UID:booking-{booking_id}@" in invitation


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["500", "429", "timeout", "drop_before", "drop_after", "slow"])
def test_after_trouble_there_is_one_mail(api: Api, fault: Any, kind: str) -> None:
    """EM-2: temporary errors are tried again with the same bytes and key."""
    email = _reset_mail()
    fault(kind)
    with pytest.raises(ProviderError) as caught:
        _send(email)
    assert caught.value.is_temporary
    email.refresh_from_db()
    first = (email.html, email.text, email.sender)
    assert email.status == EmailStatus.PENDING
    assert email.error
    _send(email)
    assert (email.status, email.attempts, email.error) == (EmailStatus.SENT, 2, "")
    assert (email.html, email.text, email.sender) == first
    assert [mail["id"] for mail in api.sent()] == [email.provider_id]


class PowerCut(BaseException):
    """The process ends here."""


def _die(*_: object) -> None:
    raise PowerCut


def _send_and_die(monkeypatch: pytest.MonkeyPatch, email: EmailLog, now: datetime) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(send, "_note_sent", _die)
        with pytest.raises(PowerCut):
            send_email(email_id=email.pk, now=now)


@pytest.mark.django_db
def test_a_crash_between_sending_and_recording_sends_once(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """EM-2: the claim of the dead ends by itself, and the provider knows the key."""
    email, now = _reset_mail(), clock.now()
    _send_and_die(monkeypatch, email, now)
    email.refresh_from_db()
    assert email.status == EmailStatus.PENDING
    with pytest.raises(EmailBusy):
        send_email(email_id=email.pk, now=now)
    _send(email, now + send.CLAIM)
    assert email.status == EmailStatus.SENT
    assert [mail["id"] for mail in api.sent()] == [email.provider_id]


@pytest.mark.django_db
def test_without_its_key_a_crash_would_send_twice(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the test above."""
    monkeypatch.setattr(gateway.KeyedPayload, "get_request_params", gateway.ResendPayload.get_request_params)
    email, now = _reset_mail(), clock.now()
    _send_and_die(monkeypatch, email, now)
    _send(email, now + send.CLAIM)
    assert len(api.sent()) == 2


@pytest.mark.django_db
def test_a_changed_setting_does_not_change_the_bytes(api: Api, fault: Any, settings: Settings) -> None:
    """EM-2: rendered once; the provider would refuse other bytes under the same key."""
    email = _confirmation(new_id())
    fault("drop_after")
    with pytest.raises(ProviderError):
        _send(email)
    settings.EMAIL_FROM, settings.SUPPORT_EMAIL = "Other <other@callastar.example>", "help@callastar.example"
    settings.SITE_URL = "https://elsewhere.example"
    assert _send(email).status == EmailStatus.SENT
    assert len(api.sent()) == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_workers_send_one_mail(api: Api, fault: Any) -> None:
    """EM-2, JO-1: the second finds the mail taken, and later finds it sent."""
    email = _reset_mail()

    def work(_: int) -> str:
        try:
            return str(send_email(email_id=email.pk, now=clock.now()))
        except EmailBusy:
            return "busy"
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(work, range(4)))
    assert set(outcomes) <= {"sent", "busy"}
    assert "sent" in outcomes
    assert len(api.sent()) == 1
    assert send_email(email_id=email.pk, now=clock.now()) == EmailStatus.SENT


@pytest.mark.django_db
def test_a_skip_before_the_claim_wins(api: Api) -> None:
    """EM-2."""
    email, now = _confirmation(booking := new_id()), clock.now()
    assert skip_emails(reason="cancelled", metadata={"booking": str(booking)}, now=now) == 1
    assert _send(email).status == EmailStatus.SKIPPED
    assert api.sent() == []


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "status"), [(None, EmailStatus.SENT), ("500", EmailStatus.SKIPPED)])
def test_a_skip_while_it_leaves(
    api: Api, fault: Any, monkeypatch: pytest.MonkeyPatch, kind: str | None, status: str
) -> None:
    """EM-2: it loses against the try that runs, and wins against the next."""
    booking, hand_over = new_id(), gateway.send
    email = _confirmation(booking)
    if kind:
        fault(kind)

    def meanwhile(**kwargs: Any) -> str:
        assert skip_emails(reason="cancelled", metadata={"booking": str(booking)}, now=clock.now()) == 0
        return hand_over(**kwargs)

    monkeypatch.setattr(gateway, "send", meanwhile)
    if kind:
        with pytest.raises(ProviderError):
            _send(email)
    assert _send(email).status == status
    assert len(api.sent()) == (status == EmailStatus.SENT)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "failure"),
    [
        ({"to": "nobody"}, EmailFailure.ADDRESS_REFUSED),
        ({"to": "nobody@localhost"}, EmailFailure.ADDRESS_REFUSED),
        ({"sender": "nobody at all"}, EmailFailure.REFUSED),
        ({"sender": "us@localhost"}, EmailFailure.REFUSED),
        ({"sender": "us@gmail.com"}, EmailFailure.NOT_AUTHORIZED),
    ],
)
def test_what_is_refused_for_good_fails_at_once(
    api: Api, changes: dict[str, str], failure: EmailFailure, settings: Settings
) -> None:
    """EM-2: a 4xx is not tried again, has a named state and leaves no secret behind."""
    email = _reset_mail(changes.get("to", "fan@example.com"))
    settings.EMAIL_FROM = changes.get("sender", settings.EMAIL_FROM)
    _send(email)
    assert (email.status, email.failure, email.secret_context) == (EmailStatus.FAILED, failure, "")
    assert email.error
    assert _send(email).attempts == 1
    assert api.sent() == []


@pytest.mark.django_db
def test_a_wrong_key_is_a_named_failure(api: Api, settings: Settings) -> None:
    """EM-2."""
    settings.ANYMAIL = {**settings.ANYMAIL, "RESEND_API_KEY": "re_wrong"}
    assert _send(_reset_mail()).failure == EmailFailure.NOT_AUTHORIZED


@pytest.mark.django_db
def test_it_is_tried_for_a_day_and_no_longer(api: Api, fault: Any) -> None:
    """EM-2: Resend forgets the key after 24 hours; a later try could be a second mail."""
    email, now = _reset_mail(), clock.now()
    fault("drop_after")
    with pytest.raises(ProviderError):
        send_email(email_id=email.pk, now=now)
    _send(email, now + timedelta(hours=24))
    assert (email.status, email.failure) == (EmailStatus.FAILED, EmailFailure.GAVE_UP)
    assert len(api.sent()) == 1


@pytest.mark.django_db(transaction=True)
def test_a_worker_sends_what_was_queued(api: Api) -> None:
    """JO-1, EM-1: from the commit to the mailbox."""
    email = _confirmation(new_id())
    with app.replace_connector(app.connector.get_worker_connector()) as working:
        working.run_worker(queues=["mail"], wait=False, install_signal_handlers=False, listen_notify=False)
    email.refresh_from_db()
    assert email.status == EmailStatus.SENT
    assert _full(api, email)["subject"] == "Votre appel avec Léa est réservé"
