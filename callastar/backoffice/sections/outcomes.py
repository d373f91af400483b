"""What became of calls: what the log cannot tell and what is contested waits here for a decision (BK-9, CA-6)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callastar.accounts.models import User
from callastar.accounts.people import person
from callastar.backoffice import call_tables, cells, filters, forms
from callastar.backoffice.base import ReadOnlyAdmin
from callastar.backoffice.call_filters import WhichOutcomes
from callastar.backoffice.site import site
from callastar.backoffice.tables import Act, Facts, Table, table
from callastar.bookings.models import Booking, BookingStatus, Contest, Outcome
from callastar.bookings.operations.decide import decide_outcome
from callastar.bookings.rules import is_earned
from callastar.core import clock
from callastar.payments.operations.refunds import refundable

_OUTCOMES: dict[str, cells.Text] = dict(Outcome.choices)
_outcome = cells.status(gettext_lazy("Outcome"), "outcome", texts=_OUTCOMES)


@admin.display(description=gettext_lazy("Contested"))
def _contested(booking: Any) -> str:
    return cells.badge("OPEN", _("Contested")) if booking.is_contested else cells.NOTHING


@admin.display(description=gettext_lazy("Found by"))
def _found_by(booking: Any) -> str:
    if not booking.outcome:
        return cells.NOTHING
    return str(booking.admin_name or _("Team")) if booking.outcome_by else _("Call log")


@admin.display(description=gettext_lazy("Booking"))
def _page(booking: Booking) -> str:
    url = reverse("bookings:detail", args=[booking.pk])
    return format_html('<a class="underline underline-offset-2" href="{}">{}</a>', url, booking.pk)


@admin.display(description=gettext_lazy("Side"))
def _side(contest: Contest) -> str:
    return _("Fan") if contest.person_id == contest.booking.fan_id else _("Creator")


_CONTESTS: Sequence[cells.Cell] = (
    cells.moment(gettext_lazy("When"), "created_at"),
    _side,
    cells.words(gettext_lazy("Contested outcome"), "contested_outcome", _OUTCOMES),
    cells.text(gettext_lazy("What they say"), "text"),
    cells.moment(gettext_lazy("Decided"), "decided_at"),
    cells.text(gettext_lazy("Answer"), "answer"),
)


@admin.register(Booking, site=site)
class OutcomeAdmin(ReadOnlyAdmin):
    """Bookings whose call is over, those first that have waited longest."""

    title = gettext_lazy("Outcomes")
    title_of_one = gettext_lazy("Outcome")
    list_display = (
        cells.moment(gettext_lazy("When"), "starts_at", ordering="starts_at"),
        cells.text(gettext_lazy("Fan"), "fan.name"),
        cells.text(gettext_lazy("Creator"), "creator.user.name"),
        _outcome,
        _contested,
        _found_by,
        cells.moment(gettext_lazy("Refunded by itself"), "refund_due_at", ordering="refund_due_at"),
    )
    list_filter = (
        WhichOutcomes,
        filters.choices("outcome", gettext_lazy("Outcome")),
        filters.date("completed_at", gettext_lazy("Over")),
    )
    ordering = (F("refund_due_at").asc(nulls_last=True), "completed_at")
    search_fields = ("pk",)
    search_help_text = gettext_lazy("Fan’s or creator’s name or email, or an id")
    shown = (
        (
            gettext_lazy("Outcome"),
            (
                _outcome,
                _contested,
                _found_by,
                cells.moment(gettext_lazy("Found"), "outcome_at"),
                cells.moment(gettext_lazy("Refunded by itself"), "refund_due_at"),
                cells.moment(gettext_lazy("Final"), "outcome_final_at"),
            ),
        ),
        (
            gettext_lazy("Call"),
            (
                cells.link(gettext_lazy("Call"), "calls_call", "call_id", "offer_title"),
                cells.moment(gettext_lazy("Begins"), "starts_at"),
                cells.moment(gettext_lazy("Ends"), "ends_at"),
                cells.text(gettext_lazy("Fan"), "fan.name"),
                cells.text(gettext_lazy("Creator"), "creator.user.name"),
                _page,
                cells.link(
                    gettext_lazy("Payment"),
                    "payments_payment",
                    "payment_id",
                    cells.amount("", "payment.amount", currency="payment.currency"),
                ),
                cells.amount(
                    gettext_lazy("Refunded"), "payment.refunded_amount", currency="payment.currency"
                ),
            ),
        ),
    )
    steps = ("decide",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Booking]:
        contests = Contest.objects.filter(booking=OuterRef("pk"), decided_at=None)
        return (
            super()
            .get_queryset(request)
            .filter(status=BookingStatus.COMPLETED)
            .select_related("fan", "creator__user", "payment", "offer", "call")
            .annotate(
                is_contested=Exists(contests),
                admin_name=Subquery(User.objects.filter(pk=OuterRef("outcome_by")).values("name")),
            )
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if term := search_term.strip():
            found = filters.people(term, creator="creator", fan="fan")
            queryset = queryset.filter(found | filters.keys(term, "pk", "call", "payment"))
        return queryset, False

    def acts(self, row: Booking) -> Iterator[Act]:
        """Decide, until it is final."""
        if row.outcome_final_at is None:
            yield Act(_("Decide the outcome…"), self.url("decide", row), variant="primary")

    def tables(self, row: Booking) -> Sequence[Table]:
        """What both sides say, and what the log says."""
        contests = table(_("Contests"), row.contests.select_related("booking"), _CONTESTS)
        return [*([contests] if contests.rows else []), *_log(row)]

    def decide(self, request: HttpRequest, row: Booking) -> HttpResponse:
        """Say what became of the call: asked for, shown, then confirmed."""
        left = refundable(row.payment)
        if request.method == "GET" and row.outcome_final_at is not None:
            return self.back(row)
        initial = {
            "outcome": row.outcome,
            "refund": 0 if is_earned(row.outcome) else left,
            "seen": row.outcome,
            "left": left,
        }
        form = forms.OutcomeForm(request.POST or None, initial=initial)
        if request.method == "POST" and form.is_valid():
            given = form.cleaned_data
            if "confirmed" in request.POST:
                return self._carry_out(request, row, given)
            if given["refund"] <= left:
                return self._confirm(request, row, form)
            form.add_error("refund", _("That is more than what is left of this payment."))
        return self.ask(
            request,
            row,
            title=_("Decide the outcome"),
            submit=_("Continue"),
            form=form,
            intro=_("Up to %(left)s can be given back. A decision is final.")
            % {"left": cells.money_text(left, row.payment.currency)},
            tables=self.tables(row),
        )

    def _carry_out(self, request: HttpRequest, row: Booking, given: Mapping[str, Any]) -> HttpResponse:
        return self.carry_out(
            request,
            row,
            lambda: decide_outcome(
                booking_id=row.pk,
                outcome=Outcome(given["outcome"]),
                refund=given["refund"],
                reason=given["reason"],
                admin=person(request),
                now=clock.now(),
                expected_outcome=given["seen"],
                expected_left=given["left"],
            ),
            done=_("The outcome is decided; fan and creator have been told."),
        )

    def _confirm(self, request: HttpRequest, row: Booking, form: forms.OutcomeForm) -> HttpResponse:
        given, currency = form.cleaned_data, row.payment.currency
        return self.ask(
            request,
            row,
            title=_("Decide like this?"),
            submit=_("Decide"),
            variant="destructive",
            form=form,
            is_confirmation=True,
            intro=_(
                "It is final: both read the reason, and the rest of the money can be paid out in its time."
            ),
            facts=[
                Facts(
                    _("Decision"),
                    [
                        (_("Outcome until now"), _OUTCOMES.get(row.outcome, cells.NOTHING)),
                        (_("Outcome"), _OUTCOMES[given["outcome"]]),
                        (_("Paid by the fan"), cells.figure(row.payment.amount, currency)),
                        (_("Given back to the fan"), cells.figure(given["refund"], currency)),
                        (_("Reason"), given["reason"]),
                    ],
                )
            ],
        )


def _log(row: Booking) -> Sequence[Table]:
    if row.call is None:
        return []
    return [
        call_tables.together_of(row.call, now=clock.now()),
        call_tables.presences_of(row.call, now=clock.now()),
        call_tables.events_of(row.call),
    ]
