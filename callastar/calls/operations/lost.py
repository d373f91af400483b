"""Sessions in built-in rooms that give no sign of life any more, and the mail that nobody will fetch."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from callastar.calls import rules
from callastar.calls.models import Call, Ended, Presence, Signal
from callastar.live.operations import publish_call


def end_lost(*, call_id: UUID, now: datetime) -> int:
    """End the call's sessions that were silent for 15 s, at their last sign of life; answers how many."""
    if not _silent(now).filter(call_id=call_id).exists():
        return 0
    with transaction.atomic():
        Call.objects.select_for_update(no_key=True, of=("self",)).get(pk=call_id)
        # Locked, so that each is looked at again after a sign of life that comes at this very moment.
        lost = list(_silent(now).filter(call_id=call_id).select_for_update(no_key=True, of=("self",)))
        for presence in lost:
            presence.left_at, presence.ended = presence.seen_at, Ended.LOST
            presence.save(update_fields=["left_at", "ended"])
        if lost:
            publish_call(call_id=call_id, what="presence")
    return len(lost)


def sweep_sessions(*, now: datetime) -> dict[str, int]:
    """End lost sessions of rooms in which nobody else asks, and delete signals of an hour ago; answers counts."""
    calls = _silent(now).order_by("call_id").values_list("call_id", flat=True).distinct()
    lost = sum(end_lost(call_id=call_id, now=now) for call_id in calls)
    forgotten, _ = Signal.objects.filter(created_at__lt=now - rules.SIGNALS_KEPT).delete()
    return {"lost": lost, "signals": forgotten}


def _silent(now: datetime) -> QuerySet[Presence]:
    """Open sessions that were not heard of for too long; only those in built-in rooms are ever heard of."""
    return Presence.objects.filter(left_at=None, seen_at__lt=now - rules.SILENCE)
