"""Who was in a call, as Daily's events tell it and as Daily says when it is asked: the same (CA-5, CA-6)."""

import base64
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from callastar.audit.models import LogEntry
from callastar.calls.models import Call, CallEvent, Ended, Presence, Provider, Room, RoomState
from callastar.calls.operations.asking import ask_host
from callastar.calls.operations.following import follow_calls
from callastar.calls.operations.rooms import create_room
from callastar.calls.operations.webhook_watch import check_webhook
from callastar.core import clock
from callastar.core.errors import ProviderError
from callastar.core.ids import new_id
from callastar.notifications.models import Notification
from callastar.providers.daily import client, gateway
from callastar.providers.rooms import TokenRequest
from callastar.webhooks.models import WebhookEvent
from tests.contract import protocol_daily
from tests.contract.daily_api import EVENTS, DailyApi, join, wait_until
from tests.contract.sandbox_program import SandboxProgram
from tests.contract.validating_proxy import ValidatingProxy
from tests.factories import make_admin
from tests.jobs import empty_queue, run_jobs

SECRET, OTHER = (base64.b64encode(word * 4).decode() for word in (b"present!", b"another!"))
MINUTE = timedelta(minutes=1)
NOTHING = {"created": 0, "switched_on": 0, "changed": 0}


class Meeting:
    """A call whose room is at Daily, and browsers that come and go."""

    def __init__(self, sandbox: SandboxProgram, api: DailyApi) -> None:
        self.sandbox, self.api, now = sandbox, api, clock.now()
        self.call = Call.objects.create(
            title="Ask me",
            fan_id=new_id(),
            creator_user_id=new_id(),
            starts_at=now,
            ends_at=now + 30 * MINUTE,
        )
        self.room = self.another_room()

    def another_room(self) -> Room:
        room = Room.objects.create(call=self.call, name=f"callastar-{new_id()}")
        self.call.room = room
        self.call.save()
        return create_room(room_id=room.pk, now=clock.now())

    def comes(self, side: str, room: Room | None = None) -> str:
        """The session of somebody who enters with our token."""
        room = room or self.room
        person = self.call.fan_id if side == "fan" else self.call.creator_user_id
        request = TokenRequest(
            room_name=room.name,
            user_id=str(person),
            user_name=side,
            is_owner=side == "creator",
            expires_at=clock.now() + 55 * MINUTE,
        )
        entered = join(self.sandbox, room.name, token=gateway.create_token(request=request))
        return str(entered["session_id"])

    def goes(self, session: str) -> None:
        self.sandbox.control("POST", "leave", {"session_id": session})

    def passes(self, seconds: int) -> None:
        self.sandbox.control("POST", "clock", {"advance": seconds})

    def webhooks(self, mode: str) -> None:
        self.sandbox.control("POST", "webhooks", {"mode": mode})

    def takes_place(self) -> None:
        """The fan waits, the creator comes, is thrown out and comes back; both leave: 8 events."""
        fan = self.comes("fan")
        self.passes(61)
        creator = self.comes("creator")
        self.passes(122)
        self.goes(creator)
        self.passes(3)
        back = self.comes("creator")
        self.passes(244)
        self.goes(fan)
        self.passes(7)
        self.goes(back)
        self.passes(30)

    def truth(self) -> list[tuple[str, str, int, int]]:
        """Session, person, and when they came and left, as Daily's own list has it."""
        every = [one for room in self.call.rooms.all() for one in self.api.meetings(room=room.name)]
        people = [one for meeting in every for one in meeting["participants"]]
        return sorted(
            (one["participant_id"], one["user_id"], one["join_time"], one["join_time"] + one["duration"])
            for one in people
        )


@pytest.fixture
def meeting(transactional_db: None, at_daily: SandboxProgram, daily: DailyApi) -> Meeting:
    return Meeting(at_daily, daily)


