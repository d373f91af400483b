"""Filters of calls and their outcomes, and the same as querysets for what counts them."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy

from callastar.backoffice.call_tables import PROBLEMS
from callastar.bookings.models import Booking, BookingStatus, Contest, Outcome
from callastar.calls.models import Call, CallEvent, RoomState
from callastar.calls.rules import CLOSES_AFTER, LONGEST_CALL, OPENS_BEFORE
from callastar.core import clock

_LONGEST = LONGEST_CALL + OPENS_BEFORE + CLOSES_AFTER


def today(calls: QuerySet[Call], *, now: datetime) -> QuerySet[Call]:
    """Calls that begin today, in the viewer's zone."""
    begin = timezone.make_aware(datetime.combine(timezone.localdate(now), time.min))
    end = timezone.make_aware(datetime.combine(timezone.localdate(now) + timedelta(days=1), time.min))
    return calls.filter(starts_at__gte=begin, starts_at__lt=end)


def in_progress(calls: QuerySet[Call], *, now: datetime) -> QuerySet[Call]:
    """Calls whose room is open now."""
    return calls.filter(
        starts_at__gt=now - _LONGEST,
        starts_at__lte=now + OPENS_BEFORE,
        ends_at__gte=now - CLOSES_AFTER,
        cancelled_at=None,
    )


def without_room(calls: QuerySet[Call], *, now: datetime) -> QuerySet[Call]:
    """Calls to come, or going on, whose room is not there."""
    is_there = Q(room__isnull=False, room__state=RoomState.READY)
    to_come = calls.filter(starts_at__gt=now - LONGEST_CALL, ends_at__gt=now, cancelled_at=None)
    return to_come.exclude(is_there)


def with_problems(calls: QuerySet[Call]) -> QuerySet[Call]:
    """Calls in whose log something went wrong."""
    problems = CallEvent.objects.filter(call=OuterRef("pk"), kind__in=PROBLEMS)
    return calls.filter(Exists(problems))


class WhichCalls(SimpleListFilter):
    """Calls by what an admin looks after."""

    title = gettext_lazy("Calls")
    parameter_name = "which"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("today", gettext_lazy("Today")),
            ("now", gettext_lazy("In progress")),
            ("roomless", gettext_lazy("Coming, without a room")),
            ("problems", gettext_lazy("With problems")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        now = clock.now()
        match self.value():
            case "today":
                return today(queryset, now=now)
            case "now":
                return in_progress(queryset, now=now)
            case "roomless":
                return without_room(queryset, now=now)
            case "problems":
                return with_problems(queryset)
        return queryset


def contested(bookings: QuerySet[Booking]) -> QuerySet[Booking]:
    """Bookings of which somebody contests the outcome."""
    return bookings.filter(Exists(Contest.objects.filter(booking=OuterRef("pk"), decided_at=None)))


def to_decide(bookings: QuerySet[Booking]) -> QuerySet[Booking]:
    """Bookings whose outcome an admin has to decide: not to be told from the log, or contested."""
    is_contested = Exists(Contest.objects.filter(booking=OuterRef("pk"), decided_at=None))
    return bookings.filter(
        Q(outcome__in=[Outcome.TECHNICAL, Outcome.UNKNOWN]) | Q(is_contested),
        status=BookingStatus.COMPLETED,
        outcome_final_at=None,
    )


class WhichOutcomes(SimpleListFilter):
    """Outcomes by what there is to do; without a choice, what waits for a decision."""

    title = gettext_lazy("Decision")
    parameter_name = "decision"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("contested", gettext_lazy("Contested")),
            ("decided", gettext_lazy("Decided by the team")),
            ("all", gettext_lazy("All outcomes")),
        ]

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Django's own, with what stands there without a choice in our words."""
        choices = super().choices(changelist)
        yield {**next(choices), "display": gettext_lazy("To be decided")}
        yield from choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "contested":
                return contested(queryset)
            case "decided":
                return queryset.filter(outcome_by__isnull=False)
            case "all":
                return queryset
        return to_decide(queryset)
