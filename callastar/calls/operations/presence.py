"""Who came and went, as a room's host tells it: in any order, any number of times, and sometimes not at all."""

from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction

from callastar.calls.models import Call, Ended, Presence, Room
from callastar.calls.operations.consent import consider_recording
from callastar.core import clock
from callastar.live.operations import publish_call

_log = structlog.get_logger(__name__)
# What was only concluded about the end of a session: news of the session itself replace it.
_CONCLUDED = frozenset({Ended.MEETING, Ended.LOST})
# What a host that says "they are inside now" takes back.
_TAKEN_BACK = _CONCLUDED | {Ended.ASKED}


def note_session(
    *,
    room: Room,
    session: str,
    person_id: UUID,
    joined_at: datetime,
    left_at: datetime | None = None,
    ended: Ended | None = None,
    is_inside: bool = False,
) -> Presence | None:
    """Write down one session of one person; None for anybody but the call's two people.

    Said again it changes nothing, said better it is corrected: the earliest joining and the latest leaving count, and
    news of the leaving itself more than what was concluded from the meeting's end or from silence. A session that
    ended is not opened again by older news; `is_inside` says that these are of this moment, and only a leaving that
    we were told of is newer.
    """
    with transaction.atomic():
        call = Call.objects.select_for_update(no_key=True, of=("self",)).get(pk=room.call_id)
        if str(person_id) not in call.people:
            _log.info("somebody else in a room", call=str(call.pk), person=str(person_id))
            return None
        presence = Presence.objects.filter(room=room, session=session).first()
        before = None if presence is None else _facts(presence)
        presence = presence or Presence(
            call=call, room=room, session=session, person_id=person_id, joined_at=joined_at
        )
        presence.joined_at = min(presence.joined_at, joined_at)
        if left_at is not None:
            _note_end(presence, left_at, ended or Ended.LEFT)
        elif is_inside and presence.ended in _TAKEN_BACK:
            presence.left_at, presence.ended = None, ""
        if before != _facts(presence):
            presence.save()
            publish_call(call_id=call.pk, what="presence")
            consider_recording(call, now=clock.now())
    return presence


def _note_end(presence: Presence, left_at: datetime, ended: Ended) -> None:
    known = presence.left_at
    if known is not None and (presence.ended in _CONCLUDED) != (ended in _CONCLUDED):
        if ended in _CONCLUDED:
            return
        known, presence.ended = None, ""
    presence.left_at = max(known or left_at, left_at, presence.joined_at)
    presence.ended = presence.ended or ended


def _facts(presence: Presence) -> tuple[datetime, datetime | None, str]:
    return presence.joined_at, presence.left_at, presence.ended


def end_sessions(*, room: Room, at: datetime, ended: Ended, joined_until: datetime | None = None) -> int:
    """End every session that is still open in the room, at `at` or when it began; answers how many.

    `joined_until` leaves those alone that began later.
    """
    with transaction.atomic():
        Call.objects.select_for_update(no_key=True, of=("self",)).get(pk=room.call_id)
        still_there = Presence.objects.filter(room=room, left_at=None)
        if joined_until is not None:
            still_there = still_there.filter(joined_at__lte=joined_until)
        return sum(end_session(presence=presence, at=at, ended=ended) for presence in list(still_there))


def end_session(*, presence: Presence, at: datetime, ended: Ended) -> bool:
    """End one session, at `at` or when it began; False if it has ended already."""
    with transaction.atomic():
        Call.objects.select_for_update(no_key=True, of=("self",)).get(pk=presence.call_id)
        current = Presence.objects.get(pk=presence.pk)
        if current.left_at is not None:
            return False
        current.left_at, current.ended = max(at, current.joined_at), ended
        current.save(update_fields=["left_at", "ended"])
        publish_call(call_id=presence.call_id, what="presence")
    return True
