"""What became of a call, from who was there and when (CA-6). Pure functions over plain values.

Only what lies in the window counts: from 15 minutes before the start to 15 minutes after the end. Intervals are
half-open: who leaves at the moment at which the other comes has not met them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from callastar.calls.rules import closes_at, opens_at

TOGETHER = timedelta(seconds=60)  # so long together, in all: the call was held
WAITED = timedelta(minutes=5)  # who came alone has waited so long, or a quarter of a short call
SHARE_WAITED = 4


class Verdict(StrEnum):
    """What became of a call; the names are those of a booking's outcome."""

    HELD = "HELD"
    FAN_NO_SHOW = "FAN_NO_SHOW"
    CREATOR_NO_SHOW = "CREATOR_NO_SHOW"
    NOBODY_CAME = "NOBODY_CAME"
    TECHNICAL = "TECHNICAL"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Stay:
    """One session of one person; `left_at` is None while they are inside. Only in the same `room` do two meet."""

    joined_at: datetime
    left_at: datetime | None = None
    room: UUID | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """What became of the call, and what that follows from: whole seconds within the window, sessions merged.

    `first_at` and `last_at` are when the first of them came and the last one left, within the window.
    """

    outcome: Verdict
    together_seconds: int
    fan_seconds: int
    creator_seconds: int
    fan_came: bool
    creator_came: bool
    first_at: datetime | None
    last_at: datetime | None


_Span = tuple[datetime, datetime]
_Rooms = dict[UUID | None, list[_Span]]


def assess(
    *,
    fan: Iterable[Stay],
    creator: Iterable[Stay],
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    is_known: bool,
    fan_turned_away: bool = False,
    creator_turned_away: bool = False,
) -> Assessment:
    """Judge a call. Sessions that are still open last until `now`, at most until the window closes.

    `is_known` says that what there is, even if it is nothing, is all there was: without it a call was held, or nothing
    can be said. Somebody who was turned away by the room's host has not failed to come.
    """
    window = (opens_at(starts_at.astimezone(UTC)), closes_at(ends_at.astimezone(UTC)))
    fans, creators = (_within(window, stays, now.astimezone(UTC)) for stays in (fan, creator))
    fan_spans, creator_spans = _all(fans), _all(creators)
    together = _length(_met(fans, creators))
    every = [*fan_spans, *creator_spans]
    call = (starts_at.astimezone(UTC), ends_at.astimezone(UTC))
    if not is_known:
        outcome = Verdict.HELD if together >= TOGETHER else Verdict.UNKNOWN
    elif fan_spans and creator_spans:
        outcome = Verdict.HELD if together >= TOGETHER else Verdict.TECHNICAL
    elif (fan_spans and creator_turned_away) or (creator_spans and fan_turned_away):
        outcome = Verdict.TECHNICAL
    else:
        outcome = _of_one_alone(fan_spans, creator_spans, call)
    return Assessment(
        outcome=outcome,
        together_seconds=_seconds(together),
        fan_seconds=_seconds(_length(_merged(fan_spans))),
        creator_seconds=_seconds(_length(_merged(creator_spans))),
        fan_came=bool(fan_spans),
        creator_came=bool(creator_spans),
        first_at=min((span[0] for span in every), default=None),
        last_at=max((span[1] for span in every), default=None),
    )


def wait_wanted(*, starts_at: datetime, ends_at: datetime) -> timedelta:
    """How long somebody who came alone must have been there during the call for it to be the other's no-show."""
    duration = ends_at.astimezone(UTC) - starts_at.astimezone(UTC)
    return min(WAITED, duration / SHARE_WAITED)


def _of_one_alone(fan: list[_Span], creator: list[_Span], call: _Span) -> Verdict:
    """What it was if at most one of them came."""
    waited = _length(_overlap(_merged(fan or creator), [call]))
    if waited < wait_wanted(starts_at=call[0], ends_at=call[1]):
        return Verdict.NOBODY_CAME
    return Verdict.CREATOR_NO_SHOW if fan else Verdict.FAN_NO_SHOW


def _within(window: _Span, stays: Iterable[Stay], now: datetime) -> _Rooms:
    """What of the stays lies in the window, by room. A stay without length counts as having come."""
    spans: _Rooms = {}
    opened, closed = window
    for stay in stays:
        joined = stay.joined_at.astimezone(UTC)
        left = stay.left_at.astimezone(UTC) if stay.left_at else min(now, closed)
        left = max(left, joined)  # clocks differ: nobody leaves before they came
        came = joined < closed and (left > opened or joined == left == opened)
        if came:
            spans.setdefault(stay.room, []).append((max(joined, opened), min(left, closed)))
    return spans


def _all(rooms: _Rooms) -> list[_Span]:
    return [span for spans in rooms.values() for span in spans]


def _met(fans: _Rooms, creators: _Rooms) -> list[_Span]:
    """When both were in one room, room by room; a moment in which they met in two of them counts once."""
    return _merged(
        [
            span
            for room in fans.keys() & creators.keys()
            for span in _overlap(_merged(fans[room]), _merged(creators[room]))
        ]
    )


def _merged(spans: list[_Span]) -> list[_Span]:
    """The same time without overlaps, in its order: two devices of one person are one person."""
    merged: list[_Span] = []
    for joined, left in sorted(spans):
        if merged and joined <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], left))
        else:
            merged.append((joined, left))
    return merged


def _overlap(one: list[_Span], other: list[_Span]) -> list[_Span]:
    """When both were there; each list is merged."""
    return [
        (max(a[0], b[0]), min(a[1], b[1])) for a in one for b in other if max(a[0], b[0]) < min(a[1], b[1])
    ]


def _length(spans: list[_Span]) -> timedelta:
    return sum((left - joined for joined, left in spans), timedelta())


def _seconds(length: timedelta) -> int:
    return length // timedelta(seconds=1)
