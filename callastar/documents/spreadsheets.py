"""Rows for spreadsheets: a creator's statement, and the platform's journal.

A creator opens a statement by a double click, so it is written as the spreadsheets of their country read it: UTF-8 with
a byte order mark (without it Excel reads Windows-1252), in French with semicolons and decimal commas, in English with
commas and decimal points; amounts bare, dates as ISO 8601, which both read. The journal is for programs and
accountants' imports: always the same, UTF-8 without a mark, commas, decimal points, UTC.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from itertools import islice
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.translation import gettext as _

from callastar.core.money import Money
from callastar.documents import words
from callastar.documents.data import JournalRow, Statement, StatementCall, StatementMovement, StatementPayout

BYTE_ORDER_MARK = "\ufeff"
JOURNAL_COLUMNS = (
    "posted_at",
    "entry_id",
    "kind",
    "key",
    "account",
    "creator_id",
    "payment_id",
    "currency",
    "debit",
    "credit",
    "reference",
    "note",
)
_SEPARATORS = {"fr": ";", "en": ","}
_DECIMAL_SIGNS = {"fr": ",", "en": "."}
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_ROWS_AT_ONCE = 500

# What a row holds between its texts and the balance: paid by fan, commission, processing, refunds.
_NO_PARTS = (None, None, None, None)
_Row = tuple[datetime, str, str, str, Sequence[Money | None], Money]


def statement_csv(data: Statement, *, locale: str, zone: ZoneInfo) -> str:
    """One row per call, movement and payout by date, between the opening and the closing balance.

    Deductions are negative: a row's parts add up to its effect on the balance, all effects to closing − opening. The
    text begins with a byte order mark; encode it as UTF-8.
    """
    out = StringIO()
    out.write(BYTE_ORDER_MARK)
    with translation.override(locale):
        writer = csv.writer(out, delimiter=_SEPARATORS[locale], lineterminator="\r\n")
        writer.writerow(_statement_columns())
        writer.writerow(_balance_row(_("Opening balance"), data.opening, locale))
        for at, kind, details, reference, parts, effect in sorted(_events(data), key=lambda row: row[0]):
            amounts = [_number(amount, locale) for amount in (*parts, effect)]
            texts = [safe(text) for text in (kind, details, reference)]
            day = at.astimezone(zone).date().isoformat()
            writer.writerow([day, *texts, data.currency.value, *amounts, ""])
        writer.writerow(_balance_row(_("Closing balance"), data.closing, locale))
    return out.getvalue()


def journal_csv(rows: Iterable[JournalRow]) -> Iterator[str]:
    """The journal in pieces of some hundred rows, for a streaming answer; never holds more than one piece.

    Columns are JOURNAL_COLUMNS, in English for every reader; a row has its debit or its credit, in major units.
    """
    writer = csv.writer(_Echo(), lineterminator="\r\n")
    yield writer.writerow(JOURNAL_COLUMNS)
    waiting = iter(rows)
    while piece := list(islice(waiting, _ROWS_AT_ONCE)):
        yield "".join(writer.writerow(_journal_cells(row)) for row in piece)


def safe(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula: an apostrophe goes before what could begin one.

    Source: OWASP, CSV Injection.
    """
    begins = text.lstrip(" \u00a0")
    return f"'{text}" if begins.startswith(_FORMULA_SIGNS) else text


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def _statement_columns() -> list[str]:
    return [
        _("Date"),
        _("Type"),
        _("Details"),
        _("Reference"),
        _("Currency"),
        _("Paid by fan"),
        _("Commission"),
        _("Processing fees"),
        _("Refunded"),
        _("Effect on the balance"),
        _("Balance"),
    ]


def _balance_row(name: str, balance: Money, locale: str) -> list[str]:
    return ["", name, "", "", balance.currency.value, *[""] * 5, _number(balance, locale)]


def _events(data: Statement) -> Iterator[_Row]:
    yield from map(_call, data.calls)
    yield from map(_movement, data.movements)
    yield from map(_payout, data.payouts)


def _call(call: StatementCall) -> _Row:
    parts = (call.gross, _less(call.commission), _less(call.processing), _less(call.refunds))
    return call.at, _("Call"), call.fan, call.reference, parts, call.net


def _movement(movement: StatementMovement) -> _Row:
    return (
        movement.at,
        str(words.MOVEMENTS[movement.kind]),
        "",
        movement.reference,
        _NO_PARTS,
        movement.amount,
    )


def _payout(payout: StatementPayout) -> _Row:
    effect = _less(payout.amount) if payout.deducted else Money(0, payout.amount.currency)
    return payout.at, _("Payout"), str(words.PAYOUTS[payout.status]), payout.reference, _NO_PARTS, effect


def _less(amount: Money) -> Money:
    return Money(-amount.minor, amount.currency)


def _number(amount: Money | None, locale: str) -> str:
    return str(amount.major).replace(".", _DECIMAL_SIGNS[locale]) if amount is not None else ""


def _journal_cells(row: JournalRow) -> list[str]:
    return [
        row.posted_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        safe(row.entry_id),
        safe(row.kind),
        safe(row.key),
        safe(row.account),
        "" if row.creator_id is None else str(row.creator_id),
        safe(row.payment_id or ""),
        safe(row.currency),
        _decimal(row.debit),
        _decimal(row.credit),
        safe(row.reference),
        safe(row.note),
    ]


def _decimal(amount: Decimal | None) -> str:
    return "" if amount is None else str(amount)
