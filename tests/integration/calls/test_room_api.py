"""CA-1, CA-3: the built-in room over HTTP: its wire, its refusals, its page and the headers of the page."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import signing
from django.test import Client
from django.utils.dateparse import parse_datetime

from callastar.calls import builtin
from callastar.calls.models import Call, CallEvent, Presence, Provider, Room, Signal
from callastar.core import clock
from callastar.core.models import IdempotentAnswer
from callastar.live.tokens import may_watch_call
from config.api import api
from tests.factories import make_admin, make_user
from tests.rooms import MINUTE, BuiltInRoom, add_room, make_built_in_room

pytestmark = pytest.mark.django_db


class Browser:
    """What the page of a room asks, with one token."""

    def __init__(self, name: str, token: str) -> None:
        self.name, self.token, self._client = name, token, Client(enforce_csrf_checks=True)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        named = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        options = {"data": json.dumps(body), "content_type": "application/json"} if body is not None else {}
        return self._client.generic(method, f"/api/calls/rooms/{self.name}/{path}", headers=named, **options)

    def join(self) -> dict[str, Any]:
        answer = self.ask("POST", "join", {})
        assert answer.status_code == 200, answer.content
        return answer.json()


@pytest.fixture
def room() -> BuiltInRoom:
    return make_built_in_room()


def browser(room: BuiltInRoom, person: Any, **options: Any) -> Browser:
    return Browser(room.name, room.token(person, **options))


def code_of(answer: Any) -> str:
    """Status and code of a problem."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["detail"]
    assert problem["status"] == answer.status_code
    return f"{problem['status']} {problem['code']}"


def everything() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Presence, Signal, CallEvent, IdempotentAnswer))


def test_a_call_over_the_wire(room: BuiltInRoom, settings: Any) -> None:
    """CA-1: joining, signals both ways, beats, leaving."""
    settings.TURN_URLS, settings.TURN_SECRET = ["turn:turn.example"], "s" * 40
    fan, creator = browser(room, room.fan), browser(room, room.creator)
    mine = fan.join()
    assert set(mine) == {
        *("call", "session", "you", "other", "polite", "ice_servers", "events_url", "starts_at", "ends_at"),
        *("closes_at", "now", "chat", "screenshare", "beat_seconds"),
    }
    assert mine["you"] == {"side": "fan", "name": "Noa"}
    assert mine["other"] == {"side": "creator", "name": "Zoé Amadou", "session": None}
    assert (mine["call"], mine["polite"], mine["beat_seconds"]) == (str(room.call.pk), True, 5)
    (turn,) = mine["ice_servers"]
    assert (turn["urls"], turn["username"].partition(":")[2]) == (["turn:turn.example"], str(room.fan.pk))
    assert turn["credential"]
    path, _, token = mine["events_url"].partition("?token=")
    assert path == f"/api/calls/{room.call.pk}/events"
    assert may_watch_call(call_id=str(room.call.pk), token=token)
    assert _time(mine["closes_at"]) == room.call.ends_at + 15 * MINUTE

    theirs = creator.join()
    assert (theirs["polite"], theirs["other"]["session"]) == (False, mine["session"])
    offer = {"description": {"type": "offer", "sdp": "v=0\r\n…"}}
    sent = fan.ask("POST", "signals", {"session": mine["session"], "to": theirs["session"], "payload": offer})
    assert sent.status_code == 201
    fetched = creator.ask("GET", f"signals?session={theirs['session']}")
    assert fetched.json() == {
        "signals": [{"id": sent.json()["id"], "from": mine["session"], "payload": offer}]
    }
    nothing = creator.ask("GET", f"signals?session={theirs['session']}&after={sent.json()['id']}")
    assert nothing.json() == {"signals": []}

    problems = [{"kind": "device", "detail": "NotAllowedError"}, {"kind": "poor", "unknown": 1}]
    beat = fan.ask("POST", "beat", {"session": mine["session"], "problems": problems})
    assert beat.json() == {
        "here": True,
        "ended": None,
        "other": {"side": "creator", "name": "Zoé Amadou", "session": theirs["session"]},
    }
    assert CallEvent.objects.count() == 2
    assert creator.ask("POST", "leave", {"session": theirs["session"]}).status_code == 204
    assert fan.ask("POST", "beat", {"session": mine["session"]}).json()["other"]["session"] is None


def _time(text: str) -> datetime | None:
    return parse_datetime(text)


def test_a_beacon_leaves_with_the_token_in_its_body(room: BuiltInRoom) -> None:
    """CA-6: browsers give beacons no headers. The token opens nothing else from there."""
    fan = browser(room, room.fan)
    session, token = fan.join()["session"], fan.token
    fan.token = ""
    assert code_of(fan.ask("POST", "beat", {"session": session, "token": token})) == "401 room_token_invalid"
    for body in ({"session": session}, {"session": session, "token": 7}, [], {"token": token + "x"}):
        assert code_of(fan.ask("POST", "leave", body)) == "401 room_token_invalid"
    assert Presence.objects.get().left_at is None
    assert fan.ask("POST", "leave", {"session": session, "token": token}).status_code == 204
    assert Presence.objects.get().ended == "left"


