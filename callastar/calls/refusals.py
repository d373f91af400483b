"""Why a call cannot be entered: stable codes, translated texts."""

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from callastar.calls.rules import Door
from callastar.core.errors import Refusal


class CallNotFoundError(Refusal):
    """There is no such call, or it is other people's: the answer is the same."""

    code = "call_not_found"
    status = HTTPStatus.NOT_FOUND
    text = _("This call does not exist.")


class CallNotConfirmedError(Refusal):
    """The booking is not (or no longer) confirmed."""

    code = "call_not_confirmed"
    text = _("This call is not confirmed.")


class CallTooEarlyError(Refusal):
    """The room opens 15 minutes before the start."""

    code = Door.TOO_EARLY
    status = HTTPStatus.FORBIDDEN
    text = _("The room opens 15 minutes before the call.")


class CallOverError(Refusal):
    """The room closes 15 minutes after the end."""

    code = Door.OVER
    status = HTTPStatus.FORBIDDEN
    text = _("This call is over.")


class SupportCannotEnterError(Refusal):
    """An admin may look into a room at Daily; a built-in one has places for the call's two people only."""

    code = "support_cannot_enter"
    text = _("This call takes place in a built-in room, which our team cannot enter: it has two places.")


class RoomUnavailableError(Refusal):
    """The provider does not answer now; the next try may work."""

    code = "room_unavailable"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    text = _("The video room is not ready yet. Please try again in a few seconds.")


class RoomTokenInvalidError(Refusal):
    """The token is not ours, was changed, is another room's, or has expired."""

    code = "room_token_invalid"
    status = HTTPStatus.UNAUTHORIZED
    text = _("This link to the room is no longer valid. Please open the call’s page again.")


class RoomNotFoundError(Refusal):
    """There is no built-in room of that name."""

    code = "room_not_found"
    status = HTTPStatus.NOT_FOUND
    text = _("This room does not exist.")


class RoomMovedError(Refusal):
    """The call takes place in another room now."""

    code = "room_moved"
    text = _("The call has moved to another room. Please open the call’s page again.")


class RoomFullError(Refusal):
    """A built-in room has two places, and they are those of the call's two people."""

    code = "room_full"
    text = _("This room is for the two people of the call only.")


class SessionNotFoundError(Refusal):
    """No such session, or it is somebody else's: the answer is the same."""

    code = "session_not_found"
    status = HTTPStatus.NOT_FOUND
    text = _("You have not joined this room.")


class SessionOverError(Refusal):
    """The session was left, lost, or ended by joining on another device."""

    code = "session_over"
    text = _("You are no longer in this room. Please join again.")


class OtherNotHereError(Refusal):
    """The session that a signal is for is not (or no longer) in the room."""

    code = "other_not_here"
    text = _("The other person is not in the room.")


class SignalInvalidError(Refusal):
    """JSON that the database cannot keep: NUL characters, halves of characters, numbers that are none."""

    code = "signal_invalid"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    text = _("This message cannot be passed on.")


class SignalTooLargeError(Refusal):
    """More than 32 kB of JSON."""

    code = "signal_too_large"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    text = _("This message is too large to be passed on.")


class TooManySignalsError(Refusal):
    """One session sent thousands of signals: something runs in circles."""

    code = "too_many_signals"
    status = HTTPStatus.TOO_MANY_REQUESTS
    text = _("Too many messages. Please join again.")


class RecordingNotOfferedError(Refusal):
    """Recording is switched off, the room is not one of Daily's, or the call is over."""

    code = "recording_not_offered"
    text = _("This call cannot be recorded.")


class RecordingNotFoundError(Refusal):
    """There is no such recording (any more), it is not ready, or it is other people's: the answer is the same."""

    code = "recording_not_found"
    status = HTTPStatus.NOT_FOUND
    text = _("This recording does not exist, or it was deleted.")


class RecordingUnavailableError(Refusal):
    """The provider does not answer now; the next try may work."""

    code = "recording_unavailable"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    text = _("The recording cannot be fetched at the moment. Please try again in a few minutes.")
