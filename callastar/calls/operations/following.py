"""Calls that go on, of whose rooms nothing is heard: Daily is asked who is inside."""

from datetime import datetime, timedelta

from django.db.models import DateTimeField, Exists, Max, OuterRef, QuerySet
from django.db.models.functions import Greatest

from callastar.calls import rules
from callastar.calls.models import Call, CallEvent, Provider, RoomState
from callastar.calls.operations.asking import ask_who_is_inside
from callastar.calls.operations.one_by_one import ask_about_each

# With a look every minute, "who is here" is right within two, whether or not any event arrives.
QUIET = timedelta(minutes=1)
FAILED = "CALL_NOT_FOLLOWED"


def follow_calls(*, now: datetime) -> dict[str, int]:
    """Ask about each call at Daily that people were let into and that was quiet for a minute; answers counts.

    When Daily is out, the rest waits for the next run.
    """
    calls = _quiet_calls(now).values_list("pk", flat=True)
    return ask_about_each(calls, ask_who_is_inside, failure=FAILED, now=now)


def _quiet_calls(now: datetime) -> QuerySet[Call]:
    under_way = Call.objects.filter(
        starts_at__lte=now + rules.OPENS_BEFORE,
        starts_at__gt=now - rules.LONGEST_CALL - rules.CLOSES_AFTER,
        ends_at__gte=now - rules.CLOSES_AFTER,
        cancelled_at=None,
        room__provider=Provider.DAILY,
        room__state=RoomState.READY,
    )
    let_in = CallEvent.objects.filter(call=OuterRef("pk"), kind=CallEvent.Kind.LET_IN)
    # GREATEST leaves out what is null.
    heard = Greatest(
        "asked_at",
        Max("presences__created_at"),
        Max("presences__left_at"),
        output_field=DateTimeField(),
    )
    quiet = under_way.filter(Exists(let_in)).annotate(heard_at=heard)
    return (quiet.filter(heard_at=None) | quiet.filter(heard_at__lte=now - QUIET)).order_by("starts_at")