def _wrong_tokens(room: BuiltInRoom) -> dict[str, str]:
    good, elsewhere = room.token(room.fan), make_built_in_room()
    claims = signing.loads(good, salt=builtin.SALT)
    return {
        "none": "",
        "nonsense": "x",
        "changed": good[:-2] + ("AA" if not good.endswith("AA") else "BB"),
        "another room's": elsewhere.token(elsewhere.fan),
        "for another room, of one of the two": room.token(room.fan, room_name=elsewhere.name),
        "expired": room.token(room.fan, expires_at=clock.now() - timedelta(seconds=1)),
        "signed for something else": signing.dumps(claims, salt="callastar.live.call"),
        "signed with another key": signing.dumps(claims, key="k" * 50, salt=builtin.SALT),
    }


def test_only_the_rooms_own_token_opens_it(room: BuiltInRoom) -> None:
    """CA-3: any other is refused with one code, whatever is asked, and nothing has changed."""
    fan = browser(room, room.fan)
    session = fan.join()["session"]
    before = everything()
    for why, token in _wrong_tokens(room).items():
        other = Browser(room.name, token)
        asked = [other.ask("POST", "join", {})]
        if why != "expired":  # whose holder is inside stays inside
            message = {"session": session, "to": session, "payload": {}}
            asked += [
                other.ask("POST", "beat", {"session": session}),
                other.ask("POST", "leave", {"session": session}),
                other.ask("POST", "signals", message),
                other.ask("GET", f"signals?session={session}"),
            ]
        assert {code_of(answer) for answer in asked} == {"401 room_token_invalid"}, why
    assert everything() == before
    assert Presence.objects.get().left_at is None


def test_a_third_person_finds_no_place(room: BuiltInRoom) -> None:
    """CA-2, CA-3: two participants. Neither staff nor strangers get a place, whatever token they got hold of."""
    before = everything()
    for person in (make_admin(), make_user()):
        third = browser(room, person)
        assert code_of(third.ask("POST", "join", {})) == "409 room_full"
        assert code_of(third.ask("POST", "beat", {"session": str(uuid4())})) == "409 room_full"
    assert everything() == before


def test_rooms_that_are_not_there(room: BuiltInRoom) -> None:
    """CA-3: unknown, or not ours to let people into."""
    at_daily = add_room(room.call)
    Room.objects.filter(pk=at_daily.pk).update(provider=Provider.DAILY)
    for name in ("callastar-nothing", at_daily.name):
        nowhere = Browser(name, room.token(room.fan, room_name=name))
        assert code_of(nowhere.ask("POST", "join", {})) == "404 room_not_found"
    assert not Presence.objects.exists()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"starts_at": 20 * MINUTE, "ends_at": 50 * MINUTE}, "403 call_not_open_yet"),
        ({"starts_at": -60 * MINUTE, "ends_at": -16 * MINUTE}, "403 call_over"),
        ({"cancelled_at": timedelta(0)}, "403 call_over"),
        ({"room": None}, "409 room_moved"),
    ],
)
def test_rooms_that_are_not_open(room: BuiltInRoom, changes: dict[str, Any], code: str) -> None:
    """CA-3: 20 minutes early, over, cancelled, replaced: refused with a token that is good."""
    fan, creator = browser(room, room.fan), browser(room, room.creator)
    session = creator.join()["session"]
    values = {
        key: clock.now() + value if isinstance(value, timedelta) else value for key, value in changes.items()
    }
    Call.objects.filter(pk=room.call.pk).update(**values)
    before = everything()
    assert code_of(fan.ask("POST", "join", {})) == code
    message = {"session": session, "to": session, "payload": {}}
    assert code_of(creator.ask("POST", "signals", message)) == code
    assert code_of(creator.ask("GET", f"signals?session={session}")) == code
    assert everything() == before
    assert creator.ask("POST", "beat", {"session": session}).json()["here"] is False
    assert Presence.objects.get().ended == "meeting"


