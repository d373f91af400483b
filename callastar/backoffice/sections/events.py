"""What Stripe, Daily and Resend told us: their events, those that keep failing, and running them again."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callastar.backoffice import cells, filters
from callastar.backoffice.base import ReadOnlyAdmin, actor
from callastar.backoffice.site import site
from callastar.backoffice.tables import Act
from callastar.webhooks.models import EventStatus, WebhookEvent
from callastar.webhooks.operations.inbox import DAILY, MOST_RERUNS, RESEND, STRIPE, replay_event
from callastar.webhooks.refusals import EventForgottenError

_PARKED_FIRST = (EventStatus.PARKED, EventStatus.RECEIVED, EventStatus.PROCESSED, EventStatus.IGNORED)


class StatusFilter(SimpleListFilter):
    """Where events stand, those that wait for somebody first."""

    title = gettext_lazy("Status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(status.value, status.label) for status in _PARKED_FIRST]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(status=self.value()) if self.value() else queryset


class ProviderFilter(SimpleListFilter):
    """Whose events."""

    title = gettext_lazy("Provider")
    parameter_name = "provider"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(STRIPE, "Stripe"), (DAILY, "Daily"), (RESEND, "Resend")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(provider=self.value()) if self.value() else queryset


@admin.register(WebhookEvent, site=site)
class WebhookEventAdmin(ReadOnlyAdmin):
    """Events, the last one first."""

    title = gettext_lazy("Events")
    title_of_one = gettext_lazy("Event")
    list_display = (
        cells.moment(gettext_lazy("Received"), "received_at", ordering="received_at"),
        cells.status(gettext_lazy("Status")),
        cells.code(gettext_lazy("Provider"), "provider"),
        cells.code(gettext_lazy("Type"), "type"),
        cells.text(gettext_lazy("Tries"), "attempts"),
        cells.code(gettext_lazy("Id at the provider"), "event_id"),
    )
    list_filter = (StatusFilter, ProviderFilter, filters.date("occurred_at", gettext_lazy("When")))
    ordering = ("-provider", "-occurred_at")  # as an index has them: there are many
    search_fields = ("event_id",)
    search_help_text = gettext_lazy("Type or id of the event, or account")
    shown = (
        (
            gettext_lazy("Event"),
            (
                cells.status(gettext_lazy("Status")),
                cells.code(gettext_lazy("Provider"), "provider"),
                cells.code(gettext_lazy("Type"), "type"),
                cells.code(gettext_lazy("Id at the provider"), "event_id"),
                cells.code(gettext_lazy("Account"), "account"),
                cells.moment(gettext_lazy("When"), "occurred_at"),
                cells.moment(gettext_lazy("Received"), "received_at"),
                cells.moment(gettext_lazy("Processed"), "processed_at"),
                cells.text(gettext_lazy("Tries"), "attempts"),
                cells.text(gettext_lazy("Run again by itself"), "reruns"),
                cells.log_line(gettext_lazy("Error"), "error"),
            ),
        ),
        (gettext_lazy("What the provider sent"), (cells.document(gettext_lazy("Content"), "payload"),)),
    )
    posted = ("replay",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if term := search_term.strip():
            found = filters.keys(term, "pk") | filters.ids(term, "event_id", "type", "account")
            queryset = queryset.filter(found)
        return queryset, False

    def alerts(self, row: WebhookEvent) -> Iterator[tuple[str, cells.Text]]:
        """What becomes of one that keeps failing."""
        if row.payload_forgotten_at:
            yield "info", str(EventForgottenError.text)
        elif row.status == EventStatus.PARKED and row.reruns < MOST_RERUNS:
            yield "warning", _("This event keeps failing. It is tried again within the hour.")
        elif row.status == EventStatus.PARKED:
            yield "destructive", _("This event keeps failing, and is not tried again by itself any more.")

    def acts(self, row: WebhookEvent) -> Iterator[Act]:
        """Carrying one out twice is harmless; without its content it cannot be carried out at all."""
        if row.payload_forgotten_at:
            return
        variant = "primary" if row.status == EventStatus.PARKED else "outline"
        yield Act(_("Run again"), self.url("replay", row), is_post=True, variant=variant)

    def replay(self, request: HttpRequest, row: WebhookEvent) -> HttpResponse:
        """Carry it out again, by its job."""
        return self.carry_out(
            request,
            row,
            lambda: replay_event(event_id=row.pk, actor=actor(request)),
            done=_("The event runs again in a moment."),
        )
