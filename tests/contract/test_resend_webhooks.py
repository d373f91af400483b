"""Webhooks as Resend signs, describes and retries them, and the controls over them (SB-2, SB-4)."""

import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from svix.webhooks import Webhook, WebhookVerificationError

from sandboxes.resend.events import TYPES
from tests.contract.resend_api import Api, check_event, description
from tests.contract.sandbox_program import Receiver, SandboxProgram


@pytest.fixture
def api(resend_sandbox: SandboxProgram) -> Api:
    return Api(resend_sandbox)


@pytest.fixture
def secret(api: Api, receiver: Receiver) -> str:
    """The signing secret of a webhook that hears of everything."""
    body = {"endpoint": receiver.url, "events": sorted(TYPES)}
    return api("POST", "/webhooks", body).json()["signing_secret"]


def _types(receiver: Receiver) -> list[str]:
    return [each.json["type"] for each in receiver.received]


def test_the_sandbox_knows_the_described_event_types() -> None:
    assert set(description()["webhooks"]) == TYPES


def test_a_mail_is_told_of_as_sent_and_delivered(api: Api, receiver: Receiver, secret: str) -> None:
    started = time.monotonic()
    changes = {"tags": [{"name": "kind", "value": "reminder"}], "headers": {"X-Metadata": "{}"}}
    email_id = api.send(**changes).json()["id"]
    events = receiver.wait_for_types("email.sent", "email.delivered")
    assert time.monotonic() - started < 2.5
    assert _types(receiver) == ["email.sent", "email.delivered"]
    for event in events:
        Webhook(secret).verify(event.body, event.headers)
        check_event(event.json)
        data = event.json["data"]
        assert (data["email_id"], data["to"], data["tags"]) == (
            email_id,
            ["fan@example.com"],
            {"kind": "reminder"},
        )
        assert data["headers"] == [{"name": "X-Metadata", "value": "{}"}]


@pytest.mark.parametrize(
    ("box", "types"),
    [
        ("bounced", ["email.sent", "email.bounced"]),
        ("complained", ["email.sent", "email.delivered", "email.complained"]),
        ("suppressed", ["email.suppressed"]),
    ],
)
def test_test_addresses_tell_their_story(
    api: Api, receiver: Receiver, secret: str, box: str, types: list[str]
) -> None:
    api.send(to=f"{box}@resend.dev")
    receiver.wait_for_types(types[-1])
    assert _types(receiver) == types
    for event in receiver.received:
        check_event(event.json)


def test_a_scheduled_mail_tells_so(api: Api, receiver: Receiver, secret: str) -> None:
    api.send(scheduled_at="in 1 hour")
    check_event(receiver.wait_for_types("email.scheduled")[0].json)


def test_a_changed_body_or_another_secret_does_not_verify(api: Api, receiver: Receiver, secret: str) -> None:
    api.send()
    event = receiver.wait_for_types("email.sent")[0]
    other = "whsec_" + "A" * 32
    for key, body in ((secret, event.body + b" "), (other, event.body)):
        with pytest.raises(WebhookVerificationError):
            Webhook(key).verify(body, event.headers)


def test_a_refused_event_comes_again_with_the_same_id(api: Api, receiver: Receiver, secret: str) -> None:
    """SB-4: webhooks are retried within seconds."""
    receiver.answer_next(500, 500)
    api.send(to="suppressed@resend.dev")
    first, second, third = receiver.wait_for(lambda received: len(received) == 3 and received)
    assert len({each.headers["svix-id"] for each in (first, second, third)}) == 1
    assert len({each.body for each in (first, second, third)}) == 1
    assert 0.5 < second.at - first.at < 1.6
    assert 1.5 < third.at - second.at < 2.8
    assert int(third.headers["svix-timestamp"]) > int(first.headers["svix-timestamp"])
    Webhook(secret).verify(third.body, third.headers)


def test_only_enabled_webhooks_hear_and_only_what_they_asked_for(api: Api, receiver: Receiver) -> None:
    made = api("POST", "/webhooks", {"endpoint": receiver.url, "events": ["email.delivered"]}).json()
    api.send()
    receiver.wait_for_types("email.delivered")
    api("PATCH", f"/webhooks/{made['id']}", {"status": "disabled"})
    api.send()
    time.sleep(1.2)
    assert _types(receiver) == ["email.delivered"]


