"""The recordings of a call on the page of its booking."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from callastar.accounts.models import User
from callastar.bookings.models import Booking
from callastar.calls.models import Recording, RecordingState
from callastar.calls.recording_view import recordings_of


class Shown(StrEnum):
    """What there is to say of a recording."""

    PREPARING = "preparing"
    READY = "ready"
    FAILED = "failed"
    GOING = "going"  # being deleted


@dataclass(frozen=True, slots=True)
class RecordingRow:
    """A recording and what to show of it."""

    recording: Recording
    shown: Shown

    @property
    def minutes(self) -> int:
        """Its length, at least a minute; 0 where it is not known."""
        seconds = self.recording.duration_seconds
        return max(1, round(seconds / 60)) if seconds else 0


def recording_rows(*, booking: Booking, person: User, now: datetime) -> list[RecordingRow]:
    """What was recorded of the booking's call, for its two people only."""
    call = booking.call
    if call is None or str(person.pk) not in call.people:
        return []
    return [RecordingRow(one, _shown(one, now)) for one in recordings_of(call)]


def _shown(recording: Recording, now: datetime) -> Shown:
    if recording.is_due(now):
        return Shown.GOING
    if recording.state == RecordingState.FAILED:
        return Shown.FAILED
    return Shown.READY if recording.is_available(now) else Shown.PREPARING
