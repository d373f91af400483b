"""Judging calls whose rooms are at Daily: what it says, what it does not say, and whom it turned away (CA-6, BK-9)."""

from datetime import timedelta

import pytest

from callastar.audit.models import LogEntry
from callastar.bookings.models import Booking, Outcome
from callastar.bookings.operations.complete import SETTLES
from callastar.bookings.operations.decide import decide_outcome
from callastar.bookings.operations.judge import judge_calls
from callastar.bookings.operations.outcome_refunds import end_contests, refund_outcomes
from callastar.calls.models import Call, CallEvent, Ended, Presence, Provider, Room, RoomState
from callastar.calls.operations import attendance
from callastar.core import clock
from callastar.core.errors import ProviderError, ProviderTrouble
from callastar.notifications.models import Notification
from callastar.payments.models import Payment, Refund
from tests import bookings
from tests.factories import make_admin, make_creator, make_offer, make_user
from tests.outcomes import attend, call_over

pytestmark = pytest.mark.django_db
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
TOGETHER = {"fan": [(0, 300)], "creator": [(0, 300)]}
FAN_ALONE = {"fan": [(0, 900)]}
CREATOR_ALONE = {"creator": [(0, 900)]}
MISSED = {"fan": [(0, 30)], "creator": [(40, 400)]}
OUT = ProviderError("daily", ProviderTrouble.TEMPORARY, "network")
REFUSED = ProviderError("daily", ProviderTrouble.PERMANENT, "invalid-request-error")


class Host:
    """Daily, when it is asked who was in a call: it says what we know, or fails as `failures` or `out` say."""

    def __init__(self) -> None:
        self.out = False
        self.failures: dict[object, Exception] = {}
        self.asked: list[object] = []

    def __call__(self, *, call_id, now) -> None:
        self.asked.append(call_id)
        if self.out:
            raise OUT
        if call_id in self.failures:
            raise self.failures[call_id]


@pytest.fixture
def host(monkeypatch) -> Host:
    daily = Host()
    monkeypatch.setattr(attendance, "ask_host", daily)
    return daily


@pytest.fixture
def over(db):
    """Makes a booking whose call has just ended, in a room at `provider`, and was not judged."""
    creator, fan = make_creator(user=make_user(name="Zoe", role="CREATOR")), make_user(name="Anne")

    def make(*, provider: str = Provider.DAILY, **given) -> Booking:
        booking = bookings.confirmed(make_offer(creator=creator), fan)
        Room.objects.filter(call_id=booking.call_id).update(
            provider=provider, state=RoomState.READY, url="https://rooms.example/r", ready_at=clock.now()
        )
        return call_over(booking, **given)

    return make


def judged(booking: Booking, *, after: timedelta = SETTLES) -> str:
    assert judge_calls(now=booking.ends_at + after)["failed"] == 0
    booking.refresh_from_db()
    return str(booking.outcome)


def turned_away(booking: Booking, side: str, *, second: int = 0) -> None:
    """Daily had no token for somebody who stood at the door, so many seconds after the start."""
    call = Call.objects.get(pk=booking.call_id)
    CallEvent.objects.create(
        call=call,
        kind=CallEvent.Kind.ROOM_FAILED,
        person_id=call.fan_id if side == "fan" else call.creator_user_id,
        at=call.starts_at + second * SECOND,
    )


@pytest.mark.parametrize("there", [{}, FAN_ALONE, CREATOR_ALONE, MISSED])
def test_a_host_that_does_not_answer_is_asked_again_for_two_hours(over, host, there):
    """CA-6: then `UNKNOWN`, whatever some events say: an admin decides, nothing moves by itself."""
    admin, booking, host.out = make_admin(), over(**there), True
    assert judge_calls(now=booking.ends_at + SETTLES) == {"done": 0, "left": 1, "failed": 0}
    assert judged(booking, after=2 * HOUR - SECOND) == ""
    assert judged(booking, after=2 * HOUR) == "UNKNOWN"
    assert (booking.refund_due_at, booking.payment.call_settled_at) == (None, None)
    assert len(host.asked) == 3
    told = Notification.objects.get(recipient=admin)
    assert told.params["variant"] == "outcome_admin_unknown"
    later = booking.ends_at + timedelta(days=40)
    assert [refund_outcomes(now=later)["done"], end_contests(now=later)["done"]] == [0, 0]
    booking.refresh_from_db()
    assert booking.outcome_final_at is None
    assert not Refund.objects.exists()
    decided = decide_outcome(
        booking_id=booking.pk, admin=admin, outcome=Outcome.HELD, refund=0, reason="Both say so.", now=later
    )
    assert decided.outcome == "HELD"


