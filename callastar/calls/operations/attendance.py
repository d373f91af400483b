"""Judging a call from what is known of it, once its host was asked what is missing."""

from datetime import datetime, timedelta
from uuid import UUID

from callastar.calls import attendance
from callastar.calls.attendance import Assessment, Stay
from callastar.calls.models import Call, Presence
from callastar.calls.operations.asking import ask_host
from callastar.calls.operations.lost import end_lost

ASK_FOR = timedelta(hours=2)  # after the end; then what is known must do


def assess(*, call_id: UUID, now: datetime) -> Assessment | None:
    """What became of a call whose room is closed; None while its host must still be asked and does not answer.

    Two hours after the end it is judged by what is there, whatever the host says.
    """
    end_lost(call_id=call_id, now=now)
    call = Call.objects.get(pk=call_id)
    answered = ask_host(call_id=call_id, now=now)
    if not answered and now < call.ends_at + ASK_FOR:
        return None
    sessions = list(Presence.objects.filter(call_id=call_id))
    return attendance.assess(
        fan=_stays(sessions, call.fan_id),
        creator=_stays(sessions, call.creator_user_id),
        starts_at=call.starts_at,
        ends_at=call.ends_at,
        now=now,
        is_known=answered or bool(sessions),
    )


def _stays(sessions: list[Presence], person_id: UUID) -> list[Stay]:
    return [Stay(one.joined_at, one.left_at) for one in sessions if one.person_id == person_id]
