"""Only what Stripe signed within the last five minutes comes in (WH-1)."""

import json
import logging

import pytest

from callastar.audit.models import LogEntry
from callastar.core import clock
from callastar.webhooks.models import WebhookEvent
from callastar.webhooks.operations import refused
from tests.integration.webhooks.conftest import CONNECT_SECRET, NEXT_SECRET, event, signed

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"secret": "whsec_somebody_elses"}, "signature"),
        ({"age": 301}, "signature"),
        ({"age": -310}, "signature"),
        ({"header": ""}, "signature"),
        ({"header": "garbage"}, "signature"),
        ({"header": "t=,v1="}, "signature"),
        ({"header": "t=soon,v1=00"}, "signature"),
        ({"header": "t=1;v1=00,\x7f"}, "signature"),
        ({"body": b'{"id": "evt_other", "type": "secret-word"}'}, "signature"),
        ({"body": b"\xff\xfe secret-word"}, "signature"),
        ({"body": b"[" * 100_000}, "signature"),
    ],
)
def test_what_stripe_did_not_sign_just_now_is_refused(deliver, caplog, change, why):
    """Bad, old, future or garbage signatures and changed bodies: 400, logged without the body, nothing stored."""
    with caplog.at_level(logging.DEBUG):
        answer = deliver(event("secret-word"), **change)
    assert answer.status_code == 400
    assert not WebhookEvent.objects.exists()
    entry = LogEntry.objects.get(type="WEBHOOK_REFUSED")
    assert entry.level == "WARNING"
    assert why in entry.message
    logged = f"{entry.message} {json.dumps(entry.metadata)} {caplog.text}"
    assert "secret-word" not in logged
    assert "whsec" not in logged


def test_a_flood_of_what_nobody_signed_does_not_fill_the_system_log(deliver, caplog, monkeypatch):
    """WH-1: one entry a minute for each address, and not for ever more addresses; a line in the process log each."""

    def entries(number: int = 1, **options: str) -> int:
        for _ in range(number):
            assert deliver(event(), age=301, **options).status_code == 400
        return LogEntry.objects.filter(type="WEBHOOK_REFUSED").count()

    with caplog.at_level(logging.WARNING):
        assert entries(3) == 1
    assert caplog.text.count("A webhook was refused: signature") == 3
    assert entries(2, REMOTE_ADDR="203.0.113.7") == 2
    LogEntry.objects.update(created_at=clock.now() - refused.WINDOW)
    assert entries(2) == 3
    monkeypatch.setattr(refused, "MOST", 2)
    assert [entries(REMOTE_ADDR=f"203.0.113.{number}") for number in range(4)] == [4] * 4


@pytest.mark.parametrize("age", [0, 290, -290])
def test_five_minutes_are_tolerated(deliver, age):
    assert deliver(event(), age=age).status_code == 200
    assert WebhookEvent.objects.count() == 1


@pytest.mark.parametrize("secret", [NEXT_SECRET, CONNECT_SECRET])
def test_each_of_several_secrets_is_good(deliver, secret):
    """Rotation: the old and the new one; and the Connect endpoint's own."""
    assert deliver(event(), secret=secret).status_code == 200


def test_without_a_secret_nothing_is_genuine(deliver, settings):
    settings.STRIPE_WEBHOOK_SECRETS = ()
    assert deliver(event(), secret="").status_code == 400
    settings.STRIPE_WEBHOOK_SECRETS = ("",)
    assert deliver(event(), secret="").status_code == 400


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        1,
        None,
        {"id": "evt_1"},
        {"data": None},
        event(id=7),
        event(id="evt_\0"),
        event(id="e" * 129),
        event("\0"),
        event("t" * 81),
        event(account="a" * 65),
        event(created=67_768_036_191_676_800),
    ],
)
def test_a_signed_body_that_is_no_event_is_refused(deliver, wrong):
    assert deliver(wrong).status_code == 400
    assert not WebhookEvent.objects.exists()


@pytest.mark.parametrize("depth", [300, 600, 900, 100_000])
def test_what_is_nested_too_deeply_is_refused_or_kept(deliver, depth):
    """WH-1: however deep it is, it is no failure of ours."""
    sent = json.dumps(event(deep="HERE")).replace('"HERE"', "[" * depth + "]" * depth).encode()
    answer = deliver(None, body=sent, header=signed(sent))
    assert answer.status_code == (200 if WebhookEvent.objects.exists() else 400)
    assert answer.status_code == 400 or depth < 600


def test_what_the_database_cannot_keep_stops_no_event(deliver):
    """WH-1, WH-2: NUL, half a character, numbers that are none: in names and values, at any depth."""
    odd = {"a\0b": ["c\0", {"d": "\ud83d\0"}], "n": float("nan"), "i": -float("inf"), "ok": "é 🎥", "zero": 0}
    sent = event(object_id="cus_\0", metadata=odd)
    assert deliver(sent).status_code == 200
    assert deliver(sent).status_code == 200
    kept = WebhookEvent.objects.get()
    assert kept.event_id == sent["id"]
    assert kept.payload["data"]["object"]["id"] == "cus_\ufffd"
    assert kept.payload["metadata"] == {
        "a\ufffdb": ["c\ufffd", {"d": "\ufffd\ufffd"}],
        "n": None,
        "i": None,
        "ok": "é 🎥",
        "zero": 0,
    }


def test_only_listed_addresses_may_deliver(deliver, settings):
    """A forwarded header counts only from a proxy that is trusted."""
    settings.STRIPE_WEBHOOK_ADDRESSES = ("3.18.12.63", "10.1.0.0/16")
    assert deliver(event(), REMOTE_ADDR="3.18.12.63").status_code == 200
    assert deliver(event(), REMOTE_ADDR="10.1.200.7").status_code == 200
    assert deliver(event(), REMOTE_ADDR="3.18.12.64").status_code == 400
    lying = {"REMOTE_ADDR": "3.18.12.64", "HTTP_X_FORWARDED_FOR": "3.18.12.63"}
    assert deliver(event(), **lying).status_code == 400
    settings.TRUSTED_PROXIES = ("127.0.0.1",)
    behind = {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "6.6.6.6, 3.18.12.63"}
    assert deliver(event(), **behind).status_code == 200
    assert WebhookEvent.objects.count() == 3


def test_only_post_is_answered(client):
    assert client.get("/api/payments/webhook").status_code == 405