def test_what_we_were_told_is_enough_for_a_call_that_was_held(over, host):
    """CA-6: whatever the host adds, they were together for a minute: it is not waited for."""
    booking, host.out = over(**TOGETHER), True
    assert judged(booking) == "HELD"
    assert Payment.objects.get().call_settled_at
    assert host.asked == [booking.call_id]


@pytest.mark.parametrize("ended", [Ended.MEETING, Ended.LOST, ""])
def test_ends_that_were_only_concluded_are_not_enough(over, host, ended):
    """CA-6: somebody may have left long before the meeting ended, or before nothing was heard of them any more."""
    booking, host.out = over(**TOGETHER), True
    fan = Presence.objects.filter(person_id=booking.fan_id)
    fan.update(ended=ended, **({} if ended else {"left_at": None}))
    assert judged(booking) == ""
    assert judged(booking, after=2 * HOUR) == "UNKNOWN"


def test_concluded_ends_count_when_the_host_has_answered(over, host):
    """CA-6: it knows no better."""
    booking = over(**TOGETHER)
    Presence.objects.update(ended=Ended.MEETING)
    assert judged(booking) == "HELD"


def test_what_the_host_says_is_judged(over, host, monkeypatch):
    """CA-6: no event arrived, and Daily's REST knows who was there."""
    booking = over()
    monkeypatch.setattr(attendance, "ask_host", lambda *, call_id, now: attend(booking, **TOGETHER))
    assert judged(booking) == "HELD"


@pytest.mark.parametrize(
    ("there", "outcome"),
    [(FAN_ALONE, "CREATOR_NO_SHOW"), (CREATOR_ALONE, "FAN_NO_SHOW"), ({}, "NOBODY_CAME")],
)
def test_of_built_in_rooms_all_is_known(over, host, there, outcome):
    """CA-6: and of rooms that were never made; no host is asked, so none can be out."""
    host.out = True
    assert judged(over(provider=Provider.BUILT_IN, **there)) == outcome
    never = over(**there)
    Room.objects.filter(call_id=never.call_id).update(ready_at=None)
    assert judged(never) == outcome
    assert host.asked == []


@pytest.mark.parametrize("there", [FAN_ALONE, CREATOR_ALONE, {"fan": [(0, 20)]}, {"creator": [(-600, -500)]}])
def test_whoever_daily_turned_away_is_no_no_show(over, host, there):
    """CA-6, BK-9: they stood at the door and got no token; an admin is asked, and else it goes back after 72 hours."""
    booking = over(**there)
    turned_away(booking, "creator" if "fan" in there else "fan", second=-900)
    assert judged(booking) == "TECHNICAL"
    assert booking.refund_due_at == booking.ends_at + SETTLES + 72 * HOUR
    assert booking.payment.call_settled_at is None


def test_what_turns_nobody_away(over, host):
    """CA-6: the one who came, a failure without a person, one outside of the window, somebody who was let in."""
    booking = over(**FAN_ALONE)
    turned_away(booking, "fan")
    turned_away(booking, "creator", second=-901)
    turned_away(booking, "creator", second=30 * 60 + 901)
    call = Call.objects.get(pk=booking.call_id)
    CallEvent.objects.create(call=call, kind=CallEvent.Kind.ROOM_FAILED, at=call.starts_at)
    let_in = {"kind": CallEvent.Kind.LET_IN, "person_id": call.creator_user_id, "at": call.starts_at}
    CallEvent.objects.create(call=call, **let_in)
    assert judged(booking) == "CREATOR_NO_SHOW"


