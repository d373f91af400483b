"""Recording a call at Daily, and writing down what becomes of it.

An event is only a reason to ask Daily: what it answers is what is true. Nothing is asked inside a transaction.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from callastar.audit.models import Level
from callastar.audit.operations import record
from callastar.calls.models import (
    Call,
    CallEvent,
    Provider,
    Recording,
    RecordingConsent,
    RecordingState,
    Room,
)
from callastar.calls.operations.asking import daily_rooms
from callastar.calls.operations.consent import BOTH, STOP, consenting, is_wanted
from callastar.calls.operations.recorded import DELETE, delete_at, forget
from callastar.calls.queries import inside
from callastar.core.errors import ProviderError
from callastar.core.queue import defer
from callastar.live.operations import publish_call
from callastar.providers.daily import recordings as daily
from callastar.providers.daily.recordings import HostedRecording, HostedState

TELL = "bookings.tell_recording"
# Daily says in whole seconds, by its own clock, when a recording began.
LENIENCE = timedelta(minutes=1)
_A_SECOND = timedelta(seconds=1)

State = RecordingState


def start_recording(*, call_id: UUID, now: datetime) -> None:
    """Start it if it is wanted now and does not run yet. Raises temporary `ProviderError`s for whoever retries.

    Started twice it runs once: Daily is asked first, and refuses a second recording of the same instance.
    """
    call = Call.objects.select_related("room").get(pk=call_id)
    room = call.room
    if room is None or not is_wanted(call, now=now) or _is_recorded(call, room, now):
        return
    try:
        daily.start_recording(room=room.name, instance=str(room.pk))
    except ProviderError as error:
        if error.is_temporary:
            raise
        if not _runs(room, now):
            note_trouble(room=room, error=f"{error.code} {error.message}", now=now)
        return
    _runs(room, now)
    if consenting(call) != BOTH:  # taken back while Daily was being asked
        stop_recording(call_id=call_id, now=now)


def stop_recording(*, call_id: UUID, now: datetime) -> None:
    """Stop what is being recorded, unless both agree; nothing running is success. Raises `ProviderError`."""
    call = Call.objects.get(pk=call_id)
    if consenting(call) == BOTH:
        return
    for room in daily_rooms(call_id):
        daily.stop_recording(room=room.name, instance=str(room.pk))
        _runs(room, now)
        _note_stopped(room, now)


def sync_recording(*, recording_id: str, now: datetime) -> None:
    """Ask Daily about one recording, and write down what it says. Raises `ProviderError`."""
    hosted = daily.get_recording(recording_id=recording_id)
    if hosted is None:
        forget(provider_id=recording_id, now=now)
        return
    room = Room.objects.filter(name=hosted.room, provider=Provider.DAILY).first()
    if room is not None:
        note_recording(room=room, hosted=hosted, now=now)


def sync_call(*, call_id: UUID, now: datetime) -> None:
    """Ask Daily about everything that was recorded of a call. Raises `ProviderError`."""
    listed: set[str] = set()
    for room in daily_rooms(call_id):
        for hosted in daily.list_recordings(room=room.name):
            listed.add(hosted.id)
            note_recording(room=room, hosted=hosted, now=now)
    unsettled = Recording.objects.filter(call_id=call_id, state__in=(State.RUNNING, State.PROCESSING))
    for provider_id in unsettled.exclude(provider_id__in=listed).values_list("provider_id", flat=True):
        sync_recording(recording_id=provider_id, now=now)


def note_error(*, room_name: str, message: str, now: datetime) -> None:
    """Daily could not start a recording, or it broke off: what became of it is asked. Raises `ProviderError`."""
    room = Room.objects.filter(name=room_name, provider=Provider.DAILY).first()
    if room is None:
        return
    sync_call(call_id=room.call_id, now=now)
    note_trouble(room=room, error=message, now=now)


def note_trouble(*, room: Room, error: str, now: datetime) -> None:
    """The call cannot be recorded, or not any more: its people see it. The same trouble is noted once."""
    with transaction.atomic():
        Call.objects.select_for_update(no_key=True, of=("self",)).get(pk=room.call_id)
        happened = CallEvent.objects.filter(call_id=room.call_id, kind=CallEvent.Kind.RECORDING)
        last = happened.order_by("at", "id").last()
        details = {"what": "trouble", "error": error[:300]}
        if last is not None and last.details == details:
            return
        CallEvent.objects.create(
            call_id=room.call_id, room=room, kind=CallEvent.Kind.RECORDING, at=now, details=details
        )
        record(
            type="RECORDING_FAILED",
            level=Level.ERROR,
            message=f"A call could not be recorded: {error}"[:300],
            call=room.call_id,
        )
        publish_call(call_id=room.call_id, what="recording")


def note_recording(*, room: Room, hosted: HostedRecording, now: datetime) -> Recording:
    """Write down what Daily says of one recording. Said again it changes nothing; what is deleted stays deleted."""
    with transaction.atomic():
        call = Call.objects.select_for_update(no_key=True, of=("self",)).get(pk=room.call_id)
        recording = Recording.objects.filter(provider_id=hosted.id).first()
        if recording is None:
            recording = _note_started(call, room, hosted, now)
        if hosted.state == HostedState.FINISHED and recording.state in {State.RUNNING, State.PROCESSING}:
            _note_ready(recording, hosted, now)
        if hosted.state == HostedState.CANCELED and recording.state in {State.RUNNING, State.PROCESSING}:
            _change(recording, State.FAILED)
        if recording.state == State.RUNNING and consenting(call) != BOTH:
            defer(STOP, call_id=str(call.pk))
    return recording


def _runs(room: Room, now: datetime) -> list[Recording]:
    """What is being recorded in the room, as Daily says it; not what was stopped."""
    hosted = daily.list_recordings(room=room.name)
    rows = [note_recording(room=room, hosted=one, now=now) for one in hosted]
    return [row for row in rows if row.state == State.RUNNING]


def _is_recorded(call: Call, room: Room, now: datetime) -> bool:
    """Whether what runs began since somebody who is inside came in.

    An earlier one ended when everybody was out, and may only be in preparation: Daily then says whether it still runs.
    """
    came = min((presence.joined_at for presence in inside(call)), default=now)
    return any(row.started_at + _A_SECOND >= came for row in _runs(room, now))


def _note_started(call: Call, room: Room, hosted: HostedRecording, now: datetime) -> Recording:
    consented = _both_consented(call, at=hosted.started_at)
    recording = Recording.objects.create(
        call=call,
        room=room,
        provider_id=hosted.id,
        started_at=hosted.started_at,
        delete_at=delete_at(hosted.started_at) if consented else now,
        created_at=now,
    )
    CallEvent.objects.create(
        call=call,
        room=room,
        kind=CallEvent.Kind.RECORDING,
        at=hosted.started_at,
        details={"what": "started", "recording": str(recording.pk)},
    )
    record(
        type="RECORDING_STARTED" if consented else "RECORDING_WITHOUT_CONSENT",
        level=Level.INFO if consented else Level.ERROR,
        message="A call is being recorded"
        if consented
        else "A call was recorded without the consent of both: it is deleted",
        call=call.pk,
        recording=recording.pk,
    )
    if not consented:
        defer(DELETE, recording_id=str(recording.pk))
    publish_call(call_id=call.pk, what="recording")
    return recording


def _both_consented(call: Call, *, at: datetime) -> bool:
    """Whether both agreed when a recording began."""
    given = RecordingConsent.objects.filter(call=call, given_at__lte=at + LENIENCE)
    standing = given.exclude(withdrawn_at__lt=at - LENIENCE).values_list("person_id", flat=True)
    return {call.people[str(person_id)] for person_id in standing} == BOTH


def _note_ready(recording: Recording, hosted: HostedRecording, now: datetime) -> None:
    recording.duration_seconds = hosted.duration_seconds
    recording.ready_at = now
    _change(recording, State.READY)
    record(
        type="RECORDING_READY",
        message="The recording of a call is ready",
        call=recording.call_id,
        recording=recording.pk,
        seconds=hosted.duration_seconds,
    )
    if recording.is_available(now):
        defer(TELL, recording_id=str(recording.pk))


def _note_stopped(room: Room, now: datetime) -> None:
    """What was running is being prepared from now on."""
    with transaction.atomic():
        Call.objects.select_for_update(no_key=True, of=("self",)).get(pk=room.call_id)
        for recording in Recording.objects.filter(room=room, state=State.RUNNING):
            _change(recording, State.PROCESSING)
            record(
                type="RECORDING_STOPPED",
                message="The recording of a call was stopped",
                call=recording.call_id,
                recording=recording.pk,
            )


def _change(recording: Recording, state: RecordingState) -> None:
    recording.state = state
    recording.save()
    publish_call(call_id=recording.call_id, what="recording")
