"""Who came and went, as a room's host tells it: in any order, any number of times, and sometimes not at all."""

from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction

from callastar.calls.models import Call, Ended, Presence, Room
from callastar.live.operations import publish_call

_log = structlog.get_logger(__name__)


def note_session(
    *,
    room: Room,
    session: str,
    person_id: UUID,
    joined_at: datetime,
    left_at: datetime | None = None,
    ended: Ended | None = None,
) -> Presence | None:
    """Write down one session of one person; None for anybody but the call's two people.

    Said again it changes nothing, said better it is corrected: the earliest joining and the latest leaving count.
    A session that ended is not opened again by older news.
    """
    with transaction.atomic():
        call = Call.objects.select_for_update().get(pk=room.call_id)
        if str(person_id) not in call.people:
            _log.info("somebody else in a room", call=str(call.pk), person=str(person_id))
            return None
        presence = Presence.objects.filter(room=room, session=session).first()
        before = None if presence is None else (presence.joined_at, presence.left_at)
        presence = presence or Presence(
            call=call, room=room, session=session, person_id=person_id, joined_at=joined_at
        )
        presence.joined_at = min(presence.joined_at, joined_at)
        if left_at is not None:
            presence.left_at = max(presence.left_at or left_at, left_at, presence.joined_at)
            presence.ended = presence.ended or ended or Ended.LEFT
        if before != (presence.joined_at, presence.left_at):
            presence.save()
            publish_call(call_id=call.pk, what="presence")
    return presence


def end_sessions(*, room: Room, at: datetime, ended: Ended) -> int:
    """End every session that is still open in the room, at `at` or when it began; answers how many."""
    with transaction.atomic():
        Call.objects.select_for_update().get(pk=room.call_id)
        still_there = list(Presence.objects.filter(room=room, left_at=None))
        for presence in still_there:
            presence.left_at, presence.ended = max(at, presence.joined_at), ended
            presence.save(update_fields=["left_at", "ended"])
        if still_there:
            publish_call(call_id=room.call_id, what="presence")
    return len(still_there)
