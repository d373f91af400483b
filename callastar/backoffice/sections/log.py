"""The system log: what happened, who did it, and what goes with it (LO-1)."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from callastar.accounts.models import User
from callastar.audit.models import ActorKind, Level, LogEntry
from callastar.backoffice import cells, filters
from callastar.backoffice.base import ReadOnlyAdmin
from callastar.backoffice.site import site

_LEVELS = {
    Level.CRITICAL: gettext_lazy("Critical"),
    Level.ERROR: gettext_lazy("Error"),
    Level.WARNING: gettext_lazy("Warning"),
    Level.INFO: gettext_lazy("Information"),
}
_ACTORS = {
    ActorKind.USER: gettext_lazy("Fan"),
    ActorKind.CREATOR: gettext_lazy("Creator"),
    ActorKind.ADMIN: gettext_lazy("Admin"),
    ActorKind.SYSTEM: gettext_lazy("System"),
    ActorKind.GUEST: gettext_lazy("Guest"),
}
_LEVEL = cells.status(
    gettext_lazy("Level"), "level", texts={level.value: text for level, text in _LEVELS.items()}
)
_WHO = cells.words(gettext_lazy("Who"), "actor_kind", {kind.value: text for kind, text in _ACTORS.items()})
# What metadata calls the rows that people look for.
_ABOUT = ("booking", "payment", "payout", "offer", "call", "email", "creator")


@admin.register(LogEntry, site=site)
class LogAdmin(ReadOnlyAdmin):
    """Entries, the last one first."""

    title = gettext_lazy("System log")
    title_of_one = gettext_lazy("Log entry")
    list_display = (
        cells.moment(gettext_lazy("When"), "created_at", ordering="created_at"),
        _LEVEL,
        cells.code(gettext_lazy("Type"), "type"),
        _WHO,
        cells.log_line(gettext_lazy("What happened"), "message"),
    )
    list_filter = (
        filters.coded("level", gettext_lazy("Level"), _LEVELS),
        filters.coded("actor_kind", gettext_lazy("Who"), _ACTORS),
        filters.date("created_at", gettext_lazy("When")),
    )
    ordering = ("-pk",)  # as they were written: there are many, and keys begin with the time
    search_fields = ("type",)
    search_help_text = gettext_lazy("Type, email address of who did it, or id of a person, booking or call")
    shown = (
        (
            gettext_lazy("Log entry"),
            (
                cells.moment(gettext_lazy("When"), "created_at"),
                _LEVEL,
                cells.code(gettext_lazy("Type"), "type"),
                _WHO,
                cells.code(gettext_lazy("Id of the person"), "actor_id"),
                cells.log_line(gettext_lazy("What happened"), "message"),
                cells.document(gettext_lazy("What goes with it"), "metadata"),
            ),
        ),
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By type, by who did it, by what it is about."""
        if term := search_term.strip():
            people = User.objects.filter(email__iexact=term).values_list("pk", flat=True)
            found = filters.keys(term, "pk", "actor_id") | Q(type=term.upper()) | Q(actor_id__in=list(people))
            queryset = queryset.filter(found | filters.ids(term, *(f"metadata__{name}" for name in _ABOUT)))
        return queryset, False
