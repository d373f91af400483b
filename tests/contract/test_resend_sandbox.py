"""Resend's official SDK and django-anymail against the sandbox; every answer as Resend describes it (SB-1, SB-3)."""

import base64
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import resend
from anymail.backends.resend import EmailBackend
from django.core.mail import EmailMultiAlternatives

from tests.contract.resend_api import Api, CheckedSdkClient, mail
from tests.contract.sandbox_program import SandboxProgram

ICS = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"


@pytest.fixture
def sdk(resend_sandbox: SandboxProgram, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The SDK pointed at the sandbox by its address and key alone."""
    resend_sandbox.control("POST", "rate", {"per_second": 1000})
    monkeypatch.setattr(resend, "api_url", resend_sandbox.url)
    monkeypatch.setattr(resend, "api_key", resend_sandbox.keys["api_key"])
    monkeypatch.setattr(resend, "default_http_client", CheckedSdkClient())
    return resend


@pytest.fixture
def api(resend_sandbox: SandboxProgram) -> Api:
    return Api(resend_sandbox)


def _until(wanted: Callable[[], Any], seconds: float = 30) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := wanted()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


def test_a_mail_is_sent_then_delivered(sdk: Any) -> None:
    email_id = sdk.Emails.send(mail(cc="cc@example.com", reply_to=["help@callastar.example"]))["id"]
    email = _until(lambda: (got := sdk.Emails.get(email_id))["last_event"] == "delivered" and got)
    assert email["to"] == ["fan@example.com"]
    assert email["cc"] == ["cc@example.com"]
    assert email["reply_to"] == ["help@callastar.example"]
    assert (email["html"], email["text"]) == ("<p>Bonjour</p>", "Bonjour")
    assert email["from"] == "Call a Star <hello@callastar.example>"


@pytest.mark.parametrize("box", ["delivered", "bounced", "complained", "suppressed"])
def test_test_addresses_end_as_they_are_called(sdk: Any, box: str) -> None:
    ids = [sdk.Emails.send(mail(to=f"{box}{label}@resend.dev"))["id"] for label in ("", "+fan-1")]
    for email_id in ids:
        _until(lambda email_id=email_id: sdk.Emails.get(email_id)["last_event"] == box)


def test_a_batch_is_answered_in_order(sdk: Any) -> None:
    batch = [mail(to=f"fan{number}@example.com") for number in range(3)]
    ids = [each["id"] for each in sdk.Batch.send(batch)["data"]]
    assert [sdk.Emails.get(email_id)["to"] for email_id in ids] == [[f"fan{n}@example.com"] for n in range(3)]


def test_a_batch_is_sent_whole_or_not_at_all(sdk: Any) -> None:
    with pytest.raises(resend.exceptions.ResendError):
        sdk.Batch.send([mail(), mail(to="nobody")])
    assert sdk.Emails.list()["data"] == []


def test_lists_are_newest_first_in_pages(sdk: Any) -> None:
    ids = [sdk.Emails.send(mail(subject=f"Number {number}"))["id"] for number in range(5)][::-1]
    first = sdk.Emails.list({"limit": 2})
    assert [each["id"] for each in first["data"]] == ids[:2]
    assert first["has_more"] is True
    rest = sdk.Emails.list({"limit": 10, "after": ids[1]})
    assert [each["id"] for each in rest["data"]] == ids[2:]
    assert rest["has_more"] is False
    before = sdk.Emails.list({"limit": 2, "before": ids[4]})
    assert [each["id"] for each in before["data"]] == ids[2:4]


def test_a_scheduled_mail_can_be_moved_and_cancelled(sdk: Any) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    email_id = sdk.Emails.send(mail(scheduled_at=later.isoformat()))["id"]
    assert sdk.Emails.get(email_id)["last_event"] == "scheduled"
    sdk.Emails.update({"id": email_id, "scheduled_at": (later + timedelta(hours=1)).isoformat()})
    sdk.Emails.cancel(email_id)
    assert sdk.Emails.get(email_id)["last_event"] == "canceled"
    with pytest.raises(resend.exceptions.ResendError):
        sdk.Emails.cancel(email_id)


def test_a_scheduled_mail_leaves_when_its_time_has_come(sdk: Any, resend_sandbox: SandboxProgram) -> None:
    """SB-2: clock."""
    later = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
    email_id = sdk.Emails.send(mail(scheduled_at=later))["id"]
    resend_sandbox.control("POST", "clock", {"advance": 3600})
    time.sleep(0.5)
    assert sdk.Emails.get(email_id)["last_event"] == "scheduled"
    resend_sandbox.control("POST", "clock", {"advance": 3601})
    _until(lambda: sdk.Emails.get(email_id)["last_event"] == "delivered")


def test_attachments_are_listed_and_downloaded(sdk: Any, api: Api) -> None:
    attachments = [
        {"filename": "appel.ics", "content": base64.b64encode(ICS).decode(), "content_type": "text/calendar"},
        {"filename": "logo.png", "content": list(b"\x89PNG"), "content_id": "logo"},
    ]
    email_id = sdk.Emails.send(mail(attachments=attachments))["id"]
    listed = sdk.Emails.Attachments.list(email_id)["data"]
    assert [(each["filename"], each["content_type"], each["size"]) for each in listed] == [
        ("appel.ics", "text/calendar", len(ICS)),
        ("logo.png", "image/png", 4),
    ]
    one = sdk.Emails.Attachments.get(email_id, listed[1]["id"])
    assert (one["content_id"], one["content_disposition"]) == ("logo", "inline")
    download = api._client.get(listed[0]["download_url"])
    assert download.content == ICS
    assert "appel.ics" in download.headers["content-disposition"]


def test_webhooks_live_and_die_through_the_sdk(sdk: Any) -> None:
    made = sdk.Webhooks.create({"endpoint": "http://127.0.0.1:9/hook", "events": ["email.sent"]})
    assert made["signing_secret"].startswith("whsec_")
    sdk.Webhooks.update({"webhook_id": made["id"], "status": "disabled", "events": ["email.bounced"]})
    webhook = sdk.Webhooks.get(made["id"])
    assert (webhook["status"], webhook["events"]) == ("disabled", ["email.bounced"])
    assert webhook["signing_secret"] == made["signing_secret"]
    listed = sdk.Webhooks.list()["data"]
    assert [each["id"] for each in listed] == [made["id"]]
    assert "signing_secret" not in listed[0]
    assert sdk.Webhooks.remove(made["id"])["deleted"] is True
    with pytest.raises(resend.exceptions.ResendError):
        sdk.Webhooks.get(made["id"])


def test_the_sdk_understands_the_refusals(sdk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(resend.exceptions.MissingRequiredFieldsError):
        sdk.Emails.send(mail(subject=None))
    with pytest.raises(resend.exceptions.ValidationError):
        sdk.Emails.send(mail(to="nobody"))
    monkeypatch.setattr(resend, "api_key", "")
    with pytest.raises(resend.exceptions.MissingApiKeyError):
        sdk.Emails.list()


def test_anymail_sends_through_its_own_backend(resend_sandbox: SandboxProgram, api: Api) -> None:
    """Only the address and the key differ from the real service."""
    backend = EmailBackend(api_key=resend_sandbox.keys["api_key"], api_url=resend_sandbox.url)
    message = EmailMultiAlternatives(
        "Votre appel est confirmé",
        "Bonjour",
        "Call a Star <hello@callastar.example>",
        ["Fan Été <fan@example.com>"],
        reply_to=["help@callastar.example"],
        headers={"List-Unsubscribe": "<https://callastar.example/u/1>"},
        attachments=[("appel.ics", ICS, "text/calendar")],
    )
    message.attach_alternative("<p>Bonjour</p>", "text/html")
    message.metadata = {"booking": "b-1"}
    assert backend.send_messages([message]) == 1
    email = api("GET", f"/emails/{message.anymail_status.message_id}").json()
    assert email["subject"] == "Votre appel est confirmé"
    assert (email["html"], email["text"]) == ("<p>Bonjour</p>", "Bonjour")
    assert "<fan@example.com>" in email["to"][0]
