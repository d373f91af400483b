"""Who came to a call and left, and what happened in its rooms: the evidence that both sides see (CA-6).

It is the same for both; what only staff may know, errors of hosts and tokens given out, is not in it.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callastar.bookings.models import Booking
from callastar.calls.attendance import Assessment
from callastar.calls.models import Call, CallEvent, Ended, Presence, Provider
from callastar.calls.queries import assessment_of
from callastar.calls.rules import opens_at

Text = str | Promise
Kind = CallEvent.Kind

_LEFT: dict[str, Text] = {
    Ended.LEFT: gettext_lazy("%(name)s left"),
    Ended.LOST: gettext_lazy("%(name)s lost the connection"),
    Ended.REPLACED: gettext_lazy("%(name)s went on with another device or tab"),
    Ended.MEETING: gettext_lazy("The meeting ended, with %(name)s inside"),
    Ended.ASKED: gettext_lazy("%(name)s left"),
}
_ABOUT_PEOPLE: dict[str, Text] = {
    Kind.CONNECTION_LOST: gettext_lazy("%(name)s lost the connection for a moment"),
    Kind.CONNECTION_BACK: gettext_lazy("The connection of %(name)s was back"),
    Kind.POOR_CONNECTION: gettext_lazy("%(name)s had a poor connection"),
    Kind.DEVICE_PROBLEM: gettext_lazy("%(name)s had a problem with camera or microphone"),
}
_ABOUT_ROOMS: dict[str, Text] = {
    Kind.ROOM_READY: gettext_lazy("The room was ready"),
    Kind.ROOM_FAILED: gettext_lazy("The room could not be made at once and was tried again"),
    Kind.ROOM_REPLACED: gettext_lazy("The call moved to another room"),
    Kind.SUPPORT: gettext_lazy("Somebody of our team looked into the room"),
}


@dataclass(frozen=True, slots=True)
class Attended:
    """One session of one side; `left_at` is None while they are inside."""

    side: str
    joined_at: datetime
    left_at: datetime | None


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the evidence."""

    at: datetime
    text: str
    variant: str


@dataclass(frozen=True, slots=True)
class AttendanceLog:
    """All that is known of who was there, oldest first, and how long in all."""

    lines: list[LogLine]
    summary: Assessment


def sessions_of(call: Call | None) -> list[Attended]:
    """Who was in the call's rooms, in the order of their coming."""
    if call is None:
        return []
    return [
        Attended(call.people[str(one.person_id)], one.joined_at, one.left_at)
        for one in call.presences.order_by("joined_at", "id")
    ]


def attendance_log(*, booking: Booking, now: datetime) -> AttendanceLog | None:
    """The evidence of a booking's call; None before its doors open, and while nothing has happened."""
    call = booking.call
    if call is None or now < opens_at(call.starts_at):
        return None
    presences = list(call.presences.order_by("joined_at", "id"))
    events = list(call.events.filter(kind__in=(*_ABOUT_PEOPLE, *_ABOUT_ROOMS)))
    names = {call.fan_id: booking.fan.name, call.creator_user_id: booking.creator.user.name}
    lines = [*_comings(presences, names), *_happenings(events, names)]
    if not lines:
        return None
    lines.sort(key=lambda line: line.at)
    return AttendanceLog(lines, assessment_of(call, presences, now=now))


def _comings(presences: list[Presence], names: dict[UUID, str]) -> Iterator[LogLine]:
    counts: Counter[UUID] = Counter()
    for presence in presences:
        counts[presence.person_id] += 1
        number, name = counts[presence.person_id], names.get(presence.person_id, "")
        came = _("%(name)s came in") if number == 1 else _("%(name)s came in again (connection %(number)s)")
        yield LogLine(presence.joined_at, came % {"name": name, "number": number}, "success")
        if presence.left_at is not None:
            left = str(_LEFT.get(presence.ended, _LEFT[Ended.LEFT])) % {"name": name}
            troubled = presence.ended == Ended.LOST
            yield LogLine(presence.left_at, left, "warning" if troubled else "neutral")


def _happenings(events: list[CallEvent], names: dict[UUID, str]) -> Iterator[LogLine]:
    for event in events:
        if event.kind in _ABOUT_ROOMS:
            yield LogLine(event.at, _about_room(event), "neutral")
        elif event.person_id in names:
            text = str(_ABOUT_PEOPLE[event.kind]) % {"name": names[event.person_id]}
            yield LogLine(event.at, text, "warning")


def _about_room(event: CallEvent) -> str:
    if event.kind == Kind.ROOM_REPLACED and event.details.get("provider") == Provider.BUILT_IN:
        return _("The call moved to a room of this site")
    return str(_ABOUT_ROOMS[event.kind])
