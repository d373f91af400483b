"""A creator's statements: the months, and each as PDF and CSV."""

from dataclasses import dataclass
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from callastar.core import clock
from callastar.core.money import Currency
from callastar.documents import Statement, statement_csv, statement_pdf
from callastar.payouts.earnings.months import active_months, month_start
from callastar.payouts.models import PayoutPolicy
from callastar.payouts.statements import statement_of
from callastar.payouts.views.access import for_payees


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the list; `is_open` while it is not over."""

    first: date
    currency: str
    is_open: bool

    @property
    def name(self) -> str:
        """As it stands in addresses."""
        return f"{self.first:%Y-%m}"


@for_payees
@require_safe
def statements(request: HttpRequest, policy: PayoutPolicy) -> HttpResponse:
    """The months in which something happened, latest first."""
    zone = policy.creator.user.zone
    today = clock.now().astimezone(zone).date()
    months = [
        Month(first, currency, is_open=(first.year, first.month) == (today.year, today.month))
        for first, currency in active_months(creator_id=policy.pk, zone=zone)
    ]
    years: dict[int, list[Month]] = {}
    for month in months:
        years.setdefault(month.first.year, []).append(month)
    return render(request, "payouts/statements.html", {"creator": policy.creator, "years": years})


@for_payees
@require_safe
def pdf(request: HttpRequest, policy: PayoutPolicy, month: str, currency: str) -> HttpResponse:
    """A month on paper."""
    statement = _statement(policy, month, currency)
    body = statement_pdf(statement, locale=_locale(), zone=policy.creator.user.zone)
    return _download(body, "application/pdf", f"statement-{month}-{currency}.pdf")


@for_payees
@require_safe
def csv(request: HttpRequest, policy: PayoutPolicy, month: str, currency: str) -> HttpResponse:
    """A month for a spreadsheet."""
    statement = _statement(policy, month, currency)
    text = statement_csv(statement, locale=_locale(), zone=policy.creator.user.zone)
    return _download(text.encode(), "text/csv; charset=utf-8", f"statement-{month}-{currency}.csv")


def _statement(policy: PayoutPolicy, month: str, currency: str) -> Statement:
    """The statement of a month that has begun. Raises Http404 for what is no month or no currency."""
    zone, now = policy.creator.user.zone, clock.now()
    try:
        first, known = date.fromisoformat(f"{month}-01"), Currency(currency)
    except ValueError as error:
        raise Http404 from error
    if f"{first:%Y-%m}" != month or first.year < 2000 or month_start(first, zone) > now:
        raise Http404
    return statement_of(creator=policy.creator, month=first, currency=known, zone=zone, now=now)


def _locale() -> str:
    return "en" if (get_language() or "fr").startswith("en") else "fr"


def _download(body: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(body, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
