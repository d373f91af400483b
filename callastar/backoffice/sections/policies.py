"""How each creator is paid: what they chose, and what the platform decided."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callastar.backoffice import cells, filters, forms, words
from callastar.backoffice.base import ReadOnlyAdmin, actor
from callastar.backoffice.site import site
from callastar.backoffice.tables import Act, Table, table
from callastar.core import clock
from callastar.payouts.models import BlockReason, PayoutPolicy
from callastar.payouts.operations.policy import block_payouts, require_approval, unblock_payouts


class BlockedFilter(SimpleListFilter):
    """Creators whose payouts are held."""

    title = gettext_lazy("Blocked")
    parameter_name = "blocked"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", _("Yes")), ("no", _("No"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in {"yes", "no"}:
            return queryset
        free = Q(blocked_reason="")
        return queryset.filter(free if self.value() == "no" else ~free)


@admin.display(description=gettext_lazy("Why the last run paid nothing"))
def _obstacles(policy: PayoutPolicy) -> str:
    known = [str(words.OBSTACLES.get(code, code)) for code in policy.last_obstacles]
    return "; ".join(known) or cells.NOTHING


@admin.display(description=gettext_lazy("Payouts"))
def _state(policy: PayoutPolicy) -> str:
    if policy.blocked_reason:
        return cells.badge("REJECTED", _("Blocked"))
    return cells.badge("", _("Paused")) if policy.is_paused else cells.badge("PAID", _("Active"))


_YES, _NO = gettext_lazy("Yes"), gettext_lazy("No")


@admin.register(PayoutPolicy, site=site)
class PayoutPolicyAdmin(ReadOnlyAdmin):
    """How each creator is paid: what they chose, what the platform decided."""

    title = gettext_lazy("How creators are paid")
    title_of_one = gettext_lazy("Creator’s payouts")
    list_display = (
        cells.text(gettext_lazy("Creator"), "creator.user.name", ordering="creator__user__name"),
        _state,
        cells.text(gettext_lazy("How often"), "get_frequency_display"),
        cells.yes_no(gettext_lazy("Needs approval"), "requires_approval", yes=_YES, no=_NO),
        cells.moment(gettext_lazy("Next payout"), "next_payout_at", ordering="next_payout_at"),
        cells.text(gettext_lazy("Failures in a row"), "failures_in_a_row", ordering="failures_in_a_row"),
    )
    list_filter = (
        BlockedFilter,
        filters.choices("frequency", gettext_lazy("How often")),
    )
    ordering = ("next_payout_at", "pk")
    search_fields = (
        "creator__slug",
        "creator__user__email",
        "creator__user__name",
        "creator__stripe_account_id",
    )
    search_help_text = gettext_lazy("Creator’s name, page or email, or an id")
    shown = (
        (
            gettext_lazy("Creator"),
            (
                cells.text(gettext_lazy("Name"), "creator.user.name"),
                cells.text(gettext_lazy("Email"), "creator.user.email"),
                cells.code(gettext_lazy("Stripe account"), "creator.stripe_account_id"),
                cells.yes_no(gettext_lazy("Stripe pays out"), "creator.payouts_enabled", yes=_YES, no=_NO),
            ),
        ),
        (
            gettext_lazy("The creator’s choice"),
            (
                cells.text(gettext_lazy("How often"), "get_frequency_display"),
                cells.text(gettext_lazy("Day"), "get_weekday_display"),
                cells.yes_no(gettext_lazy("Paused"), "is_paused", yes=_YES, no=_NO),
                cells.amount(gettext_lazy("Minimum"), "minimum", currency="creator.currency"),
            ),
        ),
        (
            gettext_lazy("The platform’s decisions"),
            (
                cells.yes_no(gettext_lazy("Needs approval"), "requires_approval", yes=_YES, no=_NO),
                _state,
                cells.text(gettext_lazy("Blocked because"), "get_blocked_reason_display"),
                cells.text(gettext_lazy("Note, told to the creator"), "blocked_note"),
            ),
        ),
        (
            gettext_lazy("What comes"),
            (
                cells.moment(gettext_lazy("Next payout"), "next_payout_at"),
                cells.moment(gettext_lazy("Tried again"), "retry_at"),
                cells.moment(gettext_lazy("Last run"), "last_run_at"),
                _obstacles,
                cells.text(gettext_lazy("Failures in a row"), "failures_in_a_row"),
                cells.code(gettext_lazy("Bank account to be changed"), "failed_bank_account"),
            ),
        ),
    )
    steps = ("block",)
    posted = ("unblock", "require", "trust")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PayoutPolicy]:
        return super().get_queryset(request).select_related("creator__user")

    def acts(self, row: PayoutPolicy) -> Sequence[Act]:
        """Hold, let go, and whether somebody must agree."""
        blocking = (
            Act(_("Unblock"), self.url("unblock", row), is_post=True, question=_("Let the payouts go on?"))
            if row.blocked_reason
            else Act(_("Block…"), self.url("block", row), variant="destructive")
        )
        approval = (
            Act(_("No approval needed any more"), self.url("trust", row), is_post=True)
            if row.requires_approval
            else Act(_("Need an approval for each payout"), self.url("require", row), is_post=True)
        )
        return (blocking, approval)

    def tables(self, row: PayoutPolicy) -> Sequence[Table]:
        """The last payouts."""
        latest = row.creator.payouts.order_by("-created_at")[:20]
        columns = (
            cells.link(_("Made"), "payouts_payout", "pk", cells.moment("", "created_at")),
            cells.amount(_("Amount"), "amount"),
            cells.status(_("Status")),
            cells.text(_("Why"), "get_trigger_display"),
        )
        return [table(_("Last payouts"), latest, columns)]

    def block(self, request: HttpRequest, row: PayoutPolicy) -> HttpResponse:
        """Hold a creator's payouts."""
        form = forms.BlockForm(request.POST or None)
        answer = request.method == "POST" and self.submitted(
            request,
            row,
            form,
            lambda: block_payouts(
                creator_id=row.pk,
                reason=BlockReason(form.cleaned_data["reason"]),
                note=form.cleaned_data["note"],
                actor=actor(request),
            ),
            done=_("The payouts are blocked."),
        )
        return answer or self.ask(
            request,
            row,
            title=_("Block the payouts of %(name)s?") % {"name": row.creator.name},
            submit=_("Block"),
            variant="destructive",
            form=form,
            intro=_("Nothing is paid out until somebody unblocks them. What is on its way already goes on."),
        )

    def unblock(self, request: HttpRequest, row: PayoutPolicy) -> HttpResponse:
        """Let them go on."""
        return self.carry_out(
            request,
            row,
            lambda: unblock_payouts(creator_id=row.pk, actor=actor(request), now=clock.now()),
            done=_("The payouts go on."),
        )

    def require(self, request: HttpRequest, row: PayoutPolicy) -> HttpResponse:
        """An admin must agree to each payout."""
        return self._approval(request, row, required=True)

    def trust(self, request: HttpRequest, row: PayoutPolicy) -> HttpResponse:
        """Nobody needs to agree any more."""
        return self._approval(request, row, required=False)

    def _approval(self, request: HttpRequest, row: PayoutPolicy, *, required: bool) -> HttpResponse:
        return self.carry_out(
            request,
            row,
            lambda: require_approval(creator_id=row.pk, required=required, actor=actor(request)),
            done=_("Saved."),
        )
