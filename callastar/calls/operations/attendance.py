"""Judging a call from what is known of it, once its host was asked what is missing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from callastar.calls.attendance import Assessment, Verdict
from callastar.calls.models import Call, Ended, Presence, Provider
from callastar.calls.operations.asking import ask_host, daily_rooms
from callastar.calls.operations.lost import end_lost
from callastar.calls.operations.one_by_one import is_outage, note_failure
from callastar.calls.queries import assessment_of, turned_away

ASK_FOR = timedelta(hours=2)  # after the end; then what is known must do
FAILED = "ATTENDANCE_NOT_KNOWN"
# How we were told ourselves that somebody left. All else is concluded, and may turn out to have been earlier.
_TOLD = (Ended.LEFT, Ended.ASKED)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a call was; no `assessment` while its host must still be asked. `is_host_out`: it was, without an answer."""

    assessment: Assessment | None
    is_host_out: bool = False


def find_out(*, call_id: UUID, now: datetime, may_ask: bool = True) -> Finding:
    """What became of a call whose room is closed, asking Daily about rooms that were made there, if that is allowed.

    Without its answer a call was held if those sessions say so of which the end was told: whatever is still missing can
    only make them longer. Otherwise it is asked again until two hours after the end, and then nothing is known.
    """
    end_lost(call_id=call_id, now=now)
    call = Call.objects.get(pk=call_id)
    if not daily_rooms(call_id).exists():
        return Finding(_by_all(call, now))
    error = _error_of_asking(call_id, now) if may_ask else None
    if may_ask and error is None:
        return Finding(_by_all(call, now))
    is_out = error is not None and is_outage(error)
    told = _by_told(call, now)
    is_over = may_ask and now >= call.ends_at + ASK_FOR
    return Finding(told if is_over or told.outcome is Verdict.HELD else None, is_host_out=is_out)


def _error_of_asking(call_id: UUID, now: datetime) -> Exception | None:
    try:
        ask_host(call_id=call_id, now=now)
    except Exception as error:
        note_failure(error, call_id=call_id, failure=FAILED)
        return error
    return None


def _by_all(call: Call, now: datetime) -> Assessment:
    """All sessions are known."""
    return assessment_of(call, call.presences.all(), now=now, turned_away=turned_away(call))


def _by_told(call: Call, now: datetime) -> Assessment:
    """Only what we were told counts, and that may not be all."""
    sessions = call.presences.select_related("room")
    return assessment_of(call, [one for one in sessions if _is_told(one)], now=now, is_known=False)


def _is_told(presence: Presence) -> bool:
    """Whether it is known when the session ended; of built-in rooms this server knows all itself."""
    return presence.room.provider == Provider.BUILT_IN or presence.ended in _TOLD
