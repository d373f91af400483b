"""What creators owe, and what is taken back from their transfers."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callastar.accounts.people import person
from callastar.backoffice import cells, filters, forms, operations, queries
from callastar.backoffice.base import ReadOnlyAdmin
from callastar.backoffice.columns import REVERSALS, SETTLEMENTS
from callastar.backoffice.site import site
from callastar.backoffice.tables import Act, Table, table
from callastar.core import clock
from callastar.payments.models import Debt, DebtStatus, MoveStatus, TransferReversal

_OPEN_FIRST = Case(When(status=DebtStatus.OPEN, then=Value(0)), default=Value(1), output_field=IntegerField())
_FAILED_FIRST = Case(
    When(status=MoveStatus.FAILED, then=Value(0)), default=Value(1), output_field=IntegerField()
)


@admin.register(Debt, site=site)
class DebtAdmin(ReadOnlyAdmin):
    """Debts, open ones first."""

    title = gettext_lazy("Debts")
    title_of_one = gettext_lazy("Debt")
    list_display = (
        cells.moment(gettext_lazy("Made"), "created_at", ordering="created_at"),
        cells.text(gettext_lazy("Creator"), "creator_name"),
        cells.amount(gettext_lazy("Amount"), "amount", ordering="amount"),
        cells.amount(gettext_lazy("Still owed"), "remaining"),
        cells.status(gettext_lazy("Status")),
        cells.text(gettext_lazy("Cause"), "get_cause_display"),
        cells.text(gettext_lazy("Settled by"), "get_reconciled_by_display"),
    )
    list_filter = (
        filters.choices("status", gettext_lazy("Status")),
        filters.choices("cause", gettext_lazy("Cause")),
        filters.values("currency", gettext_lazy("Currency")),
        filters.date("created_at", gettext_lazy("Made")),
    )
    ordering = (_OPEN_FIRST, "-created_at")
    search_fields = ("pk",)
    search_help_text = gettext_lazy("Creator’s name, page or email, or an id")
    shown = (
        (
            gettext_lazy("Debt"),
            (
                cells.status(gettext_lazy("Status")),
                cells.amount(gettext_lazy("Amount"), "amount"),
                cells.amount(gettext_lazy("Settled"), "settled_amount"),
                cells.amount(gettext_lazy("Still owed"), "remaining"),
                cells.text(gettext_lazy("Cause"), "get_cause_display"),
                cells.moment(gettext_lazy("Made"), "created_at"),
                cells.moment(gettext_lazy("Ended"), "settled_at"),
            ),
        ),
        (
            gettext_lazy("Where it comes from"),
            (
                cells.link(gettext_lazy("Creator"), "payouts_payoutpolicy", "creator_id", "creator_name"),
                cells.link(
                    gettext_lazy("Payment"),
                    "payments_payment",
                    "payment_id",
                    cells.amount("", "payment.amount", currency="payment.currency"),
                ),
                cells.link(gettext_lazy("Refund"), "payments_refund", "refund_id", "refund.stripe_refund_id"),
                cells.link(
                    gettext_lazy("Dispute"), "payments_dispute", "dispute_id", "dispute.stripe_dispute_id"
                ),
            ),
        ),
    )
    steps = ("settle",)
    posted = ("recover",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Debt]:
        rows = super().get_queryset(request).select_related("payment", "refund", "dispute")
        return queries.with_people(rows, payment="payment")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if term := search_term.strip():
            found = filters.people(term, creator="creator_id")
            found |= filters.keys(term, "pk", "payment", "payment__booking_id")
            queryset = queryset.filter(found)
        return queryset, False

    def acts(self, row: Debt) -> Iterator[Act]:
        """Get it back, or say how it came back."""
        if row.status == DebtStatus.OPEN:
            yield Act(_("Recover now"), self.url("recover", row), is_post=True, variant="primary")
            yield Act(_("Settle manually…"), self.url("settle", row))

    def tables(self, row: Debt) -> Sequence[Table]:
        """How it came back, and what was tried."""
        settlements = row.settlements.select_related("debt").order_by("created_at")
        return [
            table(_("Settlements"), settlements, SETTLEMENTS),
            table(
                _("Taken back from the transfer"),
                row.reversals.select_related("payment").order_by("created_at"),
                REVERSALS,
            ),
        ]

    def settle(self, request: HttpRequest, row: Debt) -> HttpResponse:
        """Record what came back otherwise, or is forgiven."""
        if row.status != DebtStatus.OPEN and request.method == "GET":
            return self.back(row)
        initial = {"amount": row.remaining, "remaining": row.remaining}
        form = forms.SettleForm(request.POST or None, initial=initial)
        answer = request.method == "POST" and self.submitted(
            request,
            row,
            form,
            lambda: operations.settle(
                debt_id=row.pk,
                amount=form.cleaned_data["amount"],
                remaining=form.cleaned_data["remaining"],
                note=form.cleaned_data["note"],
                forgiven=form.cleaned_data["forgiven"],
                admin=person(request),
                now=clock.now(),
            ),
            done=_("The settlement is recorded."),
        )
        return answer or self.ask(
            request,
            row,
            title=_("Settle this debt manually"),
            submit=_("Record the settlement"),
            form=form,
            intro=_("For what came back outside of Stripe, or is forgiven. Still owed: %(left)s.")
            % {"left": cells.money_text(row.remaining, row.currency)},
        )

    def recover(self, request: HttpRequest, row: Debt) -> HttpResponse:
        """Take back what is still in the account."""
        return self.carry_out(
            request,
            row,
            lambda: operations.recover(debt_id=row.pk, admin=person(request)),
            done=_("What is still in the creator’s account is being taken back."),
        )


@admin.register(TransferReversal, site=site)
class TransferReversalAdmin(ReadOnlyAdmin):
    """Parts of transfers that are taken back, those that failed first."""

    title = gettext_lazy("Taken back from transfers")
    title_of_one = gettext_lazy("Part of a transfer taken back")
    list_display = (
        cells.moment(gettext_lazy("Made"), "created_at", ordering="created_at"),
        cells.text(gettext_lazy("Creator"), "creator_name"),
        *REVERSALS[1:],
    )
    list_filter = (
        filters.choices("status", gettext_lazy("Status")),
        filters.date("created_at", gettext_lazy("Made")),
    )
    ordering = (_FAILED_FIRST, "-created_at")
    shown = (
        (
            gettext_lazy("Movement"),
            (
                *REVERSALS[1:],
                cells.text(gettext_lazy("How"), "get_method_display"),
                cells.moment(gettext_lazy("Made"), "created_at"),
                cells.code(gettext_lazy("Stripe’s id"), "stripe_reversal_id"),
            ),
        ),
        (
            gettext_lazy("Where it belongs"),
            (
                cells.link(
                    gettext_lazy("Creator"), "payouts_payoutpolicy", "payment.creator_id", "creator_name"
                ),
                cells.link(
                    gettext_lazy("Payment"),
                    "payments_payment",
                    "payment_id",
                    cells.amount("", "payment.amount", currency="payment.currency"),
                ),
                cells.link(
                    gettext_lazy("Debt"),
                    "payments_debt",
                    "debt_id",
                    cells.amount("", "debt.amount", currency="debt.currency"),
                ),
                cells.link(
                    gettext_lazy("Dispute"), "payments_dispute", "dispute_id", "dispute.stripe_dispute_id"
                ),
                cells.link(gettext_lazy("Payout"), "payouts_payout", "payout_id", "payout_id"),
            ),
        ),
    )
    posted = ("retry",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[TransferReversal]:
        rows = super().get_queryset(request).select_related("payment", "debt", "dispute")
        return queries.with_people(rows, payment="payment")

    def alerts(self, row: TransferReversal) -> Iterator[tuple[str, cells.Text]]:
        """What became of one that failed."""
        if row.status == MoveStatus.FAILED and row.dispute_id:
            yield "info", _("What could not be taken back has become a debt of the creator.")

    def acts(self, row: TransferReversal) -> Iterator[Act]:
        """Another try, while the debt is open."""
        if row.status == MoveStatus.FAILED and row.debt and row.debt.status == DebtStatus.OPEN:
            yield Act(_("Try again"), self.url("retry", row), is_post=True, variant="primary")

    def retry(self, request: HttpRequest, row: TransferReversal) -> HttpResponse:
        """Take back what the debt still comes to."""
        debt_id = row.debt_id
        if debt_id is None:
            return self.back(row)
        return self.carry_out(
            request,
            row,
            lambda: operations.recover(debt_id=debt_id, admin=person(request)),
            done=_("What is still in the creator’s account is being taken back."),
        )
