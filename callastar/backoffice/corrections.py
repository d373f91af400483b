"""Putting the journal right: a wrong entry is taken back, what moved at Stripe by hand is booked."""

from collections.abc import Iterator

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from callastar.backoffice import cells, forms, words
from callastar.backoffice.base import ReadOnlyAdmin, actor
from callastar.backoffice.tables import Act, Facts
from callastar.core import clock
from callastar.core.errors import Refusal
from callastar.core.forms import add_refusal
from callastar.ledger import operations
from callastar.ledger.models import Account, Entry


class CorrectingAdmin(ReadOnlyAdmin):
    """The two entries that an admin posts, each asked for, shown, then confirmed."""

    steps = ("correct",)

    def acts(self, row: Entry) -> Iterator[Act]:
        """Each entry is taken back once."""
        if not row.reversed_by.exists():
            yield Act(_("Correct…"), self.url("correct", row), variant="destructive")

    def alerts(self, row: Entry) -> Iterator[tuple[str, cells.Text]]:
        """What took it back."""
        for one in row.reversed_by.all():
            yield "warning", _("This entry was taken back: %(key)s") % {"key": one.key}

    def correct(self, request: HttpRequest, row: Entry) -> HttpResponse:
        """Post the reverse of an entry."""
        if request.method == "GET" and row.reversed_by.exists():
            return self.back(row)
        form = forms.CorrectionForm(request.POST or None)
        is_valid = request.method == "POST" and form.is_valid()
        if is_valid and "confirmed" in request.POST:
            return self.carry_out(
                request,
                row,
                lambda: operations.correct(
                    entry_id=row.pk,
                    reason=form.cleaned_data["reason"],
                    actor=actor(request),
                    now=clock.now(),
                ),
                done=_("The entry is taken back."),
            )
        opposite = [
            (words.ACCOUNTS[line.account], cells.figure(-line.amount, line.currency))
            for line in row.lines.order_by("id")
        ]
        reason = [(_("Reason"), form.cleaned_data["reason"])] if is_valid else []
        return self.ask(
            request,
            row,
            title=_("Take this entry back?") if is_valid else _("Correct this entry"),
            submit=_("Take it back") if is_valid else _("Continue"),
            variant="destructive" if is_valid else "primary",
            form=form,
            is_confirmation=is_valid,
            intro=_("Its reverse is posted. No money moves at Stripe, and no payment or payout changes."),
            facts=[Facts(_("What is posted"), [*opposite, *reason])],
        )

    def adjust(self, request: HttpRequest) -> HttpResponse:
        """Book what moved at Stripe outside of this product."""
        form = forms.AdjustmentForm(request.POST or None)
        is_valid = request.method == "POST" and form.is_valid()
        if is_valid and "confirmed" in request.POST:
            try:
                entry = self._adjust(request, form)
            except Refusal as refusal:
                add_refusal(form, refusal)
                is_valid = False
            else:
                messages.success(request, _("The adjustment is booked."))
                return redirect(self.url("change", entry))
        journal = reverse("admin:ledger_entry_changelist")
        shown = {
            "title": _("Book this adjustment?") if is_valid else _("Book an adjustment"),
            "submit": _("Book it") if is_valid else _("Continue"),
            "intro": _("For what moved at Stripe by hand. No money moves because of it."),
            "above": [(self.title, journal)],
            "back": journal,
            "form": form,
            "is_confirmation": is_valid,
            "facts": [_adjustment(form)] if is_valid else [],
        }
        return TemplateResponse(
            request, "backoffice/ask.html", {**self.admin_site.each_context(request), **shown}
        )

    def _adjust(self, request: HttpRequest, form: forms.AdjustmentForm) -> Entry:
        given = form.cleaned_data
        return operations.adjust(
            amount=given["amount"],
            currency=given["currency"],
            reference=given["reference"],
            reason=given["reason"],
            creator_id=given["creator"].pk if given["creator"] else None,
            actor=actor(request),
            now=clock.now(),
        )


def _adjustment(form: forms.AdjustmentForm) -> Facts:
    given = form.cleaned_data
    creator = given["creator"]
    balance = Account.CREATOR_BALANCE if creator else Account.PLATFORM_BALANCE
    return Facts(
        _("What is posted"),
        [
            *([(_("Creator"), creator.name)] if creator else []),
            (words.ACCOUNTS[balance], cells.figure(given["amount"], given["currency"])),
            (words.ACCOUNTS[Account.ADJUSTMENTS], cells.figure(-given["amount"], given["currency"])),
            (_("Stripe’s id"), given["reference"]),
            (_("Reason"), given["reason"]),
        ],
    )