@pytest.fixture
def told(live_server: Any, settings: Any, meeting: Meeting) -> Iterator[Meeting]:
    """Daily posts the events of the meeting to this site."""
    ping = httpx.post(f"{live_server.url}/api/daily/webhook", content=b'{"test":"test"}', timeout=60)
    ping.raise_for_status()  # the first answer of a site may take longer than Daily waits
    settings.SITE_URL = live_server.url
    settings.DAILY_WEBHOOK_SECRETS = (SECRET,)
    assert check_webhook(now=clock.now()) == NOTHING | {"created": 1}
    empty_queue()
    yield meeting
    meeting.sandbox.control("POST", "reset")  # nothing is delivered to a site that is gone


def rows() -> list[tuple[str, str, int, int | None]]:
    return sorted(
        (
            each.session,
            str(each.person_id),
            int(each.joined_at.timestamp()),
            int(each.left_at.timestamp()) if each.left_at else None,
        )
        for each in Presence.objects.all()
    )


def ways() -> list[str]:
    return list(Presence.objects.order_by("joined_at", "created_at").values_list("ended", flat=True))


def hear(*, events: int) -> None:
    """Wait for so many different events, and carry them out."""
    wait_until(lambda: WebhookEvent.objects.count() >= events)
    assert run_jobs() == []


@pytest.mark.parametrize("mode", ["normal", "duplicate", "shuffle", "hold", "drop"])
def test_events_and_lists_tell_the_same(told: Meeting, mode: str) -> None:
    """CA-5, CA-6, SB-2: in any order, twice, late, or never: in the end the same sessions are known."""
    told.webhooks(mode)
    told.takes_place()
    wait_until(lambda: not any(each["ongoing"] for each in told.api.meetings(room=told.room.name)))
    if mode == "hold":
        told.webhooks("normal")
    truth = told.truth()
    assert [leaving - coming for _, _, coming, leaving in sorted(truth, key=lambda one: one[2])] == [
        pytest.approx(seconds, abs=2) for seconds in (430, 122, 251)
    ]
    if mode != "drop":
        hear(events=8)
        assert rows() == truth
        assert set(ways()) == {Ended.LEFT}
        assert set(CallEvent.objects.values_list("kind", flat=True)) >= {"MEETING_STARTED", "MEETING_ENDED"}
    now = clock.now() + 60 * MINUTE
    ask_host(call_id=told.call.pk, now=now)  # changes nothing of what is known
    assert rows() == truth
    Presence.objects.all().delete()
    ask_host(call_id=told.call.pk, now=now)
    assert (rows(), set(ways())) == (truth, {Ended.ASKED})
    assert Call.objects.get().asked_at == now


def test_whoever_is_inside_is_inside(meeting: Meeting) -> None:
    """CA-6: asked while it goes on, and again when it is over."""
    fan, creator = meeting.comes("fan"), meeting.comes("creator")
    meeting.passes(100)
    ask_host(call_id=meeting.call.pk, now=clock.now())
    assert [row[3] for row in rows()] == [None, None]
    meeting.goes(creator)
    ask_host(call_id=meeting.call.pk, now=clock.now())
    assert {row[0]: row[3] is None for row in rows()} == {fan: True, creator: False}
    Presence.objects.filter(session=fan).update(left_at=clock.now() + MINUTE, ended=Ended.LOST)
    ask_host(call_id=meeting.call.pk, now=clock.now())
    assert {row[0]: row[3] is None for row in rows()} == {fan: True, creator: False}
    meeting.goes(fan)
    ask_host(call_id=meeting.call.pk, now=clock.now())
    assert rows() == meeting.truth()


def test_every_room_that_the_call_had_is_asked_for(meeting: Meeting, monkeypatch: Any) -> None:
    """CA-6: also the one before, also when Daily has deleted it; page by page."""
    monkeypatch.setattr(client, "PAGE", 1)
    meeting.goes(meeting.comes("fan"))
    meeting.passes(60)
    wait_until(lambda: not any(each["ongoing"] for each in meeting.api.meetings()))
    meeting.goes(meeting.comes("fan"))
    gateway.delete_room(name=meeting.room.name)
    second = meeting.another_room()
    meeting.goes(meeting.comes("creator", second))
    Room.objects.create(call=meeting.call, name="callastar-never-made", state=RoomState.FAILED)
    Room.objects.create(call=meeting.call, name="callastar-here", provider=Provider.BUILT_IN)
    ask_host(call_id=meeting.call.pk, now=clock.now())
    assert (len(rows()), rows()) == (3, meeting.truth())
    assert [room.name for room in gateway.list_rooms()] == [second.name]


