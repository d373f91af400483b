"""What became of a call, from traces of who came and went (CA-6, BK-9)."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callastar.calls.attendance import Assessment, Stay, Verdict, assess, wait_wanted

START = datetime(2026, 3, 29, 0, 50, tzinfo=UTC)  # clocks in Paris go forward during the call
MINUTES = 30
END = START + timedelta(minutes=MINUTES)
OPENS, CLOSES = -15 * 60, MINUTES * 60 + 15 * 60
LATER = END + timedelta(minutes=16)

Trace = list[tuple[float, float | None]]
WHOLE: Trace = [(0, MINUTES * 60)]


def _at(second: float) -> datetime:
    """So many seconds after the start."""
    return START + timedelta(seconds=second)


def _stays(trace: Trace) -> list[Stay]:
    return [Stay(_at(joined), None if left is None else _at(left)) for joined, left in trace]


def _judge(
    fan: Trace,
    creator: Trace,
    *,
    minutes: int = MINUTES,
    now: datetime = LATER,
    is_known: bool = True,
    **turned_away: bool,
) -> Assessment:
    return assess(
        fan=_stays(fan),
        creator=_stays(creator),
        starts_at=START,
        ends_at=START + timedelta(minutes=minutes),
        now=now,
        is_known=is_known,
        **turned_away,
    )


TABLE: list[tuple[str, Trace, Trace, Verdict]] = [
    ("both all the time", WHOLE, WHOLE, Verdict.HELD),
    ("an hour early and an hour over", [(-3600, 7200)], [(-3600, 7200)], Verdict.HELD),
    ("both late", [(1500, 1700)], [(1600, 1800)], Verdict.HELD),
    ("only before the start", [(-600, -300)], [(-600, -300)], Verdict.HELD),
    ("only after the end", [(1800, 1900)], [(1800, 1900)], Verdict.HELD),
    ("60 s together", [(0, 60)], WHOLE, Verdict.HELD),
    ("59.999 s together", [(0, 59.999)], WHOLE, Verdict.TECHNICAL),
    ("60 s in pieces", [(0, 20), (100, 120), (200, 220)], WHOLE, Verdict.HELD),
    ("59 s in pieces", [(0, 20), (100, 120), (200, 219)], WHOLE, Verdict.TECHNICAL),
    ("reconnects of both", [(0, 50), (60, 110)], [(36, 80), (85, 200)], Verdict.TECHNICAL),
    ("reconnects of both, a second longer", [(0, 50), (60, 110)], [(35, 80), (85, 200)], Verdict.HELD),
    ("two devices are one person", [(0, 40), (0, 40)], WHOLE, Verdict.TECHNICAL),
    ("two devices that take over", [(0, 40), (30, 60)], WHOLE, Verdict.HELD),
    ("told twice", [(0, 59), (0, 59), (0, 59)], [(0, 59), (0, 59)], Verdict.TECHNICAL),
    ("one within the other", [(0, 59), (10, 20)], WHOLE, Verdict.TECHNICAL),
    ("one leaves as the other comes", [(0, 600)], [(600, 1800)], Verdict.TECHNICAL),
    ("never at the same time", [(0, 600)], [(900, 1800)], Verdict.TECHNICAL),
    ("the fan came for no time", [(300, 300)], WHOLE, Verdict.TECHNICAL),
    ("both came for no time", [(300, 300)], [(300, 300)], Verdict.TECHNICAL),
    ("60 s, of which one before the window", [(OPENS - 1, OPENS + 59)], [(OPENS - 9, 0)], Verdict.TECHNICAL),
    ("60 s from the window's opening", [(OPENS - 9, OPENS + 60)], [(OPENS - 9, 0)], Verdict.HELD),
    (
        "60 s, of which one after the window",
        [(CLOSES - 59, CLOSES + 9)],
        [(0, CLOSES + 9)],
        Verdict.TECHNICAL,
    ),
    ("60 s until the window closes", [(CLOSES - 60, CLOSES + 9)], [(0, CLOSES + 9)], Verdict.HELD),
    ("still inside", [(0, None)], [(1700, None)], Verdict.HELD),
    ("still inside, the other for a moment", [(0, None)], [(100, 130)], Verdict.TECHNICAL),
    ("clocks differ: the fan left before they came", [(600, 500)], WHOLE, Verdict.TECHNICAL),
    ("alone, all the time", WHOLE, [], Verdict.CREATOR_NO_SHOW),
    ("the creator alone", [], WHOLE, Verdict.FAN_NO_SHOW),
    ("alone for 5 minutes", [(0, 300)], [], Verdict.CREATOR_NO_SHOW),
    ("alone for a second less", [(0, 299)], [], Verdict.NOBODY_CAME),
    ("alone for 5 minutes in pieces", [(0, 100), (200, 300), (1700, 1800)], [], Verdict.CREATOR_NO_SHOW),
    ("alone for 5 minutes, on two devices at once", [(0, 200), (50, 200)], [], Verdict.NOBODY_CAME),
    ("alone, only before the start", [(-900, 0)], [], Verdict.NOBODY_CAME),
    ("alone, only after the end", [(1800, 2700)], [], Verdict.NOBODY_CAME),
    ("alone, 5 minutes of them before the start", [(-300, 299)], [], Verdict.NOBODY_CAME),
    ("alone, the last 5 minutes", [], [(1500, 2400)], Verdict.FAN_NO_SHOW),
    ("alone, for no time", [(10, 10)], [], Verdict.NOBODY_CAME),
    ("alone, still inside", [(0, None)], [], Verdict.CREATOR_NO_SHOW),
    ("the other one only before the window", WHOLE, [(OPENS - 60, OPENS)], Verdict.CREATOR_NO_SHOW),
    ("the other one only after the window", WHOLE, [(CLOSES, CLOSES + 60)], Verdict.CREATOR_NO_SHOW),
    ("the other one in the window's last second", WHOLE, [(CLOSES - 1, CLOSES)], Verdict.TECHNICAL),
    ("the other one in the window's first moment", WHOLE, [(OPENS, OPENS)], Verdict.TECHNICAL),
    ("the other one at the moment it closes", WHOLE, [(CLOSES, CLOSES)], Verdict.CREATOR_NO_SHOW),
    ("nobody", [], [], Verdict.NOBODY_CAME),
    ("both on another day", [(-90_000, -80_000)], [(90_000, None)], Verdict.NOBODY_CAME),
]


@pytest.mark.parametrize(
    ("fan", "creator", "outcome"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_outcomes_of_traces(fan, creator, outcome):
    """CA-6: each trace, and the same with its sides changed over."""
    other = {Verdict.FAN_NO_SHOW: Verdict.CREATOR_NO_SHOW, Verdict.CREATOR_NO_SHOW: Verdict.FAN_NO_SHOW}
    assert _judge(fan, creator).outcome == outcome
    assert _judge(creator, fan).outcome == other.get(outcome, outcome)


@pytest.mark.parametrize(
    ("minutes", "seconds"),
    [(5, 75), (10, 150), (15, 225), (19, 285), (20, 300), (21, 300), (60, 300), (180, 300)],
)
def test_who_waited_a_quarter_or_five_minutes_has_waited(minutes, seconds):
    """CA-6: ≥ min(5 min, ¼ of the duration), between start and end."""
    assert wait_wanted(starts_at=START, ends_at=_at(minutes * 60)) == timedelta(seconds=seconds)
    later = _at(minutes * 60 + 3600)
    enough = _judge([(0, seconds)], [], minutes=minutes, now=later)
    short = _judge([(0, seconds - 0.001)], [], minutes=minutes, now=later)
    assert (enough.outcome, short.outcome) == (Verdict.CREATOR_NO_SHOW, Verdict.NOBODY_CAME)


@pytest.mark.parametrize("trace", [[], [(90_000, 90_060)]])
def test_unknown_only_without_anything(trace):
    """CA-6: no events at all and a host that could not be asked is `UNKNOWN`."""
    assert _judge(trace, [], is_known=False).outcome == Verdict.UNKNOWN
    assert _judge(trace, [], is_known=True).outcome == Verdict.NOBODY_CAME


def test_without_the_host_a_call_was_held_or_nothing_is_known():
    """CA-6: nobody is said not to have come, or to have met too shortly, from what may not be all."""
    assert _judge(WHOLE, WHOLE, is_known=False).outcome == Verdict.HELD
    assert _judge([(0, 60)], WHOLE, is_known=False).outcome == Verdict.HELD
    for fan, creator in ((WHOLE, []), ([], WHOLE), ([(0, 59)], WHOLE), ([(0, 9)], [])):
        assert _judge(fan, creator, is_known=False).outcome == Verdict.UNKNOWN


def _in_rooms(*traces: Trace) -> list[Stay]:
    """Each trace in a room of its own, always the same ones."""
    return [
        Stay(stay.joined_at, stay.left_at, UUID(int=number))
        for number, trace in enumerate(traces)
        for stay in _stays(trace)
    ]


@pytest.mark.parametrize(
    ("fan", "creator", "together", "outcome"),
    [
        (([(0, 900)], []), ([], [(0, 900)]), 0, Verdict.TECHNICAL),
        (([(0, 30)], [(100, 130)]), (WHOLE, WHOLE), 60, Verdict.HELD),
        (([(0, 30)], [(100, 129)]), (WHOLE, WHOLE), 59, Verdict.TECHNICAL),
        (([(0, 59)], [(0, 59)]), (WHOLE, WHOLE), 59, Verdict.TECHNICAL),
        (([(0, 100)], WHOLE), ([], [(100, 150)]), 50, Verdict.TECHNICAL),
        (([(0, 200)], [(200, 400)]), ([], []), 0, Verdict.CREATOR_NO_SHOW),
    ],
)
def test_who_waits_in_two_rooms_has_not_met(fan, creator, together, outcome):
    """CA-6: together counts in the same room only, in all rooms together; coming and waiting count in any."""
    sides = {"starts_at": START, "ends_at": END, "now": LATER, "is_known": True}
    found = assess(fan=_in_rooms(*fan), creator=_in_rooms(*creator), **sides)
    assert (found.together_seconds, found.outcome) == (together, outcome)
    assert (found.fan_came, found.creator_came) == (True, any(creator))
    whole = assess(fan=_stays([*fan[0], *fan[1]]), creator=_stays([*creator[0], *creator[1]]), **sides)
    assert (found.fan_seconds, found.creator_seconds) == (whole.fan_seconds, whole.creator_seconds)


AWAY = {"fan_turned_away": True}, {"creator_turned_away": True}


@pytest.mark.parametrize("alone", [WHOLE, [(0, 30)], [(1800, 1900)]])
def test_who_was_turned_away_has_not_failed_to_come(alone):
    """CA-6: no no-show of somebody to whom the host gave no token; whoever came themselves is judged as ever."""
    fan_away, creator_away = AWAY
    usual = _judge(alone, []).outcome
    assert usual != Verdict.TECHNICAL
    assert _judge(alone, [], **creator_away).outcome == Verdict.TECHNICAL
    assert _judge([], alone, **fan_away).outcome == Verdict.TECHNICAL
    assert _judge(alone, [], **fan_away).outcome == usual, "the one who came had been turned away before"
    assert _judge(WHOLE, WHOLE, **fan_away, **creator_away).outcome == Verdict.HELD
    assert _judge([], [], **fan_away, **creator_away).outcome == Verdict.NOBODY_CAME
    assert _judge(alone, [], is_known=False, **creator_away).outcome == Verdict.UNKNOWN


def test_what_it_follows_from():
    """CA-6: real duration and overlap, in whole seconds of the window, sessions merged."""
    found = _judge([(-2000, 100), (90, 200.9), (400, None)], [(50, 60), (150, 260)])
    assert found == Assessment(
        outcome=Verdict.HELD,
        together_seconds=60,
        fan_seconds=1100 + (CLOSES - 400),
        creator_seconds=120,
        fan_came=True,
        creator_came=True,
        first_at=_at(OPENS),
        last_at=_at(CLOSES),
    )
    nobody = _judge([], [])
    assert (nobody.first_at, nobody.last_at, nobody.fan_came, nobody.fan_seconds) == (None, None, False, 0)


def test_open_sessions_last_until_they_are_judged():
    """CA-6: not longer, whatever the window allows."""
    assert _judge([(0, None)], WHOLE, now=_at(59)).outcome == Verdict.TECHNICAL
    assert _judge([(0, None)], WHOLE, now=_at(60)).outcome == Verdict.HELD
    assert _judge([(500, None)], WHOLE, now=_at(100)).fan_seconds == 0, "a clock that goes ahead"


def test_zones_and_changes_of_clocks_change_nothing():
    """CA-6: an hour that the clocks skip is not a minute longer."""
    paris, india = ZoneInfo("Europe/Paris"), timezone(timedelta(hours=5, minutes=30))
    found = assess(
        fan=[Stay(_at(540).astimezone(paris), _at(900).astimezone(india))],
        creator=[],
        starts_at=START.astimezone(paris),
        ends_at=END.astimezone(paris),
        now=LATER.astimezone(india),
        is_known=True,
    )
    assert (found.outcome, found.fan_seconds) == (Verdict.CREATOR_NO_SHOW, 360)


def _oracle(fan: Trace, creator: Trace, minutes: int, now: int) -> tuple[Verdict, int]:
    """The same, second by second: slow, and written without looking at the other."""
    closes = minutes * 60 + 900

    def seconds(trace: Trace) -> set[int]:
        there = set()
        for joined, left in trace:
            there |= {s for s in range(int(joined), int(now if left is None else left)) if -900 <= s < closes}
        return there

    def came(trace: Trace) -> bool:
        points = [joined for joined, left in trace if left is None or left <= joined]
        return bool(seconds(trace)) or any(-900 <= point < closes for point in points)

    fans, creators = seconds(fan), seconds(creator)
    both = len(fans & creators)
    if came(fan) and came(creator):
        return (Verdict.HELD if both >= 60 else Verdict.TECHNICAL), both
    if came(fan) == came(creator):
        return Verdict.NOBODY_CAME, both
    alone = len({second for second in fans | creators if 0 <= second < minutes * 60})
    if alone < 300 and alone * 4 < minutes * 60:
        return Verdict.NOBODY_CAME, both
    return (Verdict.CREATOR_NO_SHOW if came(fan) else Verdict.FAN_NO_SHOW), both


_MOMENTS = st.one_of(
    st.integers(-1000, 2000), st.sampled_from([-901, -900, -899, -1, 0, 1, 75, 299, 300, 301, 599, 600])
)
_LENGTHS = st.one_of(
    st.none(), st.integers(-5, 120), st.integers(0, 1500), st.sampled_from([0, 1, 59, 60, 61])
)
_TRACES = st.lists(st.tuples(_MOMENTS, _LENGTHS), max_size=5).map(
    lambda parts: [(joined, None if length is None else joined + length) for joined, length in parts]
)


@settings(max_examples=400, deadline=None)
@given(fan=_TRACES, creator=_TRACES, minutes=st.sampled_from([5, 10, 19, 20, 30]), now=st.integers(600, 3600))
def test_equals_counting_seconds(fan, creator, minutes, now):
    """CA-6: any traces, against an oracle that looks at each second; the order of sessions means nothing."""
    found = _judge(fan, creator, minutes=minutes, now=_at(now))
    assert (found.outcome, found.together_seconds) == _oracle(fan, creator, minutes, now)
    assert _judge(fan[::-1], creator[::-1] * 2, minutes=minutes, now=_at(now)) == found
