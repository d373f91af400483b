"""Calls: those of today and in progress, who is in the room, what went wrong, and another room for them (CA-9)."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callastar.accounts.models import User
from callastar.accounts.people import person
from callastar.backoffice import call_tables, cells, filters, forms, rooms
from callastar.backoffice.base import ReadOnlyAdmin
from callastar.backoffice.call_filters import WhichCalls
from callastar.backoffice.site import site
from callastar.backoffice.tables import Act, Facts, Table
from callastar.bookings.models import Booking, BookingStatus, Outcome
from callastar.calls.models import Call, CallEvent, Presence, Provider, Room
from callastar.calls.refusals import SupportCannotEnterError
from callastar.calls.rules import Door, door
from callastar.core import clock

_OUTCOMES: dict[str, cells.Text] = dict(Outcome.choices)


def _names(call: Any) -> dict[UUID, str]:
    return {call.fan_id: call.fan_name, call.creator_user_id: call.creator_name}


@admin.display(description=gettext_lazy("In the room now"))
def _inside(call: Any) -> str:
    names = _names(call)
    return ", ".join(names.get(pk) or str(pk) for pk in dict.fromkeys(call.inside)) or cells.NOTHING


@admin.display(description=gettext_lazy("Problems"))
def _problems(call: Any) -> str:
    return cells.badge("FAILED", _("Problems")) if call.has_problems else cells.NOTHING


@admin.display(description=gettext_lazy("Booking"))
def _booking(call: Any) -> str:
    if call.booking_id is None:
        return cells.NOTHING
    url = reverse("bookings:detail", args=[call.booking_id])
    return format_html('<a class="underline underline-offset-2" href="{}">{}</a>', url, call.booking_id)


def _is_open(call: Any) -> bool:
    return door(starts_at=call.starts_at, ends_at=call.ends_at, now=clock.now()) is Door.OPEN


def _is_built_in(call: Any) -> bool:
    return call.room is not None and call.room.provider == Provider.BUILT_IN


_state = cells.status(gettext_lazy("Room"), "room.state", texts=call_tables.ROOM_STATES)
_provider = cells.text(gettext_lazy("Provider"), "room.get_provider_display")
_outcome = cells.status(gettext_lazy("Outcome"), "outcome", texts=_OUTCOMES)


@admin.register(Call, site=site)
class CallAdmin(ReadOnlyAdmin):
    """Calls, the latest first."""

    title = gettext_lazy("Calls")
    title_of_one = gettext_lazy("Call")
    list_display = (
        cells.moment(gettext_lazy("When"), "starts_at", ordering="starts_at"),
        cells.text(gettext_lazy("Fan"), "fan_name"),
        cells.text(gettext_lazy("Creator"), "creator_name"),
        _provider,
        _state,
        _inside,
        _problems,
        _outcome,
    )
    list_filter = (WhichCalls, filters.date("starts_at", gettext_lazy("When")))
    ordering = ("-starts_at",)
    search_fields = ("pk",)
    search_help_text = gettext_lazy("Fan’s or creator’s name or email, name of the room, or an id")
    shown = (
        (
            gettext_lazy("Call"),
            (
                cells.text(gettext_lazy("Title"), "title"),
                cells.moment(gettext_lazy("Begins"), "starts_at"),
                cells.moment(gettext_lazy("Ends"), "ends_at"),
                cells.moment(gettext_lazy("Cancelled"), "cancelled_at"),
                cells.text(gettext_lazy("Fan"), "fan_name"),
                cells.text(gettext_lazy("Creator"), "creator_name"),
                _outcome,
                _booking,
            ),
        ),
        (
            gettext_lazy("Room now"),
            (
                _state,
                _provider,
                cells.code(gettext_lazy("Name"), "room.name"),
                _inside,
                cells.moment(gettext_lazy("In trouble since"), "room.troubled_since"),
                cells.log_line(gettext_lazy("Last error"), "room.last_error"),
                cells.moment(gettext_lazy("Provider last asked who was there"), "asked_at"),
            ),
        ),
    )
    steps = ("remake", "move")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Call]:
        booking = Booking.objects.filter(call=OuterRef("pk"))
        inside = Presence.objects.filter(call=OuterRef("pk"), left_at=None, room=OuterRef("room_id"))
        problems = CallEvent.objects.filter(call=OuterRef("pk"), kind__in=call_tables.PROBLEMS)
        return (
            super()
            .get_queryset(request)
            .select_related("room")
            .annotate(
                fan_name=Subquery(User.objects.filter(pk=OuterRef("fan_id")).values("name")),
                creator_name=Subquery(User.objects.filter(pk=OuterRef("creator_user_id")).values("name")),
                booking_id=Subquery(booking.values("pk")[:1]),
                booking_status=Subquery(booking.values("status")[:1]),
                outcome=Subquery(booking.values("outcome")[:1]),
                is_final=Exists(booking.filter(outcome_final_at__isnull=False)),
                inside=ArraySubquery(inside.order_by("joined_at").values("person_id")),
                has_problems=Exists(problems),
            )
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if term := search_term.strip():
            found = filters.people(term, fan="fan_id") | filters.people(term, fan="creator_user_id")
            found |= filters.keys(term, "pk", "booking_id")
            queryset = queryset.filter(found | Q(pk__in=Room.objects.filter(name=term).values("call_id")))
        return queryset, False

    def alerts(self, row: Any) -> Iterator[tuple[str, cells.Text]]:
        """What somebody should look after."""
        if row.cancelled_at is None and row.room is not None and row.room.troubled_since:
            yield "warning", _("The provider of the room does not do what it is asked.")
        late = [room for room in row.rooms.all() if room.unwanted_at and not room.gone_at and room.last_error]
        if late:
            yield "warning", _("A room that is not wanted any more could not be deleted yet.")
        if row.cancelled_at is None and _is_open(row) and _is_built_in(row):
            yield "info", SupportCannotEnterError.text

    def acts(self, row: Any) -> Iterator[Act]:
        """Another room, while it can be used; a look inside; what became of it."""
        now = clock.now()
        if rooms.may_be_replaced(row, now=now):
            yield Act(_("Make the room again…"), self.url("remake", row))
            if not _is_built_in(row):
                yield Act(_("Move to a built-in room…"), self.url("move", row))
                if _is_open(row) and row.booking_id:
                    yield Act(_("Enter for support"), reverse("calls:call", args=[row.booking_id]))
        if row.booking_status == BookingStatus.COMPLETED and not row.is_final:
            url = reverse("admin:bookings_booking_decide", args=[row.booking_id])
            yield Act(_("Decide the outcome…"), url, variant="primary")

    def tables(self, row: Call) -> Sequence[Table]:
        """The call log."""
        return [
            call_tables.together_of(row, now=clock.now()),
            call_tables.presences_of(row, now=clock.now()),
            call_tables.rooms_of(row),
            call_tables.events_of(row),
        ]

    def remake(self, request: HttpRequest, row: Any) -> HttpResponse:
        """Another room at the same provider."""
        provider = Provider(row.room.provider) if row.room else Provider.DAILY
        return self._replace(
            request,
            row,
            provider,
            title=_("Make the room again?"),
            submit=_("Make the room again"),
            done=_("Another room is being made."),
        )

    def move(self, request: HttpRequest, row: Any) -> HttpResponse:
        """A built-in room."""
        return self._replace(
            request,
            row,
            Provider.BUILT_IN,
            title=_("Move this call to a built-in room?"),
            submit=_("Move the call"),
            done=_("The call has a built-in room now."),
        )

    def _replace(
        self, request: HttpRequest, row: Any, provider: Provider, *, title: str, submit: str, done: str
    ) -> HttpResponse:
        if request.method == "POST":
            form = forms.RoomForm(request.POST)
            seen = form.cleaned_data["seen"] if form.is_valid() else ""
            return self.carry_out(
                request,
                row,
                lambda: rooms.replace_room(
                    call_id=row.pk, provider=provider, seen=seen, admin=person(request), now=clock.now()
                ),
                done=done,
            )
        if not rooms.may_be_replaced(row, now=clock.now()):
            return self.back(row)
        return self.ask(
            request,
            row,
            title=title,
            submit=submit,
            form=forms.RoomForm(initial={"seen": row.room_id or ""}),
            intro=_(
                "The call gets a new room with a new address; both people are taken there by the page of the call."
                " The old room is deleted once nobody is inside."
            ),
            facts=[
                Facts(
                    _("Room"),
                    [
                        (_("Now"), _room_text(row.room)),
                        (_("Then"), provider.label),
                        (_("In the room now"), _inside(row)),
                    ],
                )
            ],
            alerts=[("warning", _("Somebody is in the room: they have to join again."))]
            if row.inside
            else [],
        )


def _room_text(room: Room | None) -> str:
    return f"{room.get_provider_display()}, {call_tables.ROOM_STATES[room.state]}" if room else cells.NOTHING