@pytest.mark.parametrize("path", ["meetings", "rooms"])
@pytest.mark.parametrize("kind", ["500", "429", "drop_before", "timeout"])
def test_while_daily_is_down_nothing_is_known(meeting: Meeting, settings: Any, path: str, kind: str) -> None:
    """CA-6: whoever judges must wait: what was not said is not taken for "nobody came"."""
    settings.PROVIDER_TIMEOUT_SECONDS = 0.4
    meeting.goes(meeting.comes("fan"))
    fault = {"match": f"GET /v1/{path}", "kind": kind, "times": 1}
    meeting.sandbox.control("POST", "faults", fault)
    with pytest.raises(ProviderError):
        ask_host(call_id=meeting.call.pk, now=clock.now())
    assert Call.objects.get().asked_at is None
    assert rows() == []
    ask_host(call_id=meeting.call.pk, now=clock.now())
    assert rows() == meeting.truth()


def test_what_is_asked_and_answered_is_as_daily_describes_it(told: Meeting, settings: Any) -> None:
    """SB-1: every request of these stories, held against the published description."""
    proxy = ValidatingProxy(told.sandbox.url, protocol_daily.violations)
    settings.DAILY_API_URL = f"{proxy.url}/v1"
    try:
        told.comes("fan")
        ask_host(call_id=told.call.pk, now=clock.now())
        assert len(list(gateway.list_rooms())) == 1
        settings.DAILY_WEBHOOK_SECRETS = (OTHER,)
        assert check_webhook(now=clock.now()) == NOTHING | {"changed": 1}
        told.api.ok("DELETE", f"/webhooks/{told.api.ok('GET', '/webhooks')[0]['uuid']}")
        assert check_webhook(now=clock.now()) == NOTHING | {"created": 1}
    finally:
        proxy.close()
    # What the answers hold beyond the description is the matter of the sandbox's own tests.
    assert [each for each in proxy.violations if ": answer" not in each] == []
    asked = {f"{each.method} {each.path.split('/')[2]}" for each in proxy.exchanges}
    assert asked >= {"GET meetings", "GET rooms", "GET webhooks", "POST webhooks"}


def test_of_built_in_rooms_daily_is_not_asked(meeting: Meeting, settings: Any) -> None:
    """CA-6: nor of rooms that were never made."""
    settings.DAILY_API_URL = "http://127.0.0.1:9/v1"
    with pytest.raises(ProviderError):
        ask_host(call_id=meeting.call.pk, now=clock.now())
    Room.objects.update(ready_at=None, state=RoomState.WANTED)
    Room.objects.create(call=meeting.call, name="callastar-here", provider=Provider.BUILT_IN)
    ask_host(call_id=meeting.call.pk, now=clock.now())


def test_without_any_event_who_is_here_is_right_within_two_minutes(meeting: Meeting) -> None:
    """CA-4, CA-5: a job looks each minute, as soon as somebody was let in."""
    now = clock.now()
    fan = meeting.comes("fan")
    assert follow_calls(now=now) == {"asked": 0, "failed": 0}  # nobody was let in, as far as we know
    CallEvent.objects.create(
        call=meeting.call, kind=CallEvent.Kind.LET_IN, person_id=meeting.call.fan_id, at=now
    )
    assert follow_calls(now=now) == {"asked": 1, "failed": 0}
    assert [row[0::3] for row in rows()] == [(fan, None)]
    meeting.passes(90)
    meeting.goes(fan)
    assert follow_calls(now=now + MINUTE / 2) == {"asked": 0, "failed": 0}  # heard of just now
    assert follow_calls(now=now + 2 * MINUTE) == {"asked": 1, "failed": 0}
    assert rows() == meeting.truth()
    for outside in (now - 16 * MINUTE, now + 46 * MINUTE):
        assert follow_calls(now=outside) == {"asked": 0, "failed": 0}
    meeting.sandbox.control("POST", "faults", {"match": "GET /v1/rooms", "kind": "500", "times": 1})
    assert follow_calls(now=now + 10 * MINUTE) == {"asked": 0, "failed": 1}
    assert rows() == meeting.truth()


