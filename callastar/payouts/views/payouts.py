"""A creator's payouts: history, one with what it covers, asking for one, taking it back, and the settings."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from callastar.accounts.people import person
from callastar.core import clock
from callastar.core.errors import Refusal, type_of_text
from callastar.mail.money_texts import payout_failure
from callastar.payments.models import Payment
from callastar.payouts.earnings.payments import earning, with_sums
from callastar.payouts.forms import PolicyForm, policy_initial
from callastar.payouts.models import ACTIVE, Payout, PayoutAuditLog, PayoutPolicy, PayoutStatus
from callastar.payouts.operations.decide import cancel_payout
from callastar.payouts.operations.plan import request_payout
from callastar.payouts.operations.policy import choose_policy
from callastar.payouts.queries import FALLBACK, next_run, payout_of, payouts_of, standings
from callastar.payouts.refusals import PayoutNotFoundError
from callastar.payouts.views.access import for_payees
from callastar.payouts.views.figures import Figures, figures_of

PER_PAGE = 12

VARIANTS = {
    PayoutStatus.REQUESTED: "warning",
    PayoutStatus.APPROVED: "info",
    PayoutStatus.PROCESSING: "info",
    PayoutStatus.PAID: "success",
    PayoutStatus.FAILED: "danger",
    PayoutStatus.REJECTED: "danger",
}
_EVENTS: dict[str, tuple[type_of_text, str]] = {
    PayoutStatus.REQUESTED: (_("Asked for"), ""),
    PayoutStatus.APPROVED: (_("Approved"), "success"),
    PayoutStatus.PROCESSING: (_("Handed to Stripe"), ""),
    PayoutStatus.PAID: (_("Arrived at the bank"), "success"),
    PayoutStatus.FAILED: (_("Failed"), "danger"),
    PayoutStatus.REJECTED: (_("Rejected"), "danger"),
    PayoutStatus.CANCELED: (_("Cancelled"), "warning"),
}


@dataclass(frozen=True, slots=True)
class Card:
    """A payout in the list, and why it is not paid, if so."""

    payout: Payout
    variant: str
    why: type_of_text

    @classmethod
    def of(cls, payout: Payout) -> "Card":
        """The card of a payout."""
        return cls(payout, VARIANTS.get(PayoutStatus(payout.status), "neutral"), reason_of(payout))


def reason_of(payout: Payout) -> type_of_text:
    """Why a payout is not paid, in a sentence; empty where there is nothing to explain.

    What an admin wrote is shown as it is; the system's own reasons are English notes for the log.
    """
    if payout.status == PayoutStatus.FAILED:
        return payout_failure(payout.failure_code)
    if payout.status == PayoutStatus.REJECTED:
        return payout.reason
    if payout.status == PayoutStatus.CANCELED:
        return _("Nothing has left: the money is part of what is available.")
    return ""


@for_payees
@require_safe
def history(request: HttpRequest, policy: PayoutPolicy) -> HttpResponse:
    """All payouts, latest first, and what can be asked for now."""
    page = Paginator(payouts_of(policy.pk), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "policy": policy,
        "creator": policy.creator,
        "figures": _figures(policy, clock.now()),
        "page": page,
        "cards": [Card.of(payout) for payout in page],
    }
    return render(request, "payouts/history.html", context)


def _figures(policy: PayoutPolicy, now: datetime) -> list[Figures]:
    active = {each.currency: each for each in payouts_of(policy.pk).filter(status__in=ACTIVE)}
    return [
        figures_of(standing, policy=policy, active=active.get(standing.currency), now=now)
        for standing in standings(policy=policy, now=now, active=active)
    ]


@for_payees
@require_safe
def detail(request: HttpRequest, policy: PayoutPolicy, payout_id: UUID) -> HttpResponse:
    """One payout: what it covers and what happened to it."""
    payout, now = _own(policy, payout_id), clock.now()
    items = list(payout.items.order_by("pk"))
    payments = {
        row.pk: earning(row, now=now)
        for row in with_sums(Payment.objects.filter(pk__in=[item.payment_id for item in items]))
    }
    context = {
        "creator": policy.creator,
        "card": Card.of(payout),
        "payout": payout,
        "items": [{"item": item, "earning": payments.get(item.payment_id)} for item in items],
        "events": [_event(line, policy) for line in payout.audit.all()],
    }
    return render(request, "payouts/detail.html", context)


def _own(policy: PayoutPolicy, payout_id: UUID) -> Payout:
    try:
        return payout_of(creator_id=policy.pk, payout_id=payout_id)
    except PayoutNotFoundError as error:
        raise Http404 from error


def _event(line: PayoutAuditLog, policy: PayoutPolicy) -> dict[str, Any]:
    text, variant = _EVENTS[line.to_status]
    return {"text": text, "variant": variant, "at": line.at, "by": _by(line, policy)}


def _by(line: PayoutAuditLog, policy: PayoutPolicy) -> type_of_text:
    """Who did it, as far as a creator needs to know."""
    if line.actor_id is None:
        return _("by itself")
    return _("by you") if line.actor_id == policy.creator.user_id else _("by our team")


@for_payees
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, policy: PayoutPolicy, currency: str) -> HttpResponse:
    """Ask for what is available: first the page that says how much and what follows, then the act."""
    figures = next((each for each in _figures(policy, clock.now()) if each.currency == currency), None)
    if figures is None:
        raise Http404
    if request.method != "POST":
        context = {"policy": policy, "creator": policy.creator, "figures": figures}
        return render(request, "payouts/ask.html", context)
    try:
        payout = request_payout(creator=policy.creator, currency=currency, now=clock.now())
    except Refusal as refusal:
        messages.error(request, refusal.detail)
        return redirect("payouts:ask", currency)
    if payout.status == PayoutStatus.REQUESTED:
        messages.success(request, gettext("Your request has come in. Our team looks at it now."))
    else:
        messages.success(request, gettext("Your payout is on its way."))
    return redirect("payouts:detail", payout.pk)


@for_payees
@require_POST
def take_back(request: HttpRequest, policy: PayoutPolicy, payout_id: UUID) -> HttpResponse:
    """Take a request back that nobody has decided yet."""
    _own(policy, payout_id)
    try:
        cancel_payout(payout_id=payout_id, user=person(request), now=clock.now())
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    else:
        messages.success(request, gettext("You have taken the request back. The money is available again."))
    return redirect("payouts:detail", payout_id)


@for_payees
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, policy: PayoutPolicy) -> HttpResponse:
    """How often, from how much, and whether at all."""
    currency = policy.creator.currency or FALLBACK
    sent = request.POST if request.method == "POST" else None
    form = PolicyForm(sent, currency=currency, initial=policy_initial(policy, currency))
    if form.is_valid():
        choose_policy(creator=policy.creator, choice=form.choice(), now=clock.now())
        messages.success(request, gettext("Your payout settings are saved."))
        return redirect("payouts:settings")
    next_at = next_run(policy, now=clock.now())
    context = {"policy": policy, "creator": policy.creator, "form": form, "next_at": next_at}
    return render(request, "payouts/settings.html", context, status=422 if form.is_bound else 200)
