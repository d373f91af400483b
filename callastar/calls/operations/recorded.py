"""What was recorded: given to the call's two people, and deleted after some weeks or when one of them says so."""

from datetime import datetime
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction

from callastar.accounts.models import User
from callastar.audit.models import Level
from callastar.audit.operations import Actor, record
from callastar.calls.models import Call, CallEvent, Recording, RecordingState
from callastar.calls.refusals import RecordingNotFoundError, RecordingUnavailableError
from callastar.core.errors import ProviderError
from callastar.core.queue import defer
from callastar.live.operations import publish_call
from callastar.providers.daily import recordings as daily

DELETE = "calls.delete_recording"
# Long enough for a slow connection to begin with the file; whoever needs another link clicks again.
LINK_SECONDS = 15 * 60

_log = structlog.get_logger(__name__)


def delete_at(started_at: datetime) -> datetime:
    """When a recording is deleted, whoever has looked at it or not."""
    return started_at + settings.RECORDING_KEPT


def recording_link(*, call: Call, recording_id: UUID, person: User, now: datetime) -> str:
    """An address of the file, made at the click and kept nowhere; for the call's two people only.

    Raises `RecordingNotFoundError` for anybody else and for what is not (or no longer) there,
    `RecordingUnavailableError` while Daily does not answer.
    """
    recording = _own_recording(call, recording_id, person)
    if not recording.is_available(now):
        raise RecordingNotFoundError
    try:
        link = daily.recording_link(recording_id=recording.provider_id, seconds=LINK_SECONDS)
    except ProviderError as error:
        _log.warning("no link to a recording", recording=str(recording.pk), error=error.code)
        raise RecordingUnavailableError from error
    record(
        type="RECORDING_LINK_GIVEN",
        message="A link to the recording of a call was given out",
        actor=Actor.of(person),
        call=call.pk,
        recording=recording.pk,
    )
    return link


def ask_deletion(*, call: Call, recording_id: UUID, person: User, now: datetime) -> None:
    """One of the two wants the recording deleted: from now on nobody gets a link, and a job deletes it.

    Raises `RecordingNotFoundError`, also while it still runs.
    """
    with transaction.atomic():
        Call.objects.select_for_update(no_key=True, of=("self",)).get(pk=call.pk)
        recording = _own_recording(call, recording_id, person)
        if recording.state not in {RecordingState.READY, RecordingState.FAILED}:
            raise RecordingNotFoundError
        recording.delete_at = min(now, recording.delete_at or now)
        recording.save(update_fields=["delete_at"])
        CallEvent.objects.create(
            call=call,
            kind=CallEvent.Kind.RECORDING,
            person_id=person.pk,
            at=now,
            details={"what": "deletion", "recording": str(recording.pk)},
        )
        record(
            type="RECORDING_DELETION_ASKED",
            message="Somebody wants the recording of their call deleted",
            actor=Actor.of(person),
            call=call.pk,
            recording=recording.pk,
        )
        defer(DELETE, recording_id=str(recording.pk))
        publish_call(call_id=call.pk, what="recording")


def delete_recording(*, recording_id: UUID, now: datetime) -> None:
    """Delete a recording whose time has come; gone already is success. Raises `ProviderError`."""
    recording = Recording.objects.get(pk=recording_id)
    if recording.state == RecordingState.DELETED or not recording.is_due(now):
        return
    try:
        daily.delete_recording(recording_id=recording.provider_id)
    except ProviderError as error:
        _note_failure(recording, error)
        raise
    forget(provider_id=recording.provider_id, now=now)


def delete_due(*, now: datetime) -> dict[str, int]:
    """Delete every recording whose time has come; a job of its own tries again what fails. Answers counts."""
    counts = {"deleted": 0, "failed": 0}
    due = Recording.objects.filter(delete_at__lte=now).exclude(state=RecordingState.DELETED)
    for recording_id in due.order_by("delete_at").values_list("pk", flat=True):
        try:
            delete_recording(recording_id=recording_id, now=now)
            counts["deleted"] += 1
        except ProviderError:
            counts["failed"] += 1
            defer(DELETE, recording_id=str(recording_id))
    if any(counts.values()):
        record(
            type="RECORDINGS_DELETED",
            level=Level.WARNING if counts["failed"] else Level.INFO,
            message="Recordings whose time has come were deleted",
            deleted=counts["deleted"],
            failed=counts["failed"],
        )
    return counts


def forget(*, provider_id: str, now: datetime) -> None:
    """Write down that a recording is gone at Daily, once."""
    with transaction.atomic():
        recording = (
            Recording.objects.select_for_update(no_key=True, of=("self",))
            .filter(provider_id=provider_id)
            .first()
        )
        if recording is None or recording.state == RecordingState.DELETED:
            return
        recording.state, recording.deleted_at, recording.last_error = RecordingState.DELETED, now, ""
        recording.save(update_fields=["state", "deleted_at", "last_error"])
        record(
            type="RECORDING_DELETED",
            message="The recording of a call is deleted",
            call=recording.call_id,
            recording=recording.pk,
        )
        publish_call(call_id=recording.call_id, what="recording")


def _own_recording(call: Call, recording_id: UUID, person: User) -> Recording:
    recording = Recording.objects.filter(pk=recording_id, call=call).first()
    if recording is None or str(person.pk) not in call.people:
        raise RecordingNotFoundError
    return recording


def _note_failure(recording: Recording, error: ProviderError) -> None:
    said = f"{error.code} {error.message}".strip()[:300]
    Recording.objects.filter(pk=recording.pk).update(last_error=said)
    record(
        type="RECORDING_DELETE_FAILED",
        level=Level.WARNING if error.is_temporary else Level.ERROR,
        message=f"The recording of a call could not be deleted: {error.code}",
        call=recording.call_id,
        recording=recording.pk,
    )
