"""Payouts that creators wait for, and how each creator is paid."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callastar.accounts.people import person
from callastar.backoffice import cells, filters, forms, operations, queries, words
from callastar.backoffice.base import ReadOnlyAdmin
from callastar.backoffice.site import site
from callastar.backoffice.tables import Act, Facts, Table, table
from callastar.core import clock
from callastar.mail.money_texts import payout_failure
from callastar.payouts.models import Payout, PayoutStatus
from callastar.payouts.operations.decide import reject_payout
from callastar.payouts.rules.eligibility import Obstacle

_WAITING_FIRST = Case(
    When(status=PayoutStatus.REQUESTED, then=Value(0)), default=Value(1), output_field=IntegerField()
)
# Agreeing to a payout that comes to too little ends it.
_TOO_LITTLE = (Obstacle.NOTHING_PAYABLE, Obstacle.BELOW_MINIMUM)
_creator = cells.link(gettext_lazy("Creator"), "payouts_payoutpolicy", "creator_id", "creator.user.name")


@admin.register(Payout, site=site)
class PayoutAdmin(ReadOnlyAdmin):
    """Payouts, those that wait first."""

    title = gettext_lazy("Payouts")
    title_of_one = gettext_lazy("Payout")
    list_display = (
        cells.moment(gettext_lazy("Made"), "created_at", ordering="created_at"),
        _creator,
        cells.amount(gettext_lazy("Amount"), "amount", ordering="amount"),
        cells.status(gettext_lazy("Status")),
        cells.text(gettext_lazy("Why"), "get_trigger_display"),
        cells.code(gettext_lazy("Stripe’s id"), "stripe_payout_id"),
    )
    list_filter = (
        filters.choices("status", gettext_lazy("Status")),
        filters.choices("trigger", gettext_lazy("Why")),
        filters.values("currency", gettext_lazy("Currency")),
        filters.date("created_at", gettext_lazy("Made")),
    )
    list_select_related = ("creator__user",)
    ordering = (_WAITING_FIRST, "-created_at")
    search_fields = ("stripe_payout_id",)
    search_help_text = gettext_lazy("Creator’s name, page or email, or an id")
    shown = (
        (
            gettext_lazy("Payout"),
            (
                cells.status(gettext_lazy("Status")),
                cells.amount(gettext_lazy("Amount"), "amount"),
                _creator,
                cells.text(gettext_lazy("Why"), "get_trigger_display"),
                cells.text(gettext_lazy("Agreed to by"), "approved_by"),
                cells.text(gettext_lazy("Reason"), "reason"),
                cells.words(gettext_lazy("Why it failed"), "failure_code", {}),
                cells.text(gettext_lazy("What Stripe said"), "failure_message"),
            ),
        ),
        (
            gettext_lazy("Times"),
            (
                cells.moment(gettext_lazy("Asked for"), "requested_at"),
                cells.moment(gettext_lazy("Approved"), "approved_at"),
                cells.moment(gettext_lazy("Sent"), "sent_at"),
                cells.moment(gettext_lazy("Expected at the bank"), "arrival_date"),
                cells.moment(gettext_lazy("Paid"), "paid_at"),
                cells.moment(gettext_lazy("Failed"), "failed_at"),
                cells.moment(gettext_lazy("Rejected"), "rejected_at"),
                cells.moment(gettext_lazy("Cancelled"), "canceled_at"),
            ),
        ),
        (
            gettext_lazy("At Stripe"),
            (
                cells.code(gettext_lazy("Account"), "stripe_account"),
                cells.code(gettext_lazy("Payout"), "stripe_payout_id"),
                cells.moment(gettext_lazy("Stripe has not answered since"), "unanswered_since"),
                cells.code(gettext_lazy("Bank account"), "bank_account"),
                cells.text(gettext_lazy("Its last digits"), "bank_last4"),
            ),
        ),
    )
    steps = ("approve", "reject")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Payout]:
        return super().get_queryset(request).select_related("creator__user", "approved_by")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if term := search_term.strip():
            found = filters.people(term, creator="creator") | filters.keys(term, "pk")
            queryset = queryset.filter(
                found | filters.ids(term, "stripe_payout_id", "stripe_account", "bank_account")
            )
        return queryset, False

    def alerts(self, row: Payout) -> Iterator[tuple[str, cells.Text]]:
        """What stands in the way, and what the bank said."""
        if row.status == PayoutStatus.REQUESTED:
            for obstacle in queries.foreseen(payout=row, now=clock.now()).obstacles:
                yield "warning", words.OBSTACLES[obstacle]
        if row.status == PayoutStatus.FAILED:
            yield "destructive", str(payout_failure(row.failure_code))

    def acts(self, row: Payout) -> Sequence[Act]:
        """Yes or no, while it waits."""
        if row.status != PayoutStatus.REQUESTED:
            return ()
        return (
            Act(_("Approve…"), self.url("approve", row), variant="primary"),
            Act(_("Reject…"), self.url("reject", row), variant="destructive"),
        )

    def tables(self, row: Payout) -> Sequence[Table]:
        """What it covers, and who changed it."""
        shown = [_history(row)]
        if row.status == PayoutStatus.REQUESTED:
            return [_covered(queries.foreseen(payout=row, now=clock.now()), row.currency), *shown]
        return [_items(row), *shown]

    def approve(self, request: HttpRequest, row: Payout) -> HttpResponse:
        """Agree, to the amount as it is now."""
        if row.status != PayoutStatus.REQUESTED and request.method == "GET":
            return self.back(row)
        form = forms.ApproveForm(request.POST if request.method == "POST" else None)
        now = clock.now()
        if request.method == "POST" and form.is_valid():
            return self.carry_out(
                request,
                row,
                lambda: operations.approve(
                    payout_id=row.pk, expected=form.cleaned_data["expected"], admin=person(request), now=now
                ),
                done=_approved,
            )
        seen = queries.foreseen(payout=row, now=now)
        ends = bool(seen.obstacles) and seen.obstacles[0] in _TOO_LITTLE
        return self.ask(
            request,
            row,
            title=_("Approve this payout?"),
            submit=_("End this payout") if ends else _("Approve"),
            form=forms.ApproveForm(initial={"expected": seen.amount}),
            intro=_(
                "The amount has been computed again just now. Once it is approved, it is sent to the bank."
            ),
            facts=[_sum(row, seen)],
            tables=[_covered(seen, row.currency)],
            alerts=[("warning", words.OBSTACLES[obstacle]) for obstacle in seen.obstacles],
            is_impossible=bool(seen.obstacles) and not ends,
        )

    def reject(self, request: HttpRequest, row: Payout) -> HttpResponse:
        """Say no, and why."""
        form = forms.ReasonForm(request.POST or None)
        answer = request.method == "POST" and self.submitted(
            request,
            row,
            form,
            lambda: reject_payout(
                payout_id=row.pk, admin=person(request), reason=form.cleaned_data["reason"], now=clock.now()
            ),
            done=_("The payout is rejected; the creator has been told why."),
        )
        return answer or self.ask(
            request,
            row,
            title=_("Reject this payout?"),
            submit=_("Reject"),
            variant="destructive",
            form=form,
            intro=_("Its payments can be paid out again at once. The creator reads your reason."),
        )


def _approved(payout: Payout) -> str:
    if payout.status == PayoutStatus.CANCELED:
        return _("Too little can be paid out by now: the payout has ended, and nothing is sent.")
    return _("The payout is approved and will be sent.")


def _sum(row: Payout, seen: queries.Foreseen) -> Facts:
    currency = row.currency
    return Facts(
        _("Amount"),
        [
            (_("Creator"), row.creator.name),
            (_("Can be paid out"), cells.figure(seen.payable, currency)),
            (_("Debt that is deducted"), cells.figure(-seen.debt, currency)),
            (_("Sent to the bank"), format_html("<strong>{}</strong>", cells.figure(seen.amount, currency))),
        ],
    )


def _covered(seen: queries.Foreseen, currency: str) -> Table:
    found = queries.payments_by_id([claim.payment_id for claim in seen.claims])
    rows = [(found.get(claim.payment_id), claim.payment_id, claim.amount) for claim in seen.claims]
    return _of_payments(_("Payments that it would cover now"), rows, currency)


def _items(row: Payout) -> Table:
    items = list(row.items.order_by("id"))
    found = queries.payments_by_id([item.payment_id for item in items])
    rows = [(found.get(item.payment_id), item.payment_id, item.amount) for item in items]
    return _of_payments(_("Payments"), rows, row.currency)


def _of_payments(title: str, rows: Sequence[tuple[Any, Any, int]], currency: str) -> Table:
    shown = [
        (
            cells.anchor("payments_payment", key, payment.offer_title if payment else key),
            payment.fan_name if payment else cells.NOTHING,
            cells.moment_text(payment.paid_at) if payment and payment.paid_at else cells.NOTHING,
            cells.figure(amount, currency),
        )
        for payment, key, amount in rows
    ]
    return Table(title, (_("Call"), _("Fan"), _("Paid"), _("Amount")), shown)


def _history(row: Payout) -> Table:
    return table(
        _("History"),
        row.audit.all(),
        (
            cells.moment(_("When"), "at"),
            cells.status(_("Status"), "to_status"),
            cells.words(_("Who"), "actor_kind", words.ACTORS),
            cells.text(_("Reason"), "reason"),
        ),
    )
