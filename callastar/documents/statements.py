"""A creator's statement of one month, on paper."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.translation import gettext as _

from callastar.core import formats
from callastar.core.money import Money
from callastar.documents import words
from callastar.documents.data import Statement, StatementCall, StatementPayout
from callastar.documents.paper import WIDTH, Paper
from callastar.documents.tables import Column, Table

_DATE_WIDTH = 23.0
_MONEY_WIDTH = 24.0
_NOTHING = "–"


def statement_pdf(data: Statement, *, locale: str, zone: ZoneInfo) -> bytes:
    """A PDF in the creator's language and time zone; the same values give the same bytes."""
    with translation.override(locale):
        month = formats.month_text(data.month, locale)
        paper = Paper(
            title=_("Statement"), subtitle=month, issuer=data.issuer, issued_at=data.issued_at, locale=locale
        )
        paper.big(data.creator_name)
        issued = formats.date_text(data.issued_at, zone, locale)
        texts = {"month": month, "date": issued, "zone": formats.zone_text(zone, locale)}
        paper.note(_("%(month)s · issued on %(date)s · dates in %(zone)s") % texts)
        _summary(paper, data, locale)
        _calls(paper, data, locale, zone)
        _movements(paper, data, locale, zone)
        _payouts(paper, data, locale, zone)
        return paper.finish()


def _summary(paper: Paper, data: Statement, locale: str) -> None:
    paper.section(_("Balance"))
    lines = [
        (_("Opening balance"), data.opening),
        (_("Paid by fans"), data.gross),
        (_("Commission"), _less(data.commission)),
        (_("Processing fees"), _less(data.processing)),
        (_("Refunds"), _less(data.refunds)),
        (_("Other movements"), data.moved),
        (_("Payouts"), _less(data.paid_out)),
    ]
    if data.computed_closing != data.closing:
        lines.append((_("Difference that these lines do not explain"), data.closing - data.computed_closing))
    columns = [Column(title="", width=WIDTH - 45), Column(title="", width=45, is_amount=True)]
    rows = [(name, formats.money_text(amount, locale)) for name, amount in lines]
    closing = (_("Closing balance"), formats.money_text(data.closing, locale))
    Table(paper, columns, size=9.5).draw(rows, total=closing, headed=False)
    paper.ln(1.5)
    paper.note(_("The balance is what you are owed and has not been paid out yet, less debts."), size=7.5)


def _calls(paper: Paper, data: Statement, locale: str, zone: ZoneInfo) -> None:
    paper.section(_("Calls"))
    if not data.calls:
        paper.note(_("No calls in this month."))
        return
    titles = (_("Paid by fan"), _("Commission"), _("Processing fees"), _("Refunded"), _("Net"))
    columns = [
        Column(title=_("Date"), width=_DATE_WIDTH),
        Column(title=_("Fan, booking"), width=WIDTH - _DATE_WIDTH - len(titles) * _MONEY_WIDTH),
        *(Column(title=title, width=_MONEY_WIDTH, is_amount=True) for title in titles),
    ]
    rows = [
        (formats.short_date_text(call.at, zone, locale), _fan(call), *_amounts(_parts(call), locale))
        for call in data.calls
    ]
    sums = [data.gross, _less(data.commission), _less(data.processing), _less(data.refunds), data.net]
    Table(paper, columns).draw(rows, total=(_("Total"), "", *_amounts(sums, locale)))


def _movements(paper: Paper, data: Statement, locale: str, zone: ZoneInfo) -> None:
    if not data.movements:
        return
    paper.section(_("Other movements"), room=_room(data.movements))
    columns = [
        Column(title=_("Date"), width=_DATE_WIDTH),
        Column(title=_("Movement"), width=75),
        Column(title=_("Reference"), width=WIDTH - _DATE_WIDTH - 75 - 30),
        Column(title=_("Amount"), width=30, is_amount=True),
    ]
    rows = [
        (
            formats.short_date_text(movement.at, zone, locale),
            str(words.MOVEMENTS[movement.kind]),
            movement.reference,
            formats.money_text(movement.amount, locale),
        )
        for movement in data.movements
    ]
    Table(paper, columns).draw(rows, total=(_("Total"), "", "", formats.money_text(data.moved, locale)))


def _payouts(paper: Paper, data: Statement, locale: str, zone: ZoneInfo) -> None:
    paper.section(_("Payouts"), room=_room(data.payouts))
    if not data.payouts:
        paper.note(_("No payouts in this month."))
        return
    columns = [
        Column(title=_("Date"), width=_DATE_WIDTH),
        Column(title=_("Reference"), width=WIDTH - _DATE_WIDTH - 38 - 2 * 30),
        Column(title=_("Status"), width=38),
        Column(title=_("Amount"), width=30, is_amount=True),
        Column(title=_("Out of the balance"), width=30, is_amount=True),
    ]
    rows = [
        (
            formats.short_date_text(payout.at, zone, locale),
            payout.reference,
            str(words.PAYOUTS[payout.status]),
            formats.money_text(payout.amount, locale),
            _deducted(payout, locale),
        )
        for payout in data.payouts
    ]
    total = formats.money_text(_less(data.paid_out), locale)
    Table(paper, columns).draw(rows, total=(_("Total"), "", "", "", total))


def _room(rows: Sequence[object]) -> float:
    """Millimetres that keep a short table in one piece."""
    return 25 + 7.0 * min(len(rows), 8)


def _fan(call: StatementCall) -> str:
    return f"{call.fan} · {call.reference}" if call.fan else call.reference


def _parts(call: StatementCall) -> list[Money]:
    return [call.gross, _less(call.commission), _less(call.processing), _less(call.refunds), call.net]


def _amounts(amounts: list[Money], locale: str) -> list[str]:
    return [formats.money_text(amount, locale) for amount in amounts]


def _deducted(payout: StatementPayout, locale: str) -> str:
    return formats.money_text(_less(payout.amount), locale) if payout.deducted else _NOTHING


def _less(amount: Money) -> Money:
    return Money(-amount.minor, amount.currency)