def test_another_device_is_told(room: BuiltInRoom) -> None:
    """CA-1: `here` is false and says why."""
    laptop, phone = browser(room, room.fan), browser(room, room.fan)
    first, second = laptop.join()["session"], phone.join()["session"]
    told = laptop.ask("POST", "beat", {"session": first}).json()
    assert (told["here"], told["ended"]) == (False, "replaced")
    assert code_of(laptop.ask("GET", f"signals?session={first}")) == "409 session_over"
    assert phone.ask("POST", "beat", {"session": second}).json()["here"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("beat", {}),
        ("beat", {"session": ""}),
        ("beat", {"session": "x" * 65}),
        ("beat", {"session": "a\x00"}),
        ("beat", {"session": "x", "problems": [{"kind": "boredom"}]}),
        ("beat", {"session": "x", "problems": [{"kind": "lost", "seconds": -1}]}),
        ("beat", {"session": "x", "problems": [{"kind": "lost"}] * 21}),
        ("beat", {"session": "x", "problems": [{"kind": "lost", "detail": "y" * 201}]}),
        ("beat", {"session": "x", "problems": [{"kind": "lost", "detail": "a\x00b"}]}),
        ("beat", {"session": "x", "problems": [{"kind": "lost", "detail": "\ud800"}]}),
        ("leave", {"session": "a\x00", "token": "\x00"}),
        ("signals?session=%00", None),
        ("signals", {"session": "x", "to": "y\x00", "payload": {}}),
        ("signals", {"session": "x", "to": "y"}),
        ("signals", {"session": "x", "to": "y", "payload": "text"}),
        ("signals", {"session": "x", "to": "y", "payload": {"n": float("nan")}}),
        ("signals?session=x&after=-1", None),
        ("signals?session=x&after=9223372036854775808", None),
    ],
)
def test_what_makes_no_sense_is_refused_by_field(room: BuiltInRoom, path: str, body: Any) -> None:
    """AP-3: a problem, never a failure of ours."""
    fan = browser(room, room.fan)
    fan.join()
    before = everything()
    answer = fan.ask("GET" if body is None else "POST", path, body)
    assert code_of(answer) in {"422 invalid", "404 session_not_found"}
    assert everything() == before


def test_secrets_are_not_kept_for_repeated_requests(room: BuiltInRoom) -> None:
    """SE-2: a place names a stream and passwords; asked again with the same key there is a new one."""
    fan = browser(room, room.fan)
    answers = [fan.ask("POST", "join", {}, Idempotency_Key="again") for _ in range(2)]
    assert len({answer.json()["session"] for answer in answers}) == 2
    assert not IdempotentAnswer.objects.exists()
    assert answers[0].headers["Cache-Control"] == "no-store"


def test_problems_speak_the_askers_language(room: BuiltInRoom) -> None:
    """AP-3: the code stays."""
    details = {
        language: Browser(room.name, "x").ask("POST", "join", {}, Accept_Language=language).json()
        for language in ("en", "fr")
    }
    assert {problem["code"] for problem in details.values()} == {"room_token_invalid"}


def test_the_api_describes_the_room() -> None:
    """AP-2: every route with its refusals and examples, by the token and not the cookie."""
    schema = api.get_openapi_schema()
    paths = {path: item for path, item in schema["paths"].items() if "/calls/rooms/" in path}
    assert {path.rpartition("/")[2] for path in paths} == {"join", "beat", "leave", "signals"}
    for item in paths.values():
        for operation in item.values():
            assert operation["description"]
            assert operation["security"] in ([{"RoomToken": []}], [{"BeaconToken": []}])
            assert "401" in {str(status) for status in operation["responses"]}
    signal = schema["components"]["schemas"]["SignalOut"]
    assert "from" in signal["properties"]
    assert signal["properties"]["payload"]["examples"]


def test_the_page_may_be_framed_by_this_site_alone(room: BuiltInRoom, client: Client) -> None:
    """CA-3, SE-4: no login, no name of anybody, no cache, no referrer, and devices for itself."""
    page = client.get(f"/en/room/{room.name}")
    assert page.status_code == 200
    text = page.content.decode()
    assert "Noa" not in text
    assert "Zoé" not in text
    policy = page.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in policy
    assert page.headers["X-Frame-Options"] == "SAMEORIGIN"
    devices = "camera=(self), microphone=(self), display-capture=(self)"
    assert page.headers["Permissions-Policy"] == devices
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page.headers["Cache-Control"]
    assert not page.cookies.get("sessionid")


def test_an_address_without_a_language_leads_to_the_viewers(room: BuiltInRoom, client: Client) -> None:
    """CA-1: the browser takes the fragment along by itself; a query is dropped, as it might hold a token."""
    path = f"/room/{room.name}"
    for language in ("en", "fr"):
        answer = client.get(f"{path}?t=secret", headers={"Accept-Language": language})
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/{language}{path}")
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    client.force_login(make_user(locale="en"))
    assert client.get(path, headers={"Accept-Language": "fr"}).headers["Location"] == f"/en{path}"


def test_no_page_for_other_rooms(room: BuiltInRoom, client: Client) -> None:
    """CA-3: unknown, and Daily's."""
    Room.objects.filter(pk=room.room.pk).update(provider=Provider.DAILY)
    for name in (room.name, "callastar-nothing"):
        assert client.get(f"/en/room/{name}").status_code == 404


def test_the_rest_of_the_site_is_framed_by_nobody(client: Client) -> None:
    """SE-4: and may itself frame rooms of this site."""
    page = client.get("/en/")
    policy = page.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert page.headers["X-Frame-Options"] == "DENY"
    assert "'self'" in policy.partition("frame-src ")[2].partition(";")[0].split()
