"""The journal, its export and balances, and its comparison with Stripe."""

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.core.handlers.asgi import ASGIRequest
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from callastar.accounts.people import person
from callastar.audit.operations import record
from callastar.backoffice import cells, filters, forms, operations, queries, words
from callastar.backoffice.base import ReadOnlyAdmin, actor
from callastar.backoffice.columns import entry_columns
from callastar.backoffice.corrections import CorrectingAdmin
from callastar.backoffice.site import site
from callastar.backoffice.tables import Act, Table, table
from callastar.core import clock
from callastar.core.errors import Refusal
from callastar.creators.models import Creator
from callastar.documents import journal_csv
from callastar.ledger.models import Difference, Entry, EntryKind, ReconciliationRun, RunStatus
from callastar.ledger.queries import sums_by_currency

_DAY = timedelta(days=1)


class KindFilter(SimpleListFilter):
    """What happened, in words."""

    title = gettext_lazy("What")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(kind.value, words.ENTRIES[kind]) for kind in EntryKind]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.display(description=gettext_lazy("Payment"))
def _payment(entry: Entry) -> str:
    if entry.payment_id is None:
        return cells.NOTHING
    return cells.anchor("payments_payment", entry.payment_id, entry.payment_id)


@admin.display(description=gettext_lazy("Creator"))
def _creator(entry: Entry) -> str:
    if entry.creator_id is None:
        return cells.NOTHING
    name = Creator.objects.filter(pk=entry.creator_id).values_list("user__name", flat=True).first()
    return cells.anchor("payouts_payoutpolicy", entry.creator_id, name or entry.creator_id)


