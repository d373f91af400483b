"""The recording of a booking's call: agreeing to it, and what comes of it."""

from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction

from callastar.accounts.models import User
from callastar.bookings.models import Booking
from callastar.bookings.operations.enter import confirmed_call
from callastar.bookings.queries import booking_for
from callastar.calls.models import Call, Recording
from callastar.calls.operations import consent, recorded
from callastar.calls.operations.recording import stop_recording
from callastar.calls.recording_view import Standing, standing_of
from callastar.calls.refusals import RecordingNotFoundError
from callastar.core.errors import ProviderError
from callastar.notifications.models import NotificationType
from callastar.notifications.operations import notify

_log = structlog.get_logger(__name__)


def recording_standing(*, booking_id: UUID, person: User, now: datetime) -> Standing:
    """How the recording of the booking's call stands. Raises `BookingNotFoundError`, `CallNotConfirmedError`."""
    return standing_of(call=confirmed_call(booking_id, person), person=person, now=now)


def agree(*, booking_id: UUID, person: User, now: datetime) -> Standing:
    """The person agrees to the recording of this one call. Raises the refusal that fits."""
    call = confirmed_call(booking_id, person)
    consent.give_consent(call_id=call.pk, person=person, now=now)
    return standing_of(call=call, person=person, now=now)


def disagree(*, booking_id: UUID, person: User, now: datetime) -> Standing:
    """The person does not agree (any more): what runs is stopped at once, by a job if Daily does not answer now."""
    call = confirmed_call(booking_id, person)
    if consent.withdraw_consent(call_id=call.pk, person=person, now=now):
        try:
            stop_recording(call_id=call.pk, now=now)
        except ProviderError as error:
            _log.warning("a recording could not be stopped yet", call=str(call.pk), error=error.code)
    return standing_of(call=call, person=person, now=now)


def recording_link(*, booking_id: UUID, recording_id: UUID, person: User, now: datetime) -> str:
    """An address of a recording's file, for the booking's two people. Raises the refusal that fits."""
    call = _call(booking_id, person)
    return recorded.recording_link(call=call, recording_id=recording_id, person=person, now=now)


def delete_recording(*, booking_id: UUID, recording_id: UUID, person: User, now: datetime) -> None:
    """Have a recording deleted, for both. Raises the refusal that fits."""
    call = _call(booking_id, person)
    recorded.ask_deletion(call=call, recording_id=recording_id, person=person, now=now)


def tell_recording(*, recording_id: UUID, now: datetime) -> None:
    """Tell both, once each, that their recording is ready; not of one that is deleted."""
    recording = Recording.objects.get(pk=recording_id)
    if not recording.is_available(now) or recording.delete_at is None:
        return
    booking = Booking.objects.select_related("fan", "creator__user").get(call_id=recording.call_id)
    fan, creator = booking.fan, booking.creator.user
    with transaction.atomic():
        for to, other in ((fan, creator), (creator, fan)):
            notify(
                to=to,
                type=NotificationType.SYSTEM,
                params={
                    "variant": "recording_ready",
                    "other_name": other.name,
                    "offer_title": booking.offer_title,
                    "deleted_at": recording.delete_at.isoformat(),
                },
                link=f"bookings/{booking.pk}",
                dedupe_key=f"recording_ready:{recording.pk}:{to.pk}",
                now=now,
            )


def _call(booking_id: UUID, person: User) -> Call:
    """The call, whatever became of the booking."""
    call = booking_for(booking_id=booking_id, person=person).call
    if call is None:
        raise RecordingNotFoundError
    return call
