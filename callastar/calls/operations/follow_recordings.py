"""Recordings whose events never came: Daily is asked about them."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from callastar.calls.models import Call, Recording, RecordingState
from callastar.calls.operations.consent import consider_recording
from callastar.calls.operations.one_by_one import ask_about_each
from callastar.calls.operations.recording import sync_call
from callastar.calls.rules import OPENS_BEFORE

# So long after a call its recordings are asked for even if no event told of any.
LOOK_AFTER = timedelta(hours=2)
FAILED = "RECORDINGS_NOT_FOLLOWED"


def follow_recordings(*, now: datetime) -> dict[str, int]:
    """Ask about calls that are or were being recorded; answers counts. When Daily is out, the rest waits."""
    calls = _followed(now).values_list("pk", flat=True)
    return ask_about_each(calls, _follow, failure=FAILED, now=now)


def _follow(*, call_id: UUID, now: datetime) -> None:
    """What Daily has of one call's recordings, and what is to be done about it. Raises `ProviderError`."""
    sync_call(call_id=call_id, now=now)
    with transaction.atomic():
        call = (
            Call.objects.select_for_update(no_key=True, of=("self",)).select_related("room").get(pk=call_id)
        )
        consider_recording(call, now=now)


def _followed(now: datetime) -> QuerySet[Call]:
    """Calls with recordings that are not ready, and those that both agreed to have recorded, until a while later."""
    unsettled = Recording.objects.filter(state__in=(RecordingState.RUNNING, RecordingState.PROCESSING))
    open_calls = Q(pk__in=unsettled.filter(delete_at__gt=now).values("call"))
    recent = Q(starts_at__lte=now + OPENS_BEFORE, ends_at__gte=now - LOOK_AFTER)
    agreed = Call.objects.filter(recent).annotate(agreeing=Count("consents")).filter(agreeing=2)
    return Call.objects.filter(open_calls | Q(pk__in=agreed.values("pk"))).order_by("starts_at")
