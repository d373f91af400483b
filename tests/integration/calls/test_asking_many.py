"""Jobs that ask Daily about many calls: one that goes wrong stops no other, an outage does (CA-5, CA-8)."""

from datetime import timedelta

import pytest

from callastar.audit.models import LogEntry
from callastar.calls.models import Call, CallEvent, RecordingConsent, Room, RoomState
from callastar.calls.operations import follow_recordings as recordings
from callastar.calls.operations import following
from callastar.calls.operations.follow_recordings import follow_recordings
from callastar.calls.operations.following import follow_calls
from callastar.core import clock
from callastar.core.errors import ProviderError, ProviderTrouble
from callastar.core.ids import new_id

pytestmark = pytest.mark.django_db
OUT = ProviderError("daily", ProviderTrouble.TEMPORARY, "network")
REFUSED = ProviderError("daily", ProviderTrouble.PERMANENT, "authentication-error")
JOBS = [
    (follow_calls, following, "ask_who_is_inside", "CALL_NOT_FOLLOWED"),
    (follow_recordings, recordings, "sync_call", "RECORDINGS_NOT_FOLLOWED"),
]


def make_calls(number: int) -> list[Call]:
    """Calls that go on at Daily, with both let in and agreed to a recording, in the order of their start."""
    return [_call(clock.now() - timedelta(seconds=60 - place)) for place in range(number)]


def _call(starts_at) -> Call:
    call = Call.objects.create(
        title="Ask me",
        fan_id=new_id(),
        creator_user_id=new_id(),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=30),
    )
    call.room = Room.objects.create(
        call=call,
        name=f"callastar-{call.pk}",
        state=RoomState.READY,
        url="https://rooms.example/r",
        ready_at=starts_at,
    )
    call.save()
    CallEvent.objects.create(call=call, kind=CallEvent.Kind.LET_IN, person_id=call.fan_id, at=starts_at)
    for person_id in (call.fan_id, call.creator_user_id):
        RecordingConsent.objects.create(call=call, person_id=person_id, given_at=starts_at)
    return call


@pytest.fixture
def asked(monkeypatch):
    """Makes a job ask this host instead: it fails about the calls that it is given errors for."""

    def take_over(module, name: str, errors: dict[object, Exception]) -> list[object]:
        calls: list[object] = []

        def ask(*, call_id, now) -> None:
            calls.append(call_id)
            if call_id in errors:
                raise errors[call_id]

        monkeypatch.setattr(module, name, ask)
        return calls

    return take_over


@pytest.mark.parametrize(("job", "module", "name", "failure"), JOBS)
@pytest.mark.parametrize("error", [REFUSED, KeyError("joinTime")])
def test_what_goes_wrong_about_one_stops_no_other(asked, job, module, name, failure, error):
    """CA-5, CA-8: refused for good, or not to be understood: logged each time, however many there are."""
    calls = make_calls(6)
    order = asked(module, name, {call.pk: error for call in calls[:4]})
    assert job(now=clock.now()) == {"asked": 2, "failed": 4}
    assert order == [call.pk for call in calls]
    logged = LogEntry.objects.filter(type=failure, level="ERROR")
    assert {entry.metadata["call"] for entry in logged} == {str(call.pk) for call in calls[:4]}


@pytest.mark.parametrize(("job", "module", "name", "failure"), JOBS)
def test_three_without_an_answer_in_a_row_are_an_outage(asked, job, module, name, failure):
    """CA-5, CA-8: the rest waits for the next run; two are none, nor are three with an answer in between."""
    calls = make_calls(7)
    errors: dict[object, Exception] = {calls[number].pk: OUT for number in (0, 1, 3, 4, 5)}
    order = asked(module, name, errors)
    assert job(now=clock.now()) == {"asked": 1, "failed": 5}
    assert order == [call.pk for call in calls[:6]]
    assert not LogEntry.objects.filter(type=failure).exists(), "it passes by itself"

    errors = {**errors, calls[5].pk: REFUSED}
    order = asked(module, name, errors)
    assert job(now=clock.now()) == {"asked": 2, "failed": 5}
    assert len(order) == 7
