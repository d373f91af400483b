"""Consent to the recording of one call: each of its two people gives it, and can take it back at any time."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from callastar.accounts.models import User
from callastar.audit.operations import Actor, record
from callastar.calls.models import Call, CallEvent, Provider, RecordingConsent, RoomState
from callastar.calls.queries import sides_inside
from callastar.calls.refusals import CallNotFoundError, RecordingNotOfferedError
from callastar.calls.rules import closes_at
from callastar.core.queue import defer
from callastar.live.operations import publish_call

START = "calls.start_recording"
STOP = "calls.stop_recording"
BOTH = frozenset({"fan", "creator"})


def is_offered(call: Call, *, now: datetime) -> bool:
    """Whether the call can be recorded: switched on for the site, in a room of Daily's, and not over."""
    room = call.room
    return bool(
        settings.RECORDING_ENABLED
        and room is not None
        and room.provider == Provider.DAILY
        and room.state in {RoomState.WANTED, RoomState.READY}
        and call.cancelled_at is None
        and now <= closes_at(call.ends_at)
    )


def consenting(call: Call) -> set[str]:
    """Who of the two consents now: `fan`, `creator`."""
    standing = RecordingConsent.objects.filter(call=call, withdrawn_at=None)
    return {call.people[str(person_id)] for person_id in standing.values_list("person_id", flat=True)}


def is_wanted(call: Call, *, now: datetime) -> bool:
    """Whether the call is to be recorded now: it can be, both consent, and both are inside."""
    return is_offered(call, now=now) and consenting(call) == BOTH and sides_inside(call) == BOTH


def give_consent(*, call_id: UUID, person: User, now: datetime) -> None:
    """The person agrees that this call is recorded. Given twice it is given once.

    Raises `CallNotFoundError` for anybody but its two people, `RecordingNotOfferedError`.
    """
    with transaction.atomic():
        call = _own_call(call_id, person)
        if not is_offered(call, now=now):
            raise RecordingNotOfferedError
        consent, is_new = RecordingConsent.objects.get_or_create(
            call=call, person_id=person.pk, defaults={"given_at": now}
        )
        if not is_new and consent.withdrawn_at is None:
            return
        consent.withdrawn_at = None
        consent.save(update_fields=["withdrawn_at"])
        _note(call, person, "consent", now)
        consider_recording(call, now=now)


def withdraw_consent(*, call_id: UUID, person: User, now: datetime) -> bool:
    """The person does not agree any more: a job stops what is being recorded. Answers whether they had agreed.

    Possible whatever became of the call. Raises `CallNotFoundError`.
    """
    with transaction.atomic():
        call = _own_call(call_id, person)
        standing = RecordingConsent.objects.filter(call=call, person_id=person.pk, withdrawn_at=None)
        if not standing.update(withdrawn_at=now):
            return False
        _note(call, person, "withdrawal", now)
        defer(STOP, call_id=str(call.pk))
    return True


def consider_recording(call: Call, *, now: datetime) -> None:
    """Somebody came in or agreed, in the caller's transaction: let a job start the recording if it is wanted now."""
    if settings.RECORDING_ENABLED and is_wanted(call, now=now):
        defer(START, call_id=str(call.pk))


def _own_call(call_id: UUID, person: User) -> Call:
    """The call, locked."""
    call = Call.objects.select_for_update(no_key=True, of=("self",)).select_related("room").get(pk=call_id)
    if str(person.pk) not in call.people:
        raise CallNotFoundError
    return call


def _note(call: Call, person: User, what: str, now: datetime) -> None:
    CallEvent.objects.create(
        call=call, kind=CallEvent.Kind.RECORDING, person_id=person.pk, at=now, details={"what": what}
    )
    given = what == "consent"
    record(
        type="RECORDING_CONSENT_GIVEN" if given else "RECORDING_CONSENT_WITHDRAWN",
        message="Somebody agreed that their call is recorded"
        if given
        else "Somebody does not agree any more that their call is recorded",
        actor=Actor.of(person),
        call=call.pk,
    )
    publish_call(call_id=call.pk, what="recording")
