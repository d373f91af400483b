"""`/api/daily/recording`: whether a call is recorded, and agreeing to it."""

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from ninja import Router, Schema
from ninja.security import django_auth

from callastar.accounts.people import person
from callastar.bookings.operations import recording
from callastar.bookings.schemas import BookingRef
from callastar.calls.recording_view import Stage, Standing
from callastar.core import clock
from callastar.core.api.fields import ProblemOut

recording_router = Router(tags=["calls"], auth=django_auth)


class RecordingOut(Schema):
    """How the recording of a call stands for the asker: `mine` and `theirs` say who agrees now."""

    booking_id: UUID
    stage: Stage
    mine: bool
    theirs: bool
    kept_days: int


@recording_router.get(
    "/recording",
    response={200: RecordingOut, (401, 404, 409): ProblemOut},
    summary="Whether a call is recorded",
)
def get_recording(request: HttpRequest, booking_id: UUID) -> RecordingOut:
    """For those who take part in the call."""
    standing = recording.recording_standing(booking_id=booking_id, person=person(request), now=clock.now())
    return _out(booking_id, standing)


@recording_router.post(
    "/recording-consent",
    response={200: RecordingOut, (401, 403, 404, 409, 422): ProblemOut},
    summary="Agree that a call is recorded",
)
def give_consent(request: HttpRequest, payload: BookingRef) -> RecordingOut:
    """It is recorded once both agree and are in the room; in rooms of Daily's only, where the site offers it."""
    standing = recording.agree(booking_id=payload.booking_id, person=person(request), now=clock.now())
    return _out(payload.booking_id, standing)


@recording_router.delete(
    "/recording-consent",
    response={200: RecordingOut, (401, 403, 404, 409, 422): ProblemOut},
    summary="Do not agree (any more) that a call is recorded",
)
def withdraw_consent(request: HttpRequest, booking_id: UUID) -> RecordingOut:
    """Stops at once what is being recorded."""
    standing = recording.disagree(booking_id=booking_id, person=person(request), now=clock.now())
    return _out(booking_id, standing)


def _out(booking_id: UUID, standing: Standing) -> RecordingOut:
    return RecordingOut(
        booking_id=booking_id,
        stage=standing.stage,
        mine=standing.mine,
        theirs=standing.theirs,
        kept_days=settings.RECORDING_KEPT.days,
    )
