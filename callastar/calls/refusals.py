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


class RoomUnavailableError(Refusal):
    """The provider does not answer now; the next try may work."""

    code = "room_unavailable"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    text = _("The video room is not ready yet. Please try again in a few seconds.")


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
