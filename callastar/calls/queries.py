"""Reads of calls."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from callastar.calls import attendance
from callastar.calls.attendance import Assessment, Stay
from callastar.calls.models import Call, CallEvent, Presence
from callastar.calls.rules import closes_at, opens_at


def inside(call: Call) -> QuerySet[Presence]:
    """The sessions that are in the call's present room, the earliest first."""
    return Presence.objects.filter(call=call, room=call.room_id, left_at=None).order_by("joined_at")


def sides_inside(call: Call) -> set[str]:
    """Who of the two is in the room: `fan`, `creator`."""
    return {call.people[str(presence.person_id)] for presence in inside(call)}


def assessment_of(
    call: Call,
    presences: Iterable[Presence],
    *,
    now: datetime,
    is_known: bool = True,
    turned_away: Collection[UUID] = (),
) -> Assessment:
    """What follows from these sessions of the call; nobody is asked, nothing is written.

    `is_known` and whom the host has `turned_away`: as in `attendance.assess`.
    """
    sessions = list(presences)
    return attendance.assess(
        fan=_stays(sessions, call.fan_id),
        creator=_stays(sessions, call.creator_user_id),
        starts_at=call.starts_at,
        ends_at=call.ends_at,
        now=now,
        is_known=is_known,
        fan_turned_away=call.fan_id in turned_away,
        creator_turned_away=call.creator_user_id in turned_away,
    )


def turned_away(call: Call) -> set[UUID]:
    """Who came to the call's door while it was open and got neither room nor token, as the host failed."""
    failures = CallEvent.objects.filter(
        call=call,
        kind=CallEvent.Kind.ROOM_FAILED,
        at__range=(opens_at(call.starts_at), closes_at(call.ends_at)),
    )
    return {person_id for person_id in failures.values_list("person_id", flat=True) if person_id is not None}


def _stays(sessions: list[Presence], person_id: UUID) -> list[Stay]:
    return [Stay(one.joined_at, one.left_at, one.room_id) for one in sessions if one.person_id == person_id]