def test_in_two_rooms_they_have_not_met(over, host):
    """CA-6: the call moved, and one of them never heard of it."""
    booking = over(**FAN_ALONE)
    call = Call.objects.get(pk=booking.call_id)
    call.room = Room.objects.create(
        call=call,
        provider=Provider.BUILT_IN,
        name="callastar-other",
        state=RoomState.READY,
        url="https://x.example",
    )
    call.save()
    attend(booking, **CREATOR_ALONE)
    assert judged(booking) == "TECHNICAL"
    seconds = LogEntry.objects.get(type="OUTCOME_JUDGED").metadata
    assert [seconds[f"{what}_seconds"] for what in ("together", "fan", "creator")] == [0, 900, 900]


def test_in_an_outage_three_are_asked_and_what_is_known_is_judged(over, host):
    """CA-6: the next run goes on; nobody waits for others whose host is out."""
    silent = [over(ago=SETTLES + (9 - number) * SECOND) for number in range(5)]
    held = over(**TOGETHER, ago=SETTLES + 2 * SECOND)
    here = over(provider=Provider.BUILT_IN, ago=SETTLES + SECOND)
    host.out, now = True, clock.now()
    assert judge_calls(now=now) == {"done": 2, "left": 5, "failed": 0}
    assert host.asked == [one.call_id for one in silent[:3]]
    for booking, outcome in ((held, "HELD"), (here, "NOBODY_CAME")):
        booking.refresh_from_db()
        assert booking.outcome == outcome
    late = silent[4].ends_at + 2 * HOUR
    assert judge_calls(now=late) == {"done": 3, "left": 2, "failed": 0}, (
        "nobody is UNKNOWN without being asked"
    )
    host.out = False
    assert judge_calls(now=late) == {"done": 2, "left": 0, "failed": 0}
    assert sorted(Booking.objects.values_list("outcome", flat=True)) == sorted(
        ["UNKNOWN"] * 3 + ["NOBODY_CAME"] * 3 + ["HELD"]
    )


def test_failures_about_single_calls_are_no_outage(over, host):
    """CA-6: logged, tried again like those that were not answered, and all others are asked."""
    bad = [over(ago=SETTLES + (9 - number) * SECOND) for number in range(4)]
    good = over()
    for booking, error in zip(bad, (REFUSED, RuntimeError("boom"), REFUSED, REFUSED), strict=True):
        host.failures[booking.call_id] = error
    assert judge_calls(now=clock.now()) == {"done": 1, "left": 4, "failed": 0}
    assert host.asked == [one.call_id for one in (*bad, good)]
    assert LogEntry.objects.filter(type="ATTENDANCE_NOT_KNOWN", level="ERROR").count() == 4
    assert {judged(one, after=2 * HOUR) for one in bad} == {"UNKNOWN"}


def test_an_answer_in_between_ends_the_row(over, host):
    """CA-6: two that are not answered are no outage yet."""
    calls = [over(ago=SETTLES + (9 - number) * SECOND) for number in range(6)]
    host.failures = {calls[number].call_id: OUT for number in (0, 1, 3, 4)}
    assert judge_calls(now=clock.now()) == {"done": 2, "left": 4, "failed": 0}
    assert len(host.asked) == 6


def test_one_that_fails_does_not_stop_the_others(over, host, monkeypatch):
    """BK-9: it is logged, and tried again by the next run."""
    bad, good = over(**TOGETHER), over(**TOGETHER)
    end_lost = attendance.end_lost

    def fail(*, call_id, now):
        if call_id == bad.call_id:
            raise RuntimeError("boom")
        return end_lost(call_id=call_id, now=now)

    with monkeypatch.context() as patch:
        patch.setattr(attendance, "end_lost", fail)
        assert judge_calls(now=clock.now()) == {"done": 1, "left": 0, "failed": 1}
    assert LogEntry.objects.filter(type="OUTCOME_NOT_JUDGED", metadata__booking=str(bad.pk)).exists()
    good.refresh_from_db()
    assert (good.outcome, judged(bad)) == ("HELD", "HELD")
