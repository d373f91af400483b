"""What became of a call, from who was there and when (CA-6). Pure functions over plain values.

Only what lies in the window counts: from 15 minutes before the start to 15 minutes after the end. Intervals are
half-open: who leaves at the moment at which the other comes has not met them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

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
    """One session of one person; `left_at` is None while they are inside."""

    joined_at: datetime
    left_at: datetime | None = None


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


def assess(
    *,
    fan: Iterable[Stay],
    creator: Iterable[Stay],
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    is_known: bool,
) -> Assessment:
    """Judge a call. Sessions that are still open last until `now`, at most until the window closes.

    `is_known` says that what there is, even if it is nothing, is all there was: without it and without any session
    nothing can be said.
    """
    window = (opens_at(starts_at.astimezone(UTC)), closes_at(ends_at.astimezone(UTC)))
    theirs = [_within(window, stays, now.astimezone(UTC)) for stays in (fan, creator)]
    fan_spans, creator_spans = theirs
    together = _length(_overlap(_merged(fan_spans), _merged(creator_spans)))
    every = [*fan_spans, *creator_spans]
    call = (starts_at.astimezone(UTC), ends_at.astimezone(UTC))
    return Assessment(
        outcome=_verdict(fan_spans, creator_spans, together, call, is_known=is_known),
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


def _verdict(
    fan: list[_Span], creator: list[_Span], together: timedelta, call: _Span, *, is_known: bool
) -> Verdict:
    if fan and creator:
        return Verdict.HELD if together >= TOGETHER else Verdict.TECHNICAL
    if not fan and not creator:
        return Verdict.NOBODY_CAME if is_known else Verdict.UNKNOWN
    waited = _length(_overlap(_merged(fan or creator), [call]))
    if waited < wait_wanted(starts_at=call[0], ends_at=call[1]):
        return Verdict.NOBODY_CAME
    return Verdict.CREATOR_NO_SHOW if fan else Verdict.FAN_NO_SHOW


def _within(window: _Span, stays: Iterable[Stay], now: datetime) -> list[_Span]:
    """What of the stays lies in the window. A stay without length counts as having come."""
    spans = []
    opened, closed = window
    for stay in stays:
        joined = stay.joined_at.astimezone(UTC)
        left = stay.left_at.astimezone(UTC) if stay.left_at else min(now, closed)
        left = max(left, joined)  # clocks differ: nobody leaves before they came
        came = joined < closed and (left > opened or joined == left == opened)
        if came:
            spans.append((max(joined, opened), min(left, closed)))
    return spans


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
