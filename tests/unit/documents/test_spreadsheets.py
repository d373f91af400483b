"""LE-4: the statement and the journal as CSV, which add up and run nothing."""

import csv
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from io import StringIO
from uuid import UUID

import pytest

from callastar.documents import JournalRow, journal_csv, statement_csv
from callastar.documents.spreadsheets import JOURNAL_COLUMNS, safe
from tests.unit.documents.samples import PARIS, call, statement

POSTED = datetime(2026, 3, 3, 18, 0, 0, 123456, tzinfo=timezone(timedelta(hours=1)))
PAYMENT = str(UUID(int=7))


def read(text: str, locale: str) -> list[list[str]]:
    assert text.startswith("\ufeff")
    return list(csv.reader(StringIO(text[1:], newline=""), delimiter={"fr": ";", "en": ","}[locale]))


def number(cell: str, locale: str) -> Decimal:
    if locale == "fr":
        assert "." not in cell
        cell = cell.replace(",", ".")
    return Decimal(cell)


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_a_statement_read_back_adds_up(locale):
    """LE-4: parts to the effect of a row, effects to the closing balance."""
    heading, opening, *rows, closing = read(statement_csv(statement(), locale=locale, zone=PARIS), locale)
    assert {len(row) for row in (heading, opening, *rows, closing)} == {11}
    effects = sum(number(row[9], locale) for row in rows)
    assert number(opening[10], locale) + effects == number(closing[10], locale) == Decimal("54.70")
    with_parts = [row for row in rows if row[5]]
    assert len(with_parts) == 2
    for row in with_parts:
        assert sum(number(cell, locale) for cell in row[5:9]) == number(row[9], locale)
    assert {row[4] for row in rows} == {"EUR"}


def test_a_statement_lists_everything_by_date_in_the_creators_zone():
    """LE-4: 23:30 UTC on the 3rd is the 4th in Paris; a failed payout is listed without effect."""
    late = call(3, at=datetime(2026, 3, 3, 23, 30, tzinfo=UTC))
    data = statement(calls=(late, *statement().calls))
    rows = read(statement_csv(data, locale="en", zone=PARIS), "en")[2:-1]
    assert [row[3] for row in rows] == ["dp_1", "", "po_1", "po_2", "CAS-0001", "CAS-0002", "CAS-0003"]
    assert rows[-1][0] == "2026-03-04"
    assert rows[3][1:4] == ["Payout", "Failed", "po_2"]
    assert rows[3][9] == "0.00"


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "＝"])
def test_no_cell_begins_a_formula(begin):
    """LE-4: what a fan calls themselves and what a note says stays text; negative amounts stay numbers."""
    evil = f'{begin}HYPERLINK("https://evil.test";A1)'
    text = statement_csv(statement(calls=(call(1, fan=evil),)), locale="fr", zone=PARIS)
    row = next(row for row in read(text, "fr") if row[3] == "CAS-0001")
    assert row[2] == f"'{evil}"
    assert row[6] == "-15,00"
    written = "".join(journal_csv([line(note=evil, reference=evil, key=evil)]))
    cells = next(csv.DictReader(StringIO(written, newline="")))
    assert cells["note"] == cells["reference"] == cells["key"] == f"'{evil}"


@pytest.mark.parametrize("text", ["", "Zoé", "po_1=2", "a-b", "'quoted", "1+1"])
def test_other_cells_stay_as_they_are(text):
    """LE-4."""
    assert safe(text) == text


def line(amount: int = 1250, **changes: object) -> JournalRow:
    values = {
        "posted_at": POSTED,
        "entry_id": "entry-1",
        "kind": "CHARGE",
        "key": "charge:ch_1",
        "account": "FAN_FUNDS",
        "currency": "EUR",
        "payment_id": PAYMENT,
    }
    return JournalRow(amount=amount, **{**values, **changes})


def test_the_journal_has_debits_and_credits_in_their_columns():
    """LE-4: one row per line, UTC, decimal points, no byte order mark."""
    text = "".join(journal_csv([line(), line(-1250, creator_id=12, note='Élan; "a",\nb')]))
    debit, credit = csv.DictReader(StringIO(text, newline=""))
    assert text.startswith("posted_at,")
    assert tuple(debit) == JOURNAL_COLUMNS
    assert debit["posted_at"] == "2026-03-03T17:00:00.123456Z"
    assert (debit["debit"], debit["credit"], debit["creator_id"]) == ("12.50", "", "")
    assert (credit["debit"], credit["credit"], credit["creator_id"]) == ("", "12.50", "12")
    assert credit["payment_id"] == PAYMENT
    assert credit["note"] == 'Élan; "a",\nb'


def test_an_empty_journal_has_its_headings():
    """LE-4."""
    assert list(journal_csv([])) == [",".join(JOURNAL_COLUMNS) + "\r\n"]


def test_a_balanced_journal_read_back_adds_up():
    """LE-4: debits are credits, over several pieces."""
    lines = [line(index + 1 if index % 2 else -(index + 2)) for index in range(2000)]
    pieces = list(journal_csv(lines))
    assert len(pieces) > 2
    rows = list(csv.DictReader(StringIO("".join(pieces), newline="")))
    assert len(rows) == 2000
    assert sum(Decimal(row["debit"] or 0) - Decimal(row["credit"] or 0) for row in rows) == 0


def test_a_long_journal_streams_in_flat_memory():
    """LE-4: 100,000 lines in less memory than 2,000 of them fill; lines are asked for as they are sent."""
    asked = 0

    def lines() -> Iterator[JournalRow]:
        nonlocal asked
        for index in range(100_000):
            asked += 1
            yield replace(one, amount=index, note=f"line {index}")

    one = line()
    stream = journal_csv(lines())
    next(stream)
    next(stream)
    assert asked <= 1000
    tracemalloc.start()
    try:
        sent = sum(piece.count("\r\n") for piece in stream)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (asked, sent) == (100_000, 99_500)
    assert peak < 1_000_000
