"""Calls that take place or do not: who was in the room, as the host of the room would tell it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from callastar.bookings.models import Booking
from callastar.bookings.operations.complete import SETTLES, complete_calls
from callastar.bookings.operations.judge import judge_calls
from callastar.calls.models import Call, Ended, Room
from callastar.calls.operations.presence import note_session
from callastar.core import clock
from callastar.core.ids import new_id
from callastar.offers.models import CallOffer

Span = tuple[int, int]  # seconds after the start


def attend(booking: Booking, *, fan: Iterable[Span] = (), creator: Iterable[Span] = ()) -> None:
    """Both sides' sessions."""
    call = Call.objects.select_related("room").get(pk=booking.call_id)
    room = call.room or Room.objects.filter(call=call).latest("created_at")
    for person_id, spans in ((call.fan_id, fan), (call.creator_user_id, creator)):
        for span in spans:
            _session(room, person_id, call.starts_at, span)


def _session(room: Room, person_id: UUID, start: datetime, span: Span) -> None:
    joined, left = (start + timedelta(seconds=second) for second in span)
    note_session(
        room=room,
        session=new_id().hex,
        person_id=person_id,
        joined_at=joined,
        left_at=left,
        ended=Ended.LEFT,
    )


def meet(bookings: Iterable[Booking]) -> None:
    """Fan and creator are together from the start on for five minutes, in each of these calls."""
    for booking in bookings:
        attend(booking, fan=[(0, 300)], creator=[(0, 300)])


def call_over(
    booking: Booking, *, ago: timedelta = SETTLES, fan: Iterable[Span] = (), creator: Iterable[Span] = ()
) -> Booking:
    """Its call of half an hour ended so long ago, with those who were there; completed, and not judged."""
    ends_at = clock.now() - ago
    moved = {"starts_at": ends_at - timedelta(minutes=30), "ends_at": ends_at}
    CallOffer.objects.filter(pk=booking.offer_id).update(**moved)
    Call.objects.filter(pk=booking.call_id).update(**moved)
    Booking.objects.filter(pk=booking.pk).update(starts_at=moved["starts_at"])
    booking.refresh_from_db()
    attend(booking, fan=fan, creator=creator)
    assert complete_calls(now=ends_at + SETTLES)["failed"] == 0
    booking.refresh_from_db()
    return booking


def end(*, now: datetime) -> None:
    """Calls that are over are completed and judged, as the job does it."""
    assert complete_calls(now=now)["failed"] == 0
    assert judge_calls(now=now)["failed"] == 0
