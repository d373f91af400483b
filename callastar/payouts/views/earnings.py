"""A creator's earnings: where the money stands, what each month brought, each payment, and the way of one."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from callastar.core import clock
from callastar.payments.models import Debt, DebtStatus, Payment
from callastar.payouts.earnings.months import earned_by_month, last_months
from callastar.payouts.earnings.payments import Earning, earning, earnings_of, with_sums
from callastar.payouts.earnings.way import way_of
from callastar.payouts.models import ACTIVE, Payout, PayoutItem, PayoutPolicy
from callastar.payouts.queries import payouts_of, standings
from callastar.payouts.texts import PLACES, STEPS
from callastar.payouts.views.access import for_payees
from callastar.payouts.views.chart import chart_of
from callastar.payouts.views.figures import Figures, figures_of

PER_PAGE = 12
SHOWN_PAYOUTS = 4


@for_payees
@require_safe
def earnings(request: HttpRequest, policy: PayoutPolicy) -> HttpResponse:
    """Every figure from the journal, what comes next, and the payments behind it."""
    now = clock.now()
    page = _page(policy.pk, request.GET.get("page"))
    figures = _figures(policy, now)
    context = {
        "policy": policy,
        "creator": policy.creator,
        "figures": figures,
        "is_new": not page.object_list and all(each.is_new for each in figures),
        "page": page,
        "rows": [_row(earning(row, now=now)) for row in page],
        "now": now,
    }
    return render(request, "payouts/earnings.html", context)


def _figures(policy: PayoutPolicy, now: datetime) -> list[Figures]:
    active = {each.currency: each for each in payouts_of(policy.pk).filter(status__in=ACTIVE)}
    found = standings(policy=policy, now=now, active=active)
    owes = any(standing.debt for standing in found)
    debts = list(_open_debts(policy.pk)) if owes else []
    zone = policy.creator.user.zone
    months = last_months(now, zone)
    earned = earned_by_month(creator_id=policy.pk, months=months, zone=zone)
    return [
        replace(
            figures_of(standing, policy=policy, active=active.get(standing.currency), now=now),
            chart=chart_of(earned.get(standing.currency, dict.fromkeys(months, 0))),
            debts=[debt for debt in debts if debt.currency == standing.currency],
        )
        for standing in found
    ]


def _open_debts(creator_id: int) -> QuerySet[Debt]:
    return Debt.objects.filter(creator_id=creator_id, status=DebtStatus.OPEN).order_by("created_at", "pk")


def _page(creator_id: int, wanted: str | None) -> "Page[Any]":
    """A page of payments; the first one for numbers that make no sense."""
    number = int(wanted) if wanted and wanted.isascii() and wanted.isdigit() and len(wanted) < 6 else 1
    rows = earnings_of(creator_id)
    found: list[Any] = list(rows[PER_PAGE * max(0, number - 1) : PER_PAGE * max(1, number)])
    if not found and number > 1:
        return _page(creator_id, None)
    paginator = Paginator(rows, PER_PAGE)
    vars(paginator)["count"] = found[0].how_many if found else 0  # the rows say it: one read instead of two
    return Page(found, max(1, number), paginator)


def _row(each: Earning) -> dict[str, Any]:
    text, variant = PLACES[each.place]
    return {"earning": each, "place": text, "variant": variant}


@for_payees
@require_safe
def payment(request: HttpRequest, policy: PayoutPolicy, payment_id: UUID) -> HttpResponse:
    """One payment's way from the fan to the bank."""
    mine = Payment.objects.filter(creator_id=policy.pk, paid_at__isnull=False, is_test=False)
    found = with_sums(mine.filter(pk=payment_id)).first()
    if found is None:
        raise Http404
    now = clock.now()
    payouts = _payouts_with(payment_id)
    context = {
        "creator": policy.creator,
        **_row(earning(found, now=now)),
        "stages": [
            {"stage": stage, "text": STEPS[stage.step][0], "variant": STEPS[stage.step][1]}
            for stage in way_of(payment_id=payment_id, payout_ids=[payout.pk for payout in payouts])
        ],
        "payouts": payouts,
        "now": now,
    }
    return render(request, "payouts/payment.html", context)


def _payouts_with(payment_id: UUID) -> list[Payout]:
    items = PayoutItem.objects.filter(payment_id=payment_id).values("payout_id")
    return list(Payout.objects.filter(pk__in=items).order_by("created_at"))
