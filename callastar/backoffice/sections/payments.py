"""Payments with their whole way, and refunds."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callastar.accounts.people import person
from callastar.backoffice import cells, filters, forms, operations, queries, words
from callastar.backoffice.base import ReadOnlyAdmin
from callastar.backoffice.columns import (
    DEBTS,
    DISPUTES,
    REFUNDS,
    REVERSALS,
    entry_columns,
)
from callastar.backoffice.site import site
from callastar.backoffice.tables import Act, Facts, Table, table
from callastar.core import clock
from callastar.ledger.queries import entries_of_payment
from callastar.payments.models import Payment, Refund, RefundStatus
from callastar.payments.operations.refunds import refundable
from callastar.payments.queries import is_unmade
from callastar.payments.rules import Parts, refunded_parts

_FAILED_FIRST = Case(
    When(status=RefundStatus.FAILED, then=Value(0)), default=Value(1), output_field=IntegerField()
)
_creator = cells.link(gettext_lazy("Creator"), "payouts_payoutpolicy", "creator_id", "creator_name")


@admin.display(description=gettext_lazy("Booking"))
def _booking(payment: Payment) -> str:
    url = reverse("bookings:detail", args=[payment.booking_id])
    return format_html('<a class="underline underline-offset-2" href="{}">{}</a>', url, payment.booking_id)


@admin.display(description=gettext_lazy("Left to refund"))
def _left(payment: Payment) -> str:
    return cells.figure(refundable(payment), payment.currency) if payment.paid_at else cells.NOTHING


@admin.register(Payment, site=site)
class PaymentAdmin(ReadOnlyAdmin):
    """Payments of fans."""

    title = gettext_lazy("Payments")
    title_of_one = gettext_lazy("Payment")
    list_display = (
        cells.moment(gettext_lazy("Made"), "created_at", ordering="created_at"),
        cells.text(gettext_lazy("Fan"), "fan_name"),
        cells.text(gettext_lazy("Creator"), "creator_name"),
        cells.amount(gettext_lazy("Amount"), "amount", ordering="amount"),
        cells.amount(gettext_lazy("Refunded"), "refunded_amount", ordering="refunded_amount"),
        cells.status(gettext_lazy("Status")),
        cells.moment(gettext_lazy("Released"), "payout_release_date", ordering="payout_release_date"),
    )
    list_filter = (
        filters.choices("status", gettext_lazy("Status")),
        filters.values("currency", gettext_lazy("Currency")),
        filters.date("created_at", gettext_lazy("Made")),
    )
    ordering = ("-created_at",)
    search_fields = ("charge_id",)
    search_help_text = gettext_lazy("Fan’s or creator’s name or email, or an id")
    shown = (
        (
            gettext_lazy("Money"),
            (
                cells.status(gettext_lazy("Status")),
                cells.amount(gettext_lazy("Paid by the fan"), "amount"),
                cells.amount(gettext_lazy("Commission"), "platform_fee"),
                cells.amount(gettext_lazy("Processing fee"), "processing_fee"),
                cells.amount(gettext_lazy("Creator’s part"), "creator_amount"),
                cells.amount(gettext_lazy("Refunded"), "refunded_amount"),
                _left,
                cells.moment(gettext_lazy("Paid"), "paid_at"),
                cells.code(gettext_lazy("Why it failed"), "failure_code"),
            ),
        ),
        (
            gettext_lazy("Call"),
            (
                cells.text(gettext_lazy("Call"), "offer_title"),
                cells.text(gettext_lazy("Fan"), "fan_name"),
                _creator,
                _booking,
                cells.moment(gettext_lazy("Over, outcome final"), "call_settled_at"),
            ),
        ),
        (
            gettext_lazy("At Stripe"),
            (
                cells.code(gettext_lazy("Intent"), "intent_id"),
                cells.code(gettext_lazy("Charge"), "charge_id"),
                cells.code(gettext_lazy("Transfer"), "transfer_id"),
                cells.words(gettext_lazy("State of the transfer"), "transfer_status", words.TRANSFERS),
                cells.amount(gettext_lazy("Stripe’s real fee"), "stripe_fee", currency="stripe_fee_currency"),
            ),
        ),
        (
            gettext_lazy("Payout"),
            (
                cells.moment(gettext_lazy("Can be paid out from"), "payout_release_date"),
                cells.link(gettext_lazy("Payout"), "payouts_payout", "payout_id", "payout_id"),
                cells.status(gettext_lazy("Its status"), "payout_status", texts=words.PAYOUT_STATUSES),
                cells.moment(gettext_lazy("Paid out"), "payout_date"),
            ),
        ),
    )
    steps = ("refund",)
    posted = ("ask_stripe",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Payment]:
        return queries.with_people(super().get_queryset(request))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if term := search_term.strip():
            found = filters.people(term, creator="creator_id", fan="fan_id")
            found |= filters.keys(term, "pk", "booking_id", "payout_id")
            queryset = queryset.filter(found | filters.ids(term, "charge_id", "intent_id", "transfer_id"))
        return queryset, False

    def acts(self, row: Payment) -> Iterator[Act]:
        """Give back, ask again."""
        if row.paid_at and refundable(row):
            yield Act(_("Refund…"), self.url("refund", row), variant="primary")
        if row.charge_id:
            yield Act(_("Ask Stripe again"), self.url("ask_stripe", row), is_post=True)

    def tables(self, row: Payment) -> Sequence[Table]:
        """What became of it, and its way from the fan to the bank."""
        found = [
            table(_("Refunds"), row.refunds.order_by("created_at"), REFUNDS),
            table(_("Disputes"), row.disputes.select_related("payment").order_by("opened_at"), DISPUTES),
            table(_("Debts"), row.debts.order_by("created_at"), DEBTS),
            table(_("Taken back from the transfer"), row.reversals.select_related("payment"), REVERSALS),
        ]
        way = table(_("Journal"), entries_of_payment(row.pk), entry_columns())
        return [*(each for each in found if each.rows), way]

    def refund(self, request: HttpRequest, row: Payment) -> HttpResponse:
        """Give all or a part back: asked for, shown by its parts, then confirmed."""
        left = refundable(row)
        if request.method == "GET" and not (row.paid_at and left):
            return self.back(row)
        form = forms.RefundForm(request.POST or None, initial={"amount": left, "left": left})
        if request.method == "POST" and form.is_valid():
            amount = form.cleaned_data["amount"]
            if amount > left and form.cleaned_data["left"] == left:
                form.add_error("amount", _("That is more than what is left of this payment."))
            elif "confirmed" in request.POST:
                return self.carry_out(
                    request,
                    row,
                    lambda: operations.refund(
                        payment_id=row.pk,
                        amount=amount,
                        left=form.cleaned_data["left"],
                        reason=form.cleaned_data["reason"],
                        admin=person(request),
                    ),
                    done=_("The refund is under way."),
                )
            else:
                return self._confirm_refund(request, row, form, left)
        return self.ask(
            request,
            row,
            title=_("Refund this payment"),
            submit=_("Continue"),
            form=form,
            intro=_("Up to %(left)s can be given back.") % {"left": cells.money_text(left, row.currency)},
            facts=[_shares(_("Given back so far"), _given_back(row, row.amount - left), row)],
        )

    def _confirm_refund(
        self, request: HttpRequest, row: Payment, form: forms.RefundForm, left: int
    ) -> HttpResponse:
        amount = form.cleaned_data["amount"]
        before = row.amount - left
        parts = _given_back(row, min(row.amount, before + amount)) - _given_back(row, before)
        return self.ask(
            request,
            row,
            title=_("Refund %(amount)s?") % {"amount": cells.money_text(amount, row.currency)},
            submit=_("Refund"),
            variant="destructive",
            form=form,
            is_confirmation=True,
            intro=_(
                "It comes from these shares. What the creator’s account cannot give back is paid by the platform, "
                "and becomes a debt of the creator."
            ),
            facts=[
                _shares(_("This refund"), parts, row),
                Facts(_("Reason"), [(_("Reason"), form.cleaned_data["reason"])]),
            ],
        )

    def ask_stripe(self, request: HttpRequest, row: Payment) -> HttpResponse:
        """Write down what Stripe says now."""
        return self.carry_out(
            request,
            row,
            lambda: operations.ask_stripe(payment_id=row.pk, admin=person(request), now=clock.now()),
            done=_("Everything here is as Stripe says now."),
        )


def _given_back(row: Payment, refunded: int) -> Parts:
    return refunded_parts(
        amount=row.amount, commission=row.platform_fee, processing=row.processing_fee, refunded=refunded
    )


def _shares(title: str, parts: Parts, row: Payment) -> Facts:
    shown = (
        (_("Creator’s part"), parts.creator),
        (_("Commission"), parts.commission),
        (_("Processing fee"), parts.processing),
        (_("Together"), parts.total),
    )
    return Facts(title, [(label, cells.figure(part, row.currency)) for label, part in shown])


@admin.register(Refund, site=site)
class RefundAdmin(ReadOnlyAdmin):
    """Refunds, those that failed first."""

    title = gettext_lazy("Refunds")
    title_of_one = gettext_lazy("Refund")
    list_display = (
        cells.moment(gettext_lazy("Made"), "created_at", ordering="created_at"),
        cells.text(gettext_lazy("Fan"), "fan_name"),
        cells.amount(gettext_lazy("Amount"), "amount", currency="payment.currency", ordering="amount"),
        cells.status(gettext_lazy("Status")),
        cells.text(gettext_lazy("Cause"), "get_cause_display"),
        cells.text(gettext_lazy("Why it failed"), "failure_reason"),
    )
    list_filter = (
        filters.choices("status", gettext_lazy("Status")),
        filters.choices("cause", gettext_lazy("Cause")),
        filters.values("payment__currency", gettext_lazy("Currency")),
        filters.date("created_at", gettext_lazy("Made")),
    )
    list_select_related = ("payment",)
    ordering = (_FAILED_FIRST, "-created_at")
    search_fields = ("stripe_refund_id",)
    search_help_text = gettext_lazy("Fan’s or creator’s name or email, or an id")
    shown = (
        (
            gettext_lazy("Refund"),
            (
                cells.status(gettext_lazy("Status")),
                cells.amount(gettext_lazy("Amount"), "amount", currency="payment.currency"),
                cells.text(gettext_lazy("Cause"), "get_cause_display"),
                cells.text(gettext_lazy("Reason"), "reason"),
                cells.words(gettext_lazy("Who"), "actor_kind", words.ACTORS),
                cells.yes_no(
                    gettext_lazy("Paid by"),
                    "from_platform",
                    yes=gettext_lazy("the platform"),
                    no=gettext_lazy("the creator and the platform, each their part"),
                ),
                cells.text(gettext_lazy("Why it failed"), "failure_reason"),
                cells.moment(gettext_lazy("Made"), "created_at"),
                cells.code(gettext_lazy("Stripe’s id"), "stripe_refund_id"),
            ),
        ),
        (
            gettext_lazy("Payment"),
            (
                cells.link(
                    gettext_lazy("Payment"),
                    "payments_payment",
                    "payment_id",
                    cells.amount("", "payment.amount", currency="payment.currency"),
                ),
                cells.text(gettext_lazy("Call"), "offer_title"),
                cells.text(gettext_lazy("Fan"), "fan_name"),
                cells.link(
                    gettext_lazy("Creator"), "payouts_payoutpolicy", "payment.creator_id", "creator_name"
                ),
            ),
        ),
    )
    posted = ("retry",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Refund]:
        rows = super().get_queryset(request).select_related("payment")
        return queries.with_people(rows, payment="payment")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if term := search_term.strip():
            found = filters.people(term, creator="payment__creator_id", fan="payment__fan_id")
            found |= filters.keys(term, "pk", "payment", "payment__booking_id")
            queryset = queryset.filter(found | filters.ids(term, "stripe_refund_id", "payment__charge_id"))
        return queryset, False

    def acts(self, row: Refund) -> Iterator[Act]:
        """Another try for one that was not made."""
        if is_unmade(row):
            yield Act(
                _("Try again"),
                self.url("retry", row),
                is_post=True,
                variant="primary",
                question=_("Ask Stripe for this refund again?"),
            )

    def tables(self, row: Refund) -> Sequence[Table]:
        """What it left the creator owing."""
        debts = table(_("Debts"), [row.debt] if hasattr(row, "debt") else [], DEBTS)
        return [debts] if debts.rows else []

    def retry(self, request: HttpRequest, row: Refund) -> HttpResponse:
        """A new refund of the same amount and cause."""
        return self.carry_out(
            request,
            row,
            lambda: operations.retry_refund(refund_id=row.pk, admin=person(request)),
            done=_("The refund is asked for again."),
        )
