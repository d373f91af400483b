"""Tables of calls."""

from callastar.calls.models.call import Call, CallEvent, Provider, Room, RoomState
from callastar.calls.models.presence import Ended, Presence, Signal
from callastar.calls.models.recording import Recording, RecordingConsent, RecordingState

__all__ = [
    "Call",
    "CallEvent",
    "Ended",
    "Presence",
    "Provider",
    "Recording",
    "RecordingConsent",
    "RecordingState",
    "Room",
    "RoomState",
    "Signal",
]
