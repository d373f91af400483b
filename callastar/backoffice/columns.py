"""Columns of the tables that stand on more than one kind of page."""

from collections.abc import Sequence

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from callastar.backoffice import cells, words
from callastar.ledger.models import Entry

REFUNDS: Sequence[cells.Cell] = (
    cells.link(_("Made"), "payments_refund", "pk", cells.moment("", "created_at")),
    cells.amount(_("Amount"), "amount", currency="payment.currency"),
    cells.status(_("Status")),
    cells.text(_("Cause"), "get_cause_display"),
    cells.text(_("Reason"), "reason"),
)
DISPUTES: Sequence[cells.Cell] = (
    cells.link(_("Opened"), "payments_dispute", "pk", cells.moment("", "opened_at")),
    cells.amount(_("Amount"), "amount", currency="payment.currency"),
    cells.status(_("Status")),
    cells.moment(_("Answer until"), "evidence_due_by"),
)
DEBTS: Sequence[cells.Cell] = (
    cells.link(_("Made"), "payments_debt", "pk", cells.moment("", "created_at")),
    cells.amount(_("Amount"), "amount"),
    cells.amount(_("Still owed"), "remaining"),
    cells.status(_("Status")),
    cells.text(_("Cause"), "get_cause_display"),
)
REVERSALS: Sequence[cells.Cell] = (
    cells.link(_("Made"), "payments_transferreversal", "pk", cells.moment("", "created_at")),
    cells.amount(_("Amount"), "amount", currency="payment.currency"),
    cells.status(_("Status")),
    cells.words(_("Why"), "purpose", words.PURPOSES),
    cells.text(_("Why it failed"), "failure_reason"),
)
SETTLEMENTS: Sequence[cells.Cell] = (
    cells.moment(_("When"), "created_at"),
    cells.amount(_("Amount"), "amount", currency="debt.currency"),
    cells.text(_("How"), "get_method_display"),
    cells.words(_("Who"), "actor_kind", words.ACTORS),
    cells.text(_("Note"), "note"),
)


@admin.display(description=_("Lines"))
def lines(entry: Entry) -> str:
    """Accounts and amounts of an entry: debits above zero, credits below."""
    shown = format_html_join(
        "",
        '<div class="flex justify-between gap-4"><dt>{}</dt><dd>{}</dd></div>',
        (
            (words.ACCOUNTS.get(line.account, line.account), cells.figure(line.amount, line.currency))
            for line in entry.lines.all()
        ),
    )
    return format_html('<dl class="min-w-64 text-[0.95rem]">{}</dl>', shown)


def entry_columns() -> Sequence[cells.Cell]:
    """Entries of the journal."""
    return (
        cells.link(_("When"), "ledger_entry", "pk", cells.moment("", "occurred_at")),
        cells.words(_("What"), "kind", words.ENTRIES),
        lines,
        cells.code(_("Stripe’s id"), "reference"),
    )
