"""Daily's events: only what it signed within five minutes comes in, is stored once, and fits in any order (CA-5)."""

import base64
import hashlib
import hmac
import json
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from django.db import connections
from django.http import HttpResponse
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from callastar.audit.models import LogEntry
from callastar.calls.models import Call, CallEvent, Ended, Presence, Provider, Room, RoomState
from callastar.core.ids import new_id
from callastar.notifications.models import Notification
from callastar.providers.daily.events import EVENT_TYPES
from callastar.webhooks.handlers import HANDLERS
from callastar.webhooks.models import EventStatus, WebhookEvent
from callastar.webhooks.operations import inbox
from tests.factories import make_admin
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db
SECRET, NEXT_SECRET = (base64.b64encode(word * 4).decode() for word in (b"present!", b"next one"))
ROOM = "callastar-room"
# In whole seconds: all that Daily's lists know.
START = datetime(2026, 6, 1, 12, tzinfo=UTC)
PING = b'{"test":"test"}'


@pytest.fixture(autouse=True)
def secrets(settings) -> None:
    settings.DAILY_WEBHOOK_SECRETS = (SECRET, NEXT_SECRET)


@pytest.fixture
def call(db) -> Call:
    """A call whose room is at Daily."""
    call = Call.objects.create(
        title="Ask me",
        fan_id=new_id(),
        creator_user_id=new_id(),
        starts_at=START,
        ends_at=START + timedelta(minutes=30),
    )
    call.room = Room.objects.create(
        call=call, name=ROOM, url=f"https://x.daily.co/{ROOM}", state=RoomState.READY, ready_at=START
    )
    call.save()
    return call


def event(type: str = "meeting.started", **payload: Any) -> dict[str, Any]:
    """An event as Daily sends it."""
    usual = {"room": ROOM, "meeting_id": "m1", "start_ts": START.timestamp()}
    return {
        "version": "1.0.0",
        "type": type,
        "id": str(new_id()),
        "payload": {**usual, **payload} if type.startswith("meeting.") else payload,
        "event_ts": time.time(),
    }


def joined(person: object, session: str = "s1", *, at: int = 0, **more: Any) -> dict[str, Any]:
    """Somebody comes, so many seconds after the start of the call."""
    return event(
        "participant.joined",
        **{
            "room": ROOM,
            "session_id": session,
            "user_id": str(person),
            "user_name": "whatever they typed",
            "owner": False,
            "joined_at": START.timestamp() + at + 0.25,
            "will_eject_at": None,
            "permissions": {},
            **more,
        },
    )


def left(person: object, session: str = "s1", *, at: int = 0, after: float = 60) -> dict[str, Any]:
    """They leave, so many seconds after they came."""
    return {**joined(person, session, at=at, duration=after), "type": "participant.left"}


def ended(*, at: int, meeting: str = "m1") -> dict[str, Any]:
    """The meeting is over, so many seconds after the start of the call."""
    return event("meeting.ended", meeting_id=meeting, end_ts=START.timestamp() + at)