@admin.register(Entry, site=site)
class EntryAdmin(CorrectingAdmin):
    """Every movement of money, the last one first."""

    title = gettext_lazy("Journal")
    title_of_one = gettext_lazy("Entry of the journal")
    list_display = (
        cells.moment(gettext_lazy("When"), "occurred_at", ordering="occurred_at"),
        *entry_columns()[1:],
    )
    list_filter = (
        KindFilter,
        filters.values("currency", gettext_lazy("Currency")),
        filters.date("occurred_at", gettext_lazy("When")),
    )
    ordering = ("-occurred_at", "-id")
    search_fields = ("key",)
    search_help_text = gettext_lazy("Creator’s name, page or email, or an id")
    shown = (
        (
            gettext_lazy("Entry"),
            (
                cells.words(gettext_lazy("What"), "kind", words.ENTRIES),
                cells.moment(gettext_lazy("When"), "occurred_at"),
                cells.moment(gettext_lazy("Written down"), "posted_at"),
                cells.code(gettext_lazy("Key"), "key"),
                cells.code(gettext_lazy("Stripe’s id"), "reference"),
                cells.text(gettext_lazy("Note"), "note"),
            ),
        ),
        (
            gettext_lazy("Where it belongs"),
            (
                _creator,
                _payment,
                cells.link(gettext_lazy("Payout"), "payouts_payout", "payout_id", "payout_id"),
                cells.link(gettext_lazy("Takes back"), "ledger_entry", "reverses_id", "reverses.key"),
            ),
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
        return super().get_queryset(request).select_related("reverses").prefetch_related("lines")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if term := search_term.strip():
            found = filters.people(term, creator="creator_id")
            found |= filters.keys(term, "pk", "payment_id", "booking_id", "payout_id")
            queryset = queryset.filter(found | filters.ids(term, "key", "reference"))
        return queryset, False

    def more_urls(self) -> list[URLPattern]:
        """The export, the balances, and adjustments."""
        wrap = self.admin_site.admin_view
        return [
            path("export/", wrap(self.export), name="ledger_entry_export"),
            path("balances/", wrap(self.balances), name="ledger_entry_balances"),
            path("adjust/", wrap(self.adjust), name="ledger_entry_adjust"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        tools = [
            Act(_("Export (CSV)…"), reverse("admin:ledger_entry_export")),
            Act(_("Balances of the platform"), reverse("admin:ledger_entry_balances")),
            Act(_("Book an adjustment…"), reverse("admin:ledger_entry_adjust")),
        ]
        return super().changelist_view(request, {"tools": tools, **(extra_context or {})})

    def tables(self, row: Entry) -> Sequence[Table]:
        """Its lines."""
        columns = (
            cells.words(_("Account"), "account", words.ACCOUNTS),
            cells.amount(_("Amount"), "amount"),
            cells.link(_("Payment"), "payments_payment", "payment_id", "payment_id"),
        )
        note = _("Debits are above zero, credits below; together they are nothing.")
        return [table(_("Lines"), row.lines.order_by("id"), columns, note=note)]

    def export(self, request: HttpRequest) -> HttpResponseBase:
        """The lines posted in a period, as CSV, streamed."""
        form = forms.PeriodForm(request.GET or None, initial=_last_month())
        if not (request.GET and form.is_valid()):
            return self._period(request, form, _("Export the journal"), _("Download"), csv=True)
        since, until = _moments(form)
        record(
            type="JOURNAL_EXPORTED",
            message="An admin has exported the journal",
            actor=actor(request),
            since=since.isoformat(),
            until=until.isoformat(),
        )
        pieces = journal_csv(queries.journal_rows(since=since, until=until))
        name = f"journal-{form.cleaned_data['since']}-{form.cleaned_data['until']}.csv"
        return StreamingHttpResponse(
            _streamed(request, pieces),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def balances(self, request: HttpRequest) -> HttpResponse:
        """What moved on the platform's own accounts in a period, by currency."""
        form = forms.PeriodForm(request.GET or None, initial=_last_month())
        tables = _balances(*_moments(form)) if request.GET and form.is_valid() else None
        return self._period(
            request,
            form,
            _("Balances of the platform"),
            _("Show"),
            tables=tables,
            is_answered=tables is not None,
        )

    def _period(
        self, request: HttpRequest, form: forms.PeriodForm, title: str, submit: str, **context: Any
    ) -> HttpResponse:
        shown = {
            "title": title,
            "above": [(self.title, reverse("admin:ledger_entry_changelist"))],
            "form": form,
            "submit": submit,
            **context,
        }
        return TemplateResponse(
            request, "backoffice/period.html", {**self.admin_site.each_context(request), **shown}
        )


def _last_month() -> dict[str, date]:
    last = timezone.localdate(clock.now()).replace(day=1) - _DAY
    return {"since": last.replace(day=1), "until": last}


def _moments(form: forms.PeriodForm) -> tuple[datetime, datetime]:
    """The first moment of the period, and the first one after it, in the viewer's zone."""
    zone = timezone.get_current_timezone()
    first, last = form.cleaned_data["since"], form.cleaned_data["until"]
    return datetime.combine(first, time.min, zone), datetime.combine(last + _DAY, time.min, zone)


def _balances(since: datetime, until: datetime) -> list[Table]:
    return [
        Table(
            currency,
            (_("Account"), _("Amount")),
            [
                # An earning is a credit, below zero in the journal: a person calls it more.
                (words.ACCOUNTS[account], cells.figure(-total, currency))
                for account, total in sorted(sums.items())
            ]
            + [
                (
                    format_html("<strong>{}</strong>", _("Together")),
                    cells.figure(-sum(sums.values()), currency),
                )
            ],
        )
        for currency, sums in sorted(sums_by_currency(since=since, until=until).items())
    ]


def _streamed(request: HttpRequest, pieces: Iterator[str]) -> Iterator[str] | AsyncIterator[str]:
    """Pieces as they are made: the server's loop must not gather them all before it sends the first."""
    return _one_by_one(pieces) if isinstance(request, ASGIRequest) else pieces


async def _one_by_one(pieces: Iterator[str]) -> AsyncIterator[str]:
    while (piece := await sync_to_async(lambda: next(pieces, None))()) is not None:
        yield piece


@admin.display(description=gettext_lazy("Differences"))
def _differences(run: ReconciliationRun) -> Any:
    return getattr(run, "differences_found", cells.NOTHING)


@admin.register(ReconciliationRun, site=site)
class ReconciliationRunAdmin(ReadOnlyAdmin):
    """Comparisons of the journal with Stripe."""

    title = gettext_lazy("Comparisons with Stripe")
    title_of_one = gettext_lazy("Comparison with Stripe")
    list_display = (
        cells.moment(gettext_lazy("Started"), "started_at", ordering="started_at"),
        cells.status(gettext_lazy("Status"), texts=words.RUNS),
        _differences,
        cells.moment(gettext_lazy("Ended"), "ended_at"),
    )
    list_filter = (filters.date("started_at", gettext_lazy("Started")),)
    ordering = ("-started_at",)
    shown = (
        (
            gettext_lazy("Comparison"),
            (
                cells.status(gettext_lazy("Status"), texts=words.RUNS),
                cells.moment(gettext_lazy("Compared since"), "since"),
                cells.moment(gettext_lazy("Started"), "started_at"),
                cells.moment(gettext_lazy("Ended"), "ended_at"),
                cells.text(gettext_lazy("Error"), "error"),
            ),
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReconciliationRun]:
        count = Difference.objects.filter(run=OuterRef("pk")).order_by().values("run").annotate(n=Count("pk"))
        return (
            super().get_queryset(request).annotate(differences_found=Coalesce(Subquery(count.values("n")), 0))
        )

    def more_urls(self) -> list[URLPattern]:
        """The button that starts one."""
        return [
            path(
                "run/",
                self.admin_site.admin_view(require_POST(self.run_now)),
                name="ledger_reconciliationrun_run",
            )
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        run = Act(
            _("Run now"), reverse("admin:ledger_reconciliationrun_run"), is_post=True, variant="primary"
        )
        return super().changelist_view(request, {"tools": [run], **(extra_context or {})})

    def alerts(self, row: ReconciliationRun) -> Iterator[tuple[str, cells.Text]]:
        """How it ended, where somebody must look."""
        if row.status == RunStatus.DIFFERENT:
            yield "destructive", _("The journal and Stripe do not agree.")

    def acts(self, row: ReconciliationRun) -> Iterator[Act]:
        """Where differences are put right: an entry is corrected on its page, which the journal leads to."""
        if row.status == RunStatus.DIFFERENT:
            yield Act(_("Book an adjustment…"), reverse("admin:ledger_entry_adjust"))
            yield Act(_("Look for an entry to correct"), reverse("admin:ledger_entry_changelist"))

    def tables(self, row: ReconciliationRun) -> Sequence[Table]:
        """What was compared, and what differs."""
        compared = [(name, count) for name, count in sorted(row.compared.items())]
        columns = (
            cells.text(_("What"), "kind"),
            cells.code(_("Stripe’s id"), "stripe_id"),
            cells.code(_("Our id"), "our_id"),
            cells.code(_("Account"), "account"),
            cells.amount(_("Journal"), "ours"),
            cells.amount(_("Stripe"), "theirs"),
            cells.text(_("Note"), "note"),
        )
        return [
            table(_("Differences"), row.differences.all(), columns),
            Table(_("Compared"), (_("What"), _("How many")), compared),
        ]

    def run_now(self, request: HttpRequest) -> HttpResponse:
        """Start one."""
        try:
            operations.reconcile_now(admin=person(request), now=clock.now())
        except Refusal as refusal:
            messages.error(request, refusal.detail)
        else:
            messages.success(request, _("The comparison begins in a moment."))
        return redirect("admin:ledger_reconciliationrun_changelist")
