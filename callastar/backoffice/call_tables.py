"""What is known of a call, as tables: its rooms, who was in them, what else happened."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callastar.accounts.models import User
from callastar.backoffice import cells
from callastar.backoffice.tables import Table, table
from callastar.calls.models import Call, CallEvent, Presence, Room, RoomState
from callastar.calls.queries import assessment_of

ROOM_STATES: dict[str, cells.Text] = {
    RoomState.WANTED: gettext_lazy("Room being made"),
    RoomState.READY: gettext_lazy("Room ready"),
    RoomState.FAILED: gettext_lazy("Room refused by its provider"),
    RoomState.GONE: gettext_lazy("Room deleted"),
}
PROBLEMS = (
    CallEvent.Kind.ROOM_FAILED,
    CallEvent.Kind.CONNECTION_LOST,
    CallEvent.Kind.POOR_CONNECTION,
    CallEvent.Kind.DEVICE_PROBLEM,
)


def duration_text(seconds: float) -> str:
    """A length of time as minutes and seconds, by their symbols."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}\N{NO-BREAK SPACE}min {rest:02}\N{NO-BREAK SPACE}s"


def rooms_of(call: Call) -> Table:
    """Every room that the call has or had: the log that keeps names and addresses."""
    return table(_("Rooms"), call.rooms.order_by("created_at"), _ROOMS)


def presences_of(call: Call, *, now: datetime) -> Table:
    """Every session, in the order in which they began."""
    sessions = list(call.presences.select_related("room"))
    who = names_of(call, (each.person_id for each in sessions))
    headings = (_("Who"), _("Provider"), _("Came"), _("Left"), _("How it ended"), _("How long"))
    return Table(_("Who was there"), headings, [_session(each, who, now) for each in sessions])


def _session(one: Presence, who: Mapping[UUID, str], now: datetime) -> Sequence[Any]:
    return (
        who[one.person_id],
        one.room.get_provider_display(),
        cells.moment_text(one.joined_at),
        cells.moment_text(one.left_at) if one.left_at else cells.badge("READY", _("inside")),
        one.get_ended_display() if one.ended else cells.NOTHING,
        duration_text(((one.left_at or now) - one.joined_at) / timedelta(seconds=1)),
    )


def events_of(call: Call) -> Table:
    """What else happened, in the order in which it did."""
    events = list(call.events.all())
    who = names_of(call, (each.person_id for each in events if each.person_id))
    rows = [
        (
            cells.moment_text(each.at),
            cells.badge("FAILED", each.get_kind_display())
            if each.kind in PROBLEMS
            else each.get_kind_display(),
            who[each.person_id] if each.person_id else cells.NOTHING,
            _details(each.details),
        )
        for each in events
    ]
    return Table(_("What happened"), (_("When"), _("What"), _("Who"), _("Details")), rows)


def together_of(call: Call, *, now: datetime) -> Table:
    """How long each was there, and both together, within the time that counts, by the sessions that are known."""
    found = assessment_of(call, call.presences.all(), now=now)
    seconds = (found.together_seconds, found.fan_seconds, found.creator_seconds)
    headings = (_("Both together"), _("Fan"), _("Creator"))
    return Table(_("Time in the room"), headings, [[duration_text(each) for each in seconds]])


def names_of(call: Call, people: Iterable[UUID]) -> dict[UUID, str]:
    """What people are called; of somebody who is not known any more, the id."""
    ids = {call.fan_id, call.creator_user_id, *people}
    known = dict(User.objects.filter(pk__in=ids).values_list("pk", "name"))
    return {pk: known.get(pk, str(pk)) for pk in ids}


def _details(details: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in details.items() if value) or cells.NOTHING


@admin.display(description=gettext_lazy("Tries"))
def _tries(room: Room) -> str:
    return f"{room.attempts} / {room.delete_attempts}"


_ROOMS: Sequence[cells.Cell] = (
    cells.moment(gettext_lazy("Wanted"), "created_at"),
    cells.text(gettext_lazy("Provider"), "get_provider_display"),
    cells.status(gettext_lazy("State"), "state", texts=ROOM_STATES),
    cells.code(gettext_lazy("Name"), "name"),
    cells.moment(gettext_lazy("Made at the provider"), "ready_at"),
    cells.moment(gettext_lazy("Not wanted any more"), "unwanted_at"),
    cells.moment(gettext_lazy("Deleted at the provider"), "gone_at"),
    _tries,
    cells.log_line(gettext_lazy("Last error"), "last_error"),
)