def signature(body: bytes, timestamp: str, secret: str = SECRET) -> str:
    digest = hmac.new(base64.b64decode(secret), timestamp.encode() + b"." + body, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


@pytest.fixture
def deliver(db) -> Callable[..., HttpResponse]:
    """`deliver(event)` posts it with a good signature; secret, age, body or a header may be others."""

    def post(
        event: Any,
        *,
        secret: str = SECRET,
        age: float = 0,
        body: bytes | None = None,
        timestamp: str | None = None,
        signed: str | None = None,
        **options: Any,
    ) -> HttpResponse:
        sent = json.dumps(event, separators=(",", ":")).encode()
        moment = str(int(time.time() - age)) if timestamp is None else timestamp
        headers = {
            "X-Webhook-Timestamp": moment,
            "X-Webhook-Signature": signature(sent, moment, secret) if signed is None else signed,
        }
        return Client().post(
            "/api/daily/webhook",
            sent if body is None else body,
            content_type="application/json",
            headers={name: value for name, value in headers.items() if value != "-"},
            **options,
        )

    return post


@pytest.fixture
def tell(deliver) -> Callable[..., None]:
    """`tell(event, …)` delivers events in this order and works the queue off after each."""

    def all_of(*events: dict[str, Any]) -> None:
        for one in events:
            assert deliver(one).status_code == 200
            assert run_jobs() == []

    return all_of


def stays() -> list[tuple[str, str, int, int | None, str]]:
    """Who was there: person, session, seconds after the start when they came and left, and how we know."""
    return [
        (
            each.call.people[str(each.person_id)],
            each.session,
            int((each.joined_at - START).total_seconds()),
            None if each.left_at is None else int((each.left_at - START).total_seconds()),
            each.ended,
        )
        for each in Presence.objects.select_related("call").order_by("joined_at", "session")
    ]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"secret": base64.b64encode(b"somebody else's").decode()}, "signature"),
        ({"age": 301}, "signature"),
        ({"age": -310}, "signature"),
        ({"signed": ""}, "signature"),
        ({"signed": "-"}, "signature"),
        ({"signed": "gérbage"}, "signature"),
        ({"signed": "AAAA"}, "signature"),
        ({"timestamp": ""}, "signature"),
        ({"timestamp": "-"}, "signature"),
        ({"timestamp": "soon"}, "signature"),
        ({"timestamp": "²"}, "signature"),
        ({"timestamp": "-1"}, "signature"),
        ({"timestamp": "9" * 400}, "signature"),
        ({"timestamp": "0"}, "signature"),
        ({"body": b'{"id": "other", "type": "secret-word"}'}, "signature"),
        ({"body": b"\xff\xfe secret-word"}, "signature"),
        ({"body": b""}, "signature"),
        ({"body": b'{"test":"test","type":"secret-word"}'}, "signature"),
        ({"body": b"[" * 100_000}, "signature"),
        ({"body": b'{"test":' * 100_000}, "signature"),
    ],
)
def test_what_daily_did_not_sign_just_now_is_refused(deliver, caplog, change, why):
    """WH-1: 400, a line in the log without the body, nothing stored."""
    with caplog.at_level(logging.DEBUG):
        answer = deliver(event("secret-word"), **change)
    assert answer.status_code == 400
    assert not WebhookEvent.objects.exists()
    entry = LogEntry.objects.get(type="WEBHOOK_REFUSED")
    assert (entry.level, entry.metadata["provider"]) == ("WARNING", "daily")
    assert why in entry.message
    logged = f"{entry.message} {json.dumps(entry.metadata)} {caplog.text}"
    assert "secret-word" not in logged
    assert SECRET not in logged


@pytest.mark.parametrize(
    "wrong", [[], 1, None, {"id": "1"}, {**event(), "payload": None}, {**event(), "id": 7}]
)
def test_a_signed_body_that_is_no_event_is_refused(deliver, wrong):
    """WH-1."""
    assert deliver(wrong).status_code == 400
    assert not WebhookEvent.objects.exists()


def test_a_signed_body_that_is_nested_too_deeply_is_refused(deliver):
    """WH-1: no failure of ours."""
    sent = b'{"payload":' + b"[" * 100_000
    moment = str(int(time.time()))
    answer = deliver(None, body=sent, timestamp=moment, signed=signature(sent, moment))
    assert answer.status_code == 400
    assert "shape" in LogEntry.objects.get(type="WEBHOOK_REFUSED").message
    assert not WebhookEvent.objects.exists()


def test_what_the_database_cannot_keep_stops_no_event(call, tell):
    """WH-1, CA-5: somebody types NUL or half a character as their name: they have come all the same."""
    sent = joined(call.fan_id, user_name="a\0b\ud83d", **{"odd\0": [float("nan")]})
    tell(sent)
    kept = WebhookEvent.objects.get()
    assert (kept.event_id, kept.status) == (sent["id"], EventStatus.PROCESSED)
    assert kept.payload["payload"]["user_name"] == "a\ufffdb\ufffd"
    assert kept.payload["payload"]["odd\ufffd"] == [None]
    assert stays() == [("fan", "s1", 0, None, "")]


@pytest.mark.parametrize("change", [{}, {"age": 290}, {"age": -290}, {"secret": NEXT_SECRET}])
def test_what_daily_signed_is_stored_with_its_job(deliver, change):
    """WH-1, WH-2: five minutes are tolerated, and each of several secrets is good."""
    sent = event()
    assert deliver(sent, **change).status_code == 200
    stored = WebhookEvent.objects.get()
    assert (stored.provider, stored.event_id, stored.type) == ("daily", sent["id"], sent["type"])
    assert (stored.payload, stored.status) == (sent, EventStatus.RECEIVED)
    assert int(stored.occurred_at.timestamp()) == int(sent["event_ts"])
    assert ProcrastinateJob.objects.get(task_name=inbox.PROCESS).args == {"event_id": str(stored.pk)}


