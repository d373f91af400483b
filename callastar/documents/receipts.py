"""The receipt for a fan's payment."""

from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.translation import gettext as _

from callastar.core import formats
from callastar.core.money import Money
from callastar.documents.data import Receipt
from callastar.documents.paper import WIDTH, Paper
from callastar.documents.tables import Column, Table

_AMOUNT_WIDTH = 45.0


def receipt(data: Receipt, *, locale: str, zone: ZoneInfo) -> bytes:
    """A PDF in the reader's language and time zone; the same values give the same bytes."""
    with translation.override(locale):
        number = _("No. %(number)s") % {"number": data.number}
        paper = Paper(
            title=_("Receipt"), subtitle=number, issuer=data.issuer, issued_at=data.issued_at, locale=locale
        )
        paper.big(number)
        paid_at = formats.datetime_text(data.paid_at, zone, locale, named=True)
        paper.note(_("Paid on %(moment)s") % {"moment": paid_at})
        paper.ln(6)
        paper.facts(
            [(_("Paid by"), (data.fan_name, data.fan_email)), (_("For a call with"), (data.creator_name,))]
        )
        _call(paper, data, locale, zone)
        _amounts(paper, data, locale, zone)
        _reference(paper, data, locale, zone)
        return paper.finish()


def _call(paper: Paper, data: Receipt, locale: str, zone: ZoneInfo) -> None:
    paper.section(_("The call"))
    paper.facts([(_("Title"), (data.call_title,))])
    paper.ln(3)
    at = formats.datetime_text(data.call_at, zone, locale, named=True)
    paper.facts([(_("Date and time"), (at,)), (_("Duration"), (_minutes(data.call_minutes),))])


def _amounts(paper: Paper, data: Receipt, locale: str, zone: ZoneInfo) -> None:
    paper.section(_("Amounts"))
    call = _("One-to-one video call, %(duration)s") % {"duration": _minutes(data.call_minutes)}
    paid = formats.money_text(data.amount, locale)
    rows = [(call, paid), (_("The platform's fees, part of the price"), _("included"))]
    columns = [Column(title=_("Item"), width=WIDTH - _AMOUNT_WIDTH), _amount_column()]
    Table(paper, columns, size=9.5).draw(rows, total=(_("Total paid"), paid))
    if not data.refunds:
        return
    paper.section(_("Refunds"))
    refunds = [
        (formats.date_text(refund.at, zone, locale), _negative(refund.amount, locale))
        for refund in data.refunds
    ]
    kept = (_("Total paid after refunds"), formats.money_text(data.kept, locale))
    date_column = Column(title=_("Refunded on"), width=WIDTH - _AMOUNT_WIDTH)
    Table(paper, [date_column, _amount_column()], size=9.5).draw(refunds, total=kept)


def _reference(paper: Paper, data: Receipt, locale: str, zone: ZoneInfo) -> None:
    paper.ln(6)
    issued = formats.date_text(data.issued_at, zone, locale)
    paper.facts([(_("Payment reference"), (data.payment_reference,)), (_("Receipt issued on"), (issued,))])
    paper.ln(6)
    texts = {"platform": data.issuer.name, "email": data.issuer.support_email}
    paper.note(_("A question about this payment? Write to %(platform)s at %(email)s.") % texts)


def _amount_column() -> Column:
    return Column(title=_("Amount"), width=_AMOUNT_WIDTH, is_amount=True)


def _minutes(minutes: int) -> str:
    return _("%(count)s minutes") % {"count": minutes}


def _negative(amount: Money, locale: str) -> str:
    return formats.money_text(Money(-amount.minor, amount.currency), locale)
