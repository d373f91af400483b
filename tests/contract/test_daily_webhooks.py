"""Daily's stand-in: webhooks, their signature and the circuit breaker (SB-2, SB-4; CA-5 relies on it)."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest

from tests.contract.daily_api import EVENTS, DailyApi, check, in_seconds, join, wait_until
from tests.contract.sandbox_program import Received, Receiver, SandboxProgram


def signature_of(received: Received, secret: str) -> str:
    signed = received.headers["x-webhook-timestamp"].encode() + b"." + received.body
    return base64.b64encode(hmac.new(base64.b64decode(secret), signed, hashlib.sha256).digest()).decode()


class TestWebhooks:
    """CA-5, SB-4: webhooks, to loopback addresses too."""

    def create(self, daily: DailyApi, url: str, **options: Any) -> dict[str, Any]:
        body = {"url": url, "eventTypes": EVENTS, **options}
        webhook: dict[str, Any] = daily.ok("POST", "/webhooks", schema="Webhook", json=body)
        return webhook

    def test_creation_posts_a_test_first(self, daily: DailyApi, receiver: Receiver) -> None:
        webhook = self.create(daily, receiver.url, basicAuth="user:secret")
        (test,) = receiver.received
        assert test.body == b'{"test":"test"}'
        assert test.headers["authorization"] == "Basic " + base64.b64encode(b"user:secret").decode()
        assert (webhook["state"], webhook["failedCount"]) == ("ACTIVE", 0)
        assert webhook["retryType"] == "circuit-breaker"
        assert webhook["lastMomentPushed"] is None
        assert base64.b64decode(webhook["hmac"], validate=True)
        assert daily.ok("GET", f"/webhooks/{webhook['uuid']}", schema="Webhook") == webhook
        assert daily.ok("GET", "/webhooks") == [webhook]

    def test_an_address_that_does_not_answer_200_is_refused(
        self, daily: DailyApi, receiver: Receiver
    ) -> None:
        receiver.answer_next(204)
        info = daily.refused(400, "invalid-request-error", "POST", "/webhooks", json={"url": receiver.url})
        assert "204" in info
        daily.refused(400, "invalid-request-error", "POST", "/webhooks", json={"url": "http://127.0.0.1:9/"})
        assert daily.ok("GET", "/webhooks") == []

    @pytest.mark.parametrize(
        "options",
        [
            {"url": "ftp://example.org"},
            {"url": "nothing"},
            {"hmac": "not base64!"},
            {"eventTypes": ["meeting.exploded"]},
            {"eventTypes": []},
            {"retryType": "never"},
            {"event_types": EVENTS},
        ],
    )
    def test_wrong_parameters(self, daily: DailyApi, receiver: Receiver, options: dict[str, Any]) -> None:
        body = {"url": receiver.url, **options}
        daily.refused(400, "invalid-request-error", "POST", "/webhooks", json=body)
        daily.refused(400, "invalid-request-error", "POST", "/webhooks", json={})
        assert receiver.received == []

    def test_signed_events_of_a_meeting(
        self, daily: DailyApi, daily_sandbox: SandboxProgram, receiver: Receiver
    ) -> None:
        secret = base64.b64encode(b"a secret of our own").decode()
        self.create(daily, receiver.url, hmac=secret)
        expiry = in_seconds(600)
        daily.room(exp=expiry, eject_at_room_exp=True)
        token = daily.token(room_name="hello", user_id="42", user_name="Ada", is_owner=True)
        session = join(daily_sandbox, token=token)
        daily_sandbox.control("POST", "clock", {"advance": 90})
        daily_sandbox.control("POST", "leave", {"session_id": session["session_id"]})
        received = receiver.wait_for_types(*EVENTS)[1:]
        assert [each.json["type"] for each in received] == EVENTS
        for each in received:
            assert each.headers["x-webhook-signature"] == signature_of(each, secret)
            assert each.body == json.dumps(each.json, separators=(",", ":"), ensure_ascii=False).encode()
            assert each.json["version"] == "1.0.0"
            assert each.json["id"]
        started, joined, left, ended = [each.json for each in received]
        check("MeetingStarted", started)
        check("ParticipantJoined", joined)
        check("ParticipantLeft", left)
        check("MeetingEnded", ended)
        assert joined["payload"]["session_id"] == session["session_id"]
        assert (joined["payload"]["user_id"], joined["payload"]["user_name"]) == ("42", "Ada")
        assert joined["payload"]["owner"] is True
        assert joined["payload"]["will_eject_at"] == expiry
        assert left["payload"]["duration"] == pytest.approx(90, abs=2)
        assert started["payload"]["meeting_id"] == ended["payload"]["meeting_id"] == session["meeting_id"]
        assert ended["payload"]["end_ts"] - started["payload"]["start_ts"] == pytest.approx(90, abs=2)

    def test_only_subscribed_types_are_sent(
        self, daily: DailyApi, daily_sandbox: SandboxProgram, receiver: Receiver
    ) -> None:
        self.create(daily, receiver.url, eventTypes=["participant.left"])
        daily.room()
        daily_sandbox.control("POST", "leave", {"session_id": join(daily_sandbox)["session_id"]})
        types = [each.json["type"] for each in receiver.wait_for_types("participant.left")[1:]]
        assert types == ["participant.left"]

    def test_coming_back_at_once_continues_the_meeting(
        self, daily: DailyApi, daily_sandbox: SandboxProgram
    ) -> None:
        daily.room()
        first = join(daily_sandbox)
        daily_sandbox.control("POST", "leave", {"session_id": first["session_id"]})
        assert join(daily_sandbox)["meeting_id"] == first["meeting_id"]

    def test_the_circuit_breaker(
        self, daily: DailyApi, daily_sandbox: SandboxProgram, receiver: Receiver
    ) -> None:
        """CA-5: three failures stop the webhook until it is switched on again."""
        webhook = self.create(daily, receiver.url)
        path = f"/webhooks/{webhook['uuid']}"
        receiver.answer_next(500, 500, 500)
        daily.room()
        join(daily_sandbox)
        failed = wait_until(
            lambda: (now := daily.ok("GET", path, schema="Webhook"))["state"] == "FAILED" and now
        )
        assert failed["failedCount"] == 3
        join(daily_sandbox)
        time.sleep(0.5)
        assert len(receiver.received) == 4  # the test and three tries, nothing since
        revived = daily.ok("POST", path, schema="Webhook", json={"url": receiver.url})
        assert (revived["state"], revived["failedCount"]) == ("ACTIVE", 0)
        join(daily_sandbox)
        receiver.wait_for(lambda received: len(received) == 6)
        assert daily.ok("GET", path)["lastMomentPushed"] is not None

    def test_exponential_retries_go_on(
        self, daily: DailyApi, daily_sandbox: SandboxProgram, receiver: Receiver
    ) -> None:
        """SB-4: retried within seconds, with the same event id."""
        webhook = self.create(daily, receiver.url, retryType="exponential", eventTypes=["meeting.started"])
        receiver.answer_next(500, 503, 500)
        daily.room()
        join(daily_sandbox)
        tries = receiver.wait_for(lambda received: received[1:] if len(received) == 5 else None, 12)
        assert len({each.json["id"] for each in tries}) == 1
        now = wait_until(
            lambda: (w := daily.ok("GET", f"/webhooks/{webhook['uuid']}"))["failedCount"] == 0 and w
        )
        assert now["state"] == "ACTIVE"

    def test_changed_and_deleted(
        self, daily: DailyApi, daily_sandbox: SandboxProgram, receiver: Receiver
    ) -> None:
        webhook = self.create(daily, receiver.url)
        path = f"/webhooks/{webhook['uuid']}"
        changed = daily.ok("POST", path, schema="Webhook", json={"eventTypes": ["meeting.ended"]})
        assert changed["eventTypes"] == ["meeting.ended"]
        assert changed["hmac"] == webhook["hmac"]
        receiver.answer_next(500)
        daily.refused(400, "invalid-request-error", "POST", path, json={"eventTypes": EVENTS})
        assert daily.ok("GET", path) == changed
        daily.ok("DELETE", path)
        for method in ("GET", "POST", "DELETE"):
            daily.refused(404, "not-found", method, path)

    def test_disorder_only_when_asked(
        self, daily: DailyApi, daily_sandbox: SandboxProgram, receiver: Receiver
    ) -> None:
        """SB-2: duplicate, hold and release."""
        self.create(daily, receiver.url)
        daily.room()
        daily_sandbox.control("POST", "webhooks", {"mode": "duplicate"})
        session = join(daily_sandbox)
        twice = receiver.wait_for(lambda received: received[1:] if len(received) == 5 else None)
        assert len({each.json["id"] for each in twice}) == 2
        daily_sandbox.control("POST", "webhooks", {"mode": "hold"})
        daily_sandbox.control("POST", "leave", {"session_id": session["session_id"]})
        time.sleep(0.4)
        assert len(receiver.received) == 5
        daily_sandbox.control("POST", "webhooks", {"mode": "normal"})
        receiver.wait_for_types("participant.left", "meeting.ended")