@pytest.mark.parametrize(
    ("control", "event"),
    [
        ("deliver", "email.delivered"),
        ("bounce", "email.bounced"),
        ("complain", "email.complained"),
        ("delay", "email.delivery_delayed"),
    ],
)
def test_an_outcome_can_be_ordered(
    resend_sandbox: SandboxProgram, api: Api, receiver: Receiver, secret: str, control: str, event: str
) -> None:
    """SB-2: POST emails/<id>/{deliver,bounce,complain,delay}; what was planned is off."""
    email_id = api.send(scheduled_at="in 1 hour").json()["id"]
    resend_sandbox.control("POST", f"emails/{email_id}/{control}")
    receiver.wait_for_types("email.scheduled", "email.sent", event)
    assert api("GET", f"/emails/{email_id}").json()["last_event"] == event.removeprefix("email.")
    resend_sandbox.control("POST", "clock", {"advance": 7200})
    time.sleep(0.5)
    assert _types(receiver) == ["email.scheduled", "email.sent", event]
    check_event(receiver.received[-1].json)


def test_a_delivered_mail_can_still_bounce(
    resend_sandbox: SandboxProgram, api: Api, receiver: Receiver
) -> None:
    api("POST", "/webhooks", {"endpoint": receiver.url, "events": ["email.delivered", "email.bounced"]})
    email_id = api.send().json()["id"]
    receiver.wait_for_types("email.delivered")
    resend_sandbox.control("POST", f"emails/{email_id}/bounce")
    bounce = receiver.wait_for_types("email.bounced")[-1].json["data"]["bounce"]
    assert set(bounce) == {"type", "subType", "message", "diagnosticCode"}


def test_no_outcome_for_what_will_never_arrive(resend_sandbox: SandboxProgram, api: Api) -> None:
    email_id = api.send(scheduled_at="in 1 hour").json()["id"]
    api("POST", f"/emails/{email_id}/cancel")
    for path, status in ((f"emails/{email_id}/deliver", 400), ("emails/none/deliver", 404)):
        with pytest.raises(httpx.HTTPStatusError) as refused:
            resend_sandbox.control("POST", path)
        assert refused.value.response.status_code == status
    assert api("GET", f"/emails/{email_id}").json()["last_event"] == "canceled"


def _mode(sandbox: SandboxProgram, mode: str) -> Any:
    return sandbox.control("POST", "webhooks", {"mode": mode})


def test_webhooks_can_be_held_and_released(
    resend_sandbox: SandboxProgram, api: Api, receiver: Receiver, secret: str
) -> None:
    """SB-2."""
    _mode(resend_sandbox, "hold")
    api.send(to="suppressed@resend.dev")
    time.sleep(0.6)
    assert receiver.received == []
    assert resend_sandbox.control("POST", "webhooks/release") == {"released": 1}
    receiver.wait_for_types("email.suppressed")


def test_webhooks_can_be_lost_doubled_and_shuffled(
    resend_sandbox: SandboxProgram, api: Api, receiver: Receiver, secret: str
) -> None:
    """SB-2."""
    _mode(resend_sandbox, "drop")
    api.send(to="suppressed@resend.dev", subject="lost")
    time.sleep(0.4)
    _mode(resend_sandbox, "duplicate")
    api.send(to="suppressed@resend.dev", subject="twice")
    twice = receiver.wait_for(lambda received: len(received) == 2 and received)
    assert {each.json["data"]["subject"] for each in twice} == {"twice"}
    assert len({each.headers["svix-id"] for each in twice}) == 1
    _mode(resend_sandbox, "shuffle")
    for number in range(3):
        api.send(to="suppressed@resend.dev", subject=str(number))
    shuffled = receiver.wait_for(lambda received: len(received) == 5 and received[2:])
    subjects = [each.json["data"]["subject"] for each in shuffled]
    assert sorted(subjects) == ["0", "1", "2"] != subjects


def test_an_endpoint_can_be_known_from_the_start(tmp_path: Path, receiver: Receiver) -> None:
    """The option --webhook-url: a site needs no set-up call, and its endpoint outlives a reset."""
    program = SandboxProgram("resend", tmp_path, "--webhook-url", receiver.url)
    try:
        program.control("POST", "reset")
        Api(program).send(to="suppressed@resend.dev")
        event = receiver.wait_for_types("email.suppressed")[0]
        Webhook(program.keys["webhook_secret"]).verify(event.body, event.headers)
    finally:
        program.kill()


def test_another_start_with_another_address_replaces_the_endpoint(tmp_path: Path, receiver: Receiver) -> None:
    """The option --webhook-url: nobody listens at the address of an earlier start; endpoints of others stay."""
    program = SandboxProgram("resend", tmp_path, "--webhook-url", "http://127.0.0.1:1/old")
    try:
        Api(program)("POST", "/webhooks", {"endpoint": "https://other.example/", "events": ["email.sent"]})
    finally:
        program.kill()
    program = SandboxProgram("resend", tmp_path, "--webhook-url", receiver.url)
    try:
        known = Api(program)("GET", "/webhooks").json()["data"]
        assert {each["endpoint"] for each in known} == {receiver.url, "https://other.example/"}
    finally:
        program.kill()
