"""Reads of calls."""

from django.db.models import QuerySet

from callastar.calls.models import Call, Presence


def inside(call: Call) -> QuerySet[Presence]:
    """The sessions that are in the call's present room, the earliest first."""
    return Presence.objects.filter(call=call, room=call.room_id, left_at=None).order_by("joined_at")


def sides_inside(call: Call) -> set[str]:
    """Who of the two is in the room: `fan`, `creator`."""
    return {call.people[str(presence.person_id)] for presence in inside(call)}