def test_a_session_that_daily_does_not_know_is_over(meeting: Meeting) -> None:
    """CA-5: unless it is so new that Daily's list may not have it yet."""
    now, fan = clock.now(), meeting.call.fan_id
    Presence.objects.create(
        call=meeting.call, room=meeting.room, person_id=fan, session="s", joined_at=now, created_at=now
    )
    ask_host(call_id=meeting.call.pk, now=now + MINUTE / 2)
    assert Presence.objects.get().left_at is None
    ask_host(call_id=meeting.call.pk, now=now + 2 * MINUTE)
    assert (Presence.objects.get().left_at, ways()) == (now + 2 * MINUTE, [Ended.LOST])


def test_what_daily_has_switched_off_is_switched_on_and_told_once(told: Meeting, settings: Any) -> None:
    """CA-5: three deliveries that fail stop it; a job looks every hour."""
    make_admin()
    settings.DAILY_WEBHOOK_SECRETS = (OTHER,)
    told.goes(told.comes("fan"))
    wait_until(lambda: told.api.ok("GET", "/webhooks")[0]["state"] == "FAILED")
    settings.DAILY_WEBHOOK_SECRETS = (SECRET,)
    assert not WebhookEvent.objects.exists()

    told.sandbox.control("POST", "faults", {"match": "POST /v1/webhooks", "kind": "500", "times": 2})
    for _ in range(2):
        with pytest.raises(ProviderError):
            check_webhook(now=clock.now())
    assert check_webhook(now=clock.now()) == NOTHING | {"switched_on": 1}
    assert check_webhook(now=clock.now()) == NOTHING
    (webhook,) = told.api.ok("GET", "/webhooks")
    assert (webhook["state"], webhook["failedCount"], webhook["hmac"]) == ("ACTIVE", 0, SECRET)
    assert LogEntry.objects.filter(type="DAILY_WEBHOOK_FAILED", level="ERROR").count() == 1
    assert Notification.objects.get().params == {"variant": "daily_webhook_failed"}

    told.goes(told.comes("creator"))
    wait_until(lambda: WebhookEvent.objects.filter(type="participant.left").exists())
    settings.DAILY_WEBHOOK_SECRETS = (OTHER,)
    told.goes(told.comes("creator"))
    told.goes(told.comes("creator"))
    wait_until(lambda: told.api.ok("GET", "/webhooks")[0]["state"] == "FAILED")
    settings.DAILY_WEBHOOK_SECRETS = (SECRET,)
    assert check_webhook(now=clock.now()) == NOTHING | {"switched_on": 1}
    assert Notification.objects.count() == 2


def test_daily_signs_with_the_present_secret_and_sends_what_is_handled(told: Meeting, settings: Any) -> None:
    """CA-5, WH-1: a new secret is told to Daily; the old one stays good for what is under way."""
    settings.DAILY_WEBHOOK_SECRETS = (OTHER, SECRET)
    told.comes("fan")
    hear(events=2)
    assert check_webhook(now=clock.now()) == NOTHING | {"changed": 1}
    assert told.api.ok("GET", "/webhooks")[0]["hmac"] == OTHER
    uuid = told.api.ok("GET", "/webhooks")[0]["uuid"]
    told.api.ok("POST", f"/webhooks/{uuid}", json={"eventTypes": EVENTS[:1]})
    assert check_webhook(now=clock.now()) == NOTHING | {"changed": 1}
    assert set(EVENTS) <= set(told.api.ok("GET", "/webhooks")[0]["eventTypes"])
    assert check_webhook(now=clock.now()) == NOTHING
    told.comes("creator")
    hear(events=3)
    assert len(rows()) == 2
    settings.DAILY_WEBHOOK_SECRETS = ()
    told.sandbox.control("POST", "faults", {"match": "GET /v1/webhooks", "kind": "500", "times": 1})
    assert check_webhook(now=clock.now()) == NOTHING  # nothing could be verified: nothing is asked