def test_a_timestamp_in_milliseconds_is_one_too(deliver):
    """WH-1: the tolerance is the same."""
    now = int(time.time() * 1000)
    sent = event()
    body = json.dumps(sent, separators=(",", ":")).encode()
    for moment, status in ((now, 200), (now - 301_000, 400)):
        answer = deliver(sent, timestamp=str(moment), signed=signature(body, str(moment)))
        assert answer.status_code == status


def test_without_a_secret_nothing_is_genuine(deliver, settings):
    """WH-1."""
    for secrets in ((), ("",)):
        settings.DAILY_WEBHOOK_SECRETS = secrets
        assert deliver(event(), secret="").status_code == 400


def test_daily_tries_an_address_before_it_accepts_it(deliver, settings):
    """CA-5: unsigned, answered 200, and nothing is stored."""
    for body in (PING, b' { "test" : "test" } '):
        assert deliver(None, body=body, timestamp="-", signed="-").status_code == 200
    settings.DAILY_WEBHOOK_SECRETS = ()
    assert deliver(None, body=PING, timestamp="-", signed="-").status_code == 200
    assert not WebhookEvent.objects.exists()
    assert not LogEntry.objects.exists()


def test_only_listed_addresses_may_deliver(deliver, settings):
    """WH-1: not even the ping; a forwarded header counts only from a proxy that is trusted."""
    settings.DAILY_WEBHOOK_ADDRESSES = ("3.18.12.63", "10.1.0.0/16")
    assert deliver(event(), REMOTE_ADDR="10.1.200.7").status_code == 200
    assert deliver(event(), REMOTE_ADDR="3.18.12.64").status_code == 400
    assert deliver(None, body=PING, REMOTE_ADDR="3.18.12.64").status_code == 400
    lying = {"REMOTE_ADDR": "3.18.12.64", "HTTP_X_FORWARDED_FOR": "3.18.12.63"}
    assert deliver(event(), **lying).status_code == 400
    assert WebhookEvent.objects.count() == 1


def test_only_post_is_answered(client):
    """WH-1."""
    assert client.get("/api/daily/webhook").status_code == 405


def test_a_duplicate_is_stored_once_and_an_unknown_type_is_ignored(deliver):
    """WH-2, WH-3; an event of Stripe's with the same id is another one."""
    sent = event("transcript.started")
    WebhookEvent.objects.create(
        provider="stripe", event_id=sent["id"], type="x", payload={}, occurred_at=START, status="ignored"
    )
    assert {deliver(sent).status_code for _ in range(3)} == {200}
    assert run_jobs() == []
    stored = WebhookEvent.objects.get(provider="daily")
    assert (stored.status, stored.attempts) == (EventStatus.IGNORED, 1)


@pytest.mark.parametrize("odd", [0, -5, 1e18, "later", None, 1e300])
def test_a_time_of_its_event_that_makes_no_sense_does_no_harm(call, tell, odd):
    """CA-5: who came and when is in the payload."""
    tell({**joined(call.fan_id), "event_ts": odd})
    assert stays() == [("fan", "s1", 0, None, "")]


def test_coming_and_going_is_written_down(call, tell):
    """CA-6: who, by our token; when; in whole seconds, as Daily's lists say it too."""
    tell(event(), joined(call.fan_id), joined(call.creator_user_id, "s2", at=30))
    assert stays() == [("fan", "s1", 0, None, ""), ("creator", "s2", 30, None, "")]
    tell(left(call.fan_id, after=59.6), left(call.creator_user_id, "s2", at=30), ended(at=90))
    assert stays() == [("fan", "s1", 0, 60, Ended.LEFT), ("creator", "s2", 30, 90, Ended.LEFT)]
    events = CallEvent.objects.values_list("kind", "details__meeting")
    assert list(events) == [("MEETING_STARTED", "m1"), ("MEETING_ENDED", "m1")]


