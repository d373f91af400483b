"""Disputes with their evidence, and what a won one gives back to the creator."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Case, F, IntegerField, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callastar.accounts.people import person
from callastar.backoffice import cells, evidence, filters, forms, operations, queries
from callastar.backoffice.base import ReadOnlyAdmin, actor
from callastar.backoffice.columns import DEBTS, REVERSALS
from callastar.backoffice.site import site
from callastar.backoffice.tables import Act, Facts, Table, table
from callastar.core import clock
from callastar.mail.money_texts import dispute_reason
from callastar.payments.models import Dispute, DisputeStatus, MoveStatus, Restitution
from callastar.payments.operations.disputes import save_evidence
from callastar.payments.refusals import DisputeNotOpenError

_ANSWERABLE = [status for status in DisputeStatus if status.may_be_answered]
_ANSWERABLE_FIRST = Case(
    When(status__in=_ANSWERABLE, then=Value(0)), default=Value(1), output_field=IntegerField()
)
_payment = cells.link(
    gettext_lazy("Payment"),
    "payments_payment",
    "payment_id",
    cells.amount("", "payment.amount", currency="payment.currency"),
)


@admin.display(description=gettext_lazy("What it is about"))
def _reason(dispute: Dispute) -> str:
    return str(dispute_reason(dispute.reason))


@admin.register(Dispute, site=site)
class DisputeAdmin(ReadOnlyAdmin):
    """Disputes, those to be answered first, by their deadline."""

    title = gettext_lazy("Disputes")
    title_of_one = gettext_lazy("Dispute")
    list_display = (
        cells.moment(gettext_lazy("Opened"), "opened_at", ordering="opened_at"),
        cells.text(gettext_lazy("Fan"), "fan_name"),
        cells.text(gettext_lazy("Creator"), "creator_name"),
        cells.amount(gettext_lazy("Amount"), "amount", currency="payment.currency", ordering="amount"),
        cells.status(gettext_lazy("Status")),
        cells.moment(gettext_lazy("Answer until"), "evidence_due_by", ordering="evidence_due_by"),
        cells.moment(gettext_lazy("Answered"), "evidence_submitted_at"),
    )
    list_filter = (
        filters.choices("status", gettext_lazy("Status")),
        filters.values("payment__currency", gettext_lazy("Currency")),
        filters.date("opened_at", gettext_lazy("Opened")),
    )
    list_select_related = ("payment",)
    ordering = (_ANSWERABLE_FIRST, F("evidence_due_by").asc(nulls_last=True), "-opened_at")
    search_fields = ("stripe_dispute_id",)
    search_help_text = gettext_lazy("Fan’s or creator’s name or email, or an id")
    shown = (
        (
            gettext_lazy("Dispute"),
            (
                cells.status(gettext_lazy("Status")),
                cells.amount(gettext_lazy("Amount"), "amount", currency="payment.currency"),
                cells.amount(gettext_lazy("Creator’s part"), "share", currency="payment.currency"),
                _reason,
                cells.code(gettext_lazy("Stripe’s word for it"), "reason"),
                cells.code(gettext_lazy("Stripe’s id"), "stripe_dispute_id"),
            ),
        ),
        (
            gettext_lazy("Times"),
            (
                cells.moment(gettext_lazy("Opened"), "opened_at"),
                cells.moment(gettext_lazy("Answer until"), "evidence_due_by"),
                cells.moment(gettext_lazy("Answered"), "evidence_submitted_at"),
                cells.moment(gettext_lazy("Closed"), "closed_at"),
            ),
        ),
        (
            gettext_lazy("Payment"),
            (
                _payment,
                cells.text(gettext_lazy("Call"), "offer_title"),
                cells.text(gettext_lazy("Fan"), "fan_name"),
                cells.link(
                    gettext_lazy("Creator"), "payouts_payoutpolicy", "payment.creator_id", "creator_name"
                ),
            ),
        ),
    )
    steps = ("evidence", "submit")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Dispute]:
        rows = super().get_queryset(request).select_related("payment")
        return queries.with_people(rows, payment="payment")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if term := search_term.strip():
            found = filters.people(term, creator="payment__creator_id", fan="payment__fan_id")
            found |= filters.keys(term, "pk", "payment", "payment__booking_id")
            queryset = queryset.filter(found | filters.ids(term, "stripe_dispute_id", "payment__charge_id"))
        return queryset, False

    def acts(self, row: Dispute) -> Iterator[Act]:
        """Answer, as long as that can be done."""
        if _may_be_answered(row):
            yield Act(_("Prepare the answer…"), self.url("evidence", row), variant="primary")
            if row.evidence:
                yield Act(_("Send the answer…"), self.url("submit", row))

    def tables(self, row: Dispute) -> Sequence[Table]:
        """The evidence as it was kept, and what the dispute moved."""
        given = Table(_("Answer"), (_("Part"), _("Text")), _parts(row)) if row.evidence else None
        restitutions = Restitution.objects.filter(dispute=row).select_related("dispute__payment")
        found = [
            table(_("Taken back from the transfer"), row.reversals.select_related("payment"), REVERSALS),
            table(_("Debts"), row.debts.all(), DEBTS),
            table(_("Given back after the dispute"), restitutions, _RESTITUTIONS),
        ]
        return [*([given] if given else []), *(each for each in found if each.rows)]

    def evidence(self, request: HttpRequest, row: Dispute) -> HttpResponse:
        """What the bank will be told: gathered by itself, to be completed."""
        if not _may_be_answered(row) and request.method == "GET":
            return self.back(row)
        form = forms.EvidenceForm(request.POST or None, initial={**evidence.gather(row), **row.evidence})
        answer = request.method == "POST" and self.submitted(
            request,
            row,
            form,
            lambda: save_evidence(dispute_id=row.pk, evidence=form.evidence, actor=actor(request)),
            done=_("The answer is saved; it has not been sent yet."),
        )
        if answer and "send" in request.POST:
            return redirect(self.url("submit", row))
        return answer or self.ask(
            request,
            row,
            title=_("Answer to the bank"),
            submit=_("Save"),
            second=("send", _("Save and go on to sending")),
            form=form,
            intro=_(
                "Filled in with what is known of the booking. Saving sends nothing: read it through, complete it, "
                "then send it once."
            ),
            facts=[
                Facts(
                    _("Dispute"),
                    [
                        (_("What it is about"), str(dispute_reason(row.reason))),
                        (_("Answer until"), _until(row)),
                    ],
                )
            ],
        )

    def submit(self, request: HttpRequest, row: Dispute) -> HttpResponse:
        """Send it, after a last look: it cannot be changed afterwards."""
        if request.method == "POST":
            return self.carry_out(
                request,
                row,
                lambda: operations.send_evidence(dispute_id=row.pk, admin=person(request), now=clock.now()),
                done=_("The answer has been sent to the bank."),
            )
        if not _may_be_answered(row) or not row.evidence:
            return self.carry_out(request, row, _refuse, done="")
        return self.ask(
            request,
            row,
            title=_("Send this answer to the bank?"),
            submit=_("Send to the bank"),
            variant="destructive",
            alerts=[("warning", _("It is sent once: nothing can be changed or added afterwards."))],
            tables=[Table(_("Answer"), (_("Part"), _("Text")), _parts(row))],
        )


def _may_be_answered(row: Dispute) -> bool:
    return DisputeStatus(row.status).may_be_answered and row.evidence_submitted_at is None


def _refuse() -> None:
    raise DisputeNotOpenError


def _until(row: Dispute) -> str:
    return cells.moment_text(row.evidence_due_by) if row.evidence_due_by else cells.NOTHING


def _parts(row: Dispute) -> list[tuple[cells.Text, str]]:
    labels = {part.name: part.label for part in evidence.FIELDS}
    return [
        (labels.get(name, name), format_html('<span class="whitespace-pre-line break-words">{}</span>', text))
        for name, text in row.evidence.items()
    ]


_RESTITUTIONS: Sequence[cells.Cell] = (
    cells.link(gettext_lazy("Made"), "payments_restitution", "pk", cells.moment("", "created_at")),
    cells.amount(gettext_lazy("Amount"), "amount", currency="dispute.payment.currency"),
    cells.status(gettext_lazy("Status")),
    cells.text(gettext_lazy("Why it failed"), "failure_reason"),
)


@admin.register(Restitution, site=site)
class RestitutionAdmin(ReadOnlyAdmin):
    """Transfers back to creators after disputes that were won."""

    title = gettext_lazy("Given back after disputes")
    title_of_one = gettext_lazy("Transfer back to a creator")
    list_display = (*_RESTITUTIONS[1:3], cells.moment(gettext_lazy("Made"), "created_at"), _RESTITUTIONS[3])
    list_filter = (filters.choices("status", gettext_lazy("Status")),)
    list_select_related = ("dispute__payment",)
    ordering = ("-created_at",)
    shown = (
        (
            gettext_lazy("Transfer"),
            (
                *_RESTITUTIONS[1:],
                cells.moment(gettext_lazy("Made"), "created_at"),
                cells.text(gettext_lazy("Tries"), "tries"),
                cells.code(gettext_lazy("Stripe’s id"), "stripe_transfer_id"),
                cells.link(
                    gettext_lazy("Dispute"), "payments_dispute", "dispute_id", "dispute.stripe_dispute_id"
                ),
            ),
        ),
    )
    posted = ("retry",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Restitution]:
        return super().get_queryset(request).select_related("dispute__payment")

    def acts(self, row: Restitution) -> Iterator[Act]:
        """Another try."""
        if row.status == MoveStatus.FAILED:
            yield Act(
                _("Try again"),
                self.url("retry", row),
                is_post=True,
                variant="primary",
                question=_("Ask Stripe for this transfer again?"),
            )

    def retry(self, request: HttpRequest, row: Restitution) -> HttpResponse:
        """Ask Stripe again."""
        return self.carry_out(
            request,
            row,
            lambda: operations.retry_restitution(
                restitution_id=row.pk, admin=person(request), now=clock.now()
            ),
            done=_("The transfer is asked for again."),
        )
