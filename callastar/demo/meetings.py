"""Who came to the demo's past calls: as the host of their rooms would have told it, a moment ago or a year ago."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from callastar.bookings.models import Booking
from callastar.calls.models import CallEvent, Ended
from callastar.calls.operations.presence import note_session

Stay = tuple[float, float]  # from when to when, as parts of the call
There = Mapping[str, Sequence[Stay]]  # by side

BOTH: There = {"fan": [(-0.15, 0.98)], "creator": [(-0.05, 1.0)]}
TROUBLED: There = {"fan": [(-0.1, 0.2), (0.25, 0.5), (0.6, 1.0)], "creator": [(0.0, 1.0)]}
FAN_ALONE: There = {"fan": [(-0.1, 0.9)], "creator": []}
CREATOR_ALONE: There = {"fan": [], "creator": [(-0.05, 1.0)]}


def attend(booking_id: UUID, there: There) -> None:
    """Write the sessions of a booking's call, and what broke off between two of the same side."""
    call = Booking.objects.select_related("call__room").get(pk=booking_id).call
    if call is None or call.room is None:
        return
    length = call.ends_at - call.starts_at
    for person_id, side in ((call.fan_id, "fan"), (call.creator_user_id, "creator")):
        stays = there[side]
        for number, (came, left) in enumerate(stays):
            is_last = number == len(stays) - 1
            left_at = call.starts_at + left * length
            note_session(
                room=call.room,
                session=f"{side}-{number}",
                person_id=person_id,
                joined_at=call.starts_at + came * length,
                left_at=left_at,
                ended=Ended.LEFT if is_last else Ended.LOST,
            )
            if not is_last:
                CallEvent.objects.create(
                    call=call,
                    room=call.room,
                    kind=CallEvent.Kind.POOR_CONNECTION,
                    person_id=person_id,
                    at=left_at - timedelta(seconds=20),
                )