def test_any_order_and_every_event_twice(call, deliver):
    """WH-2, CA-5: the same sessions, whatever comes first and however often."""
    told = [
        event(),
        joined(call.fan_id),
        left(call.fan_id, after=100),
        joined(call.creator_user_id, "s2", at=10),
        left(call.creator_user_id, "s2", at=10, after=70),
        ended(at=101),
    ]
    for number, order in enumerate(permutations(told)):
        if number % 31:
            continue
        for one in (*order, order[0]):
            HANDLERS["daily", one["type"]](one, START)
        assert stays() == [("fan", "s1", 0, 100, Ended.LEFT), ("creator", "s2", 10, 80, Ended.LEFT)]
        assert CallEvent.objects.count() == 2
        Presence.objects.all().delete()
        CallEvent.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_all_at_once_by_several_workers(call):
    """WH-2: each event twice, carried out side by side: one session each, ended as it ended."""
    told = [joined(call.fan_id), joined(call.creator_user_id, "s2"), left(call.fan_id), ended(at=90)] * 2

    def carry_out(one: dict[str, Any]) -> None:
        try:
            HANDLERS["daily", one["type"]](one, START)
        finally:
            connections.close_all()

    for _ in range(5):
        with ThreadPoolExecutor(len(told)) as workers:
            list(workers.map(carry_out, told))
        assert stays() == [("fan", "s1", 0, 60, Ended.LEFT), ("creator", "s2", 0, 90, Ended.MEETING)]
        Presence.objects.all().delete()
        CallEvent.objects.all().delete()


@pytest.mark.parametrize("late", [False, True])
def test_whose_leaving_is_lost_has_left_by_the_end_of_the_meeting(call, tell, late):
    """CA-5: also when their coming is heard of after it."""
    told = [joined(call.fan_id), ended(at=300)]
    tell(*(reversed(told) if late else told))
    assert stays() == [("fan", "s1", 0, 300, Ended.MEETING)]
    tell(left(call.fan_id, after=120))  # not lost after all
    assert stays() == [("fan", "s1", 0, 120, Ended.LEFT)]
    tell(ended(at=300, meeting="m0"))
    assert stays() == [("fan", "s1", 0, 120, Ended.LEFT)]


def test_the_end_of_an_earlier_meeting_ends_nobody_of_a_later_one(call, tell):
    """CA-5: everybody had left, somebody came back, and then Daily says (20 s late) that the first one is over."""
    tell(joined(call.fan_id), left(call.fan_id), joined(call.fan_id, "s2", at=75), ended(at=60))
    assert stays() == [("fan", "s1", 0, 60, Ended.LEFT), ("fan", "s2", 75, None, "")]


def test_whose_coming_is_lost_was_there_all_the_same(call, tell):
    """CA-5: a leaving says when they came."""
    tell(left(call.fan_id, at=5, after=10))
    assert stays() == [("fan", "s1", 5, 15, Ended.LEFT)]


def test_a_clock_that_runs_backwards_makes_nobody_leave_before_they_came(call, tell):
    """CA-5."""
    tell(left(call.fan_id, at=5, after=-30), joined(call.creator_user_id, "s2", at=50), ended(at=40))
    assert stays() == [("fan", "s1", 5, 5, Ended.LEFT), ("creator", "s2", 50, None, "")]


def test_strangers_and_unknown_rooms_are_nothing_to_us(call, tell):
    """CA-6: identity comes from our token; support is not a side of the call; other rooms of the domain exist."""
    Room.objects.create(call=call, name="callastar-here", provider=Provider.BUILT_IN)
    tell(
        joined(new_id()),
        joined("fan"),
        joined("", user_id=None),
        joined(call.fan_id, room="somebody-elses"),
        joined(call.fan_id, room="callastar-here"),
        event(room="somebody-elses"),
        event("meeting.ended", room="somebody-elses", end_ts=START.timestamp()),
    )
    assert stays() == []
    assert not CallEvent.objects.exists()
    assert set(WebhookEvent.objects.values_list("status", flat=True)) == {EventStatus.PROCESSED}


def test_what_cannot_be_read_is_parked_told_and_can_be_replayed(call, deliver):
    """WH-2: as Stripe's; the text says whose event it is."""
    make_admin()
    broken = joined(call.fan_id)
    del broken["payload"]["joined_at"]
    assert deliver(broken).status_code == 200
    assert run_jobs() == [inbox.PROCESS]
    parked = WebhookEvent.objects.get()
    assert (parked.status, "KeyError" in parked.error) == (EventStatus.PARKED, True)
    told = Notification.objects.get(type="SYSTEM")
    assert told.params == {"variant": "daily_event_parked", "event_type": "participant.joined"}
    WebhookEvent.objects.update(payload=joined(call.fan_id))
    inbox.replay_event(event_id=parked.pk)
    assert run_jobs() == []
    assert stays() == [("fan", "s1", 0, None, "")]


def test_daily_is_asked_for_every_event_that_something_handles():
    """CA-5."""
    handled = {type for provider, type in HANDLERS if provider == "daily"}
    assert {type for type in EVENT_TYPES if not type.startswith("recording.")} <= handled <= set(EVENT_TYPES)
