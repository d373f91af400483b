"""LE-4: a creator's statement per month, on paper."""

from dataclasses import replace
from io import BytesIO

import pytest
from pypdf import PdfReader

from callastar.core.money import Currency, Money
from callastar.documents import statement_pdf
from tests.unit.documents.samples import PARIS, call, euros, pages, statement, text


def test_adds_up():
    """LE-4: opening + calls + other movements − payouts that left = closing."""
    data = statement()
    assert (data.gross, data.commission, data.processing) == (euros(10000), euros(600), euros(75))
    assert (data.refunds, data.net, data.moved, data.paid_out) == (
        euros(5000),
        euros(4325),
        euros(-1200),
        euros(10000),
    )
    assert data.computed_closing == data.closing == euros(5470)


@pytest.mark.parametrize(
    ("locale", "amounts"),
    [
        (
            "en",
            ("€123.45", "€100.00", "-€6.00", "-€0.75", "-€50.00", "-€12.00", "-€100.00", "€54.70", "€77.00"),
        ),
        ("fr", ("123,45 €", "-6,00 €", "-0,75 €", "-100,00 €", "54,70 €")),
    ],
)
def test_shows_every_sum_line_in_the_readers_language(locale, amounts):
    """LE-4."""
    pdf = statement_pdf(statement(), locale=locale, zone=PARIS)
    written = text(pdf)
    for amount in amounts:
        assert amount in written
    assert {"en": "March 2026", "fr": "mars 2026"}[locale] in written
    assert PdfReader(BytesIO(pdf)).root_object["/Lang"] == locale


def test_shows_calls_movements_and_payouts():
    """LE-4: a call refunded in a later month gives fees back; a failed payout is listed and not counted."""
    written = text(statement_pdf(statement(), locale="en", zone=PARIS))
    assert "3 Mar 2026 Zoé · CAS-0001 €100.00 -€15.00 -€1.75 €0.00 €83.25" in written
    assert "3 Mar 2026 Zoé · CAS-0002 €0.00 €9.00 €1.00 -€50.00 -€40.00" in written
    assert "Dispute: your share taken back dp_1 -€20.00" in written
    assert "po_2 Failed €77.00 –" in written
    assert "Total -€100.00" in written


def test_a_gap_is_shown_and_a_right_sum_shows_none():
    """LE-4: nothing is hidden when the lines do not meet the closing balance."""
    gap = "Difference that these lines do not explain"
    assert gap not in text(statement_pdf(statement(), locale="en", zone=PARIS))
    assert f"{gap} €0.05" in text(statement_pdf(statement(closing=euros(5475)), locale="en", zone=PARIS))


def test_many_rows_break_over_pages_with_headings_and_page_numbers():
    """LE-4: 120 calls, none lost."""
    data = statement(calls=tuple(call(number) for number in range(120)))
    written = pages(statement_pdf(data, locale="en", zone=PARIS))
    assert len(written) > 2
    for number, page in enumerate(written, start=1):
        assert f"Page {number} of {len(written)}" in page
    pages_of_calls = [page for page in written if "CAS-" in page]
    assert len(pages_of_calls) > 1
    assert all("Fan, booking" in page for page in pages_of_calls)
    assert [f"CAS-{number:04}" in "\n".join(written) for number in range(120)] == [True] * 120
    assert "€12,000.00 -€1,800.00 -€210.00 €0.00 €9,990.00" in written[-1] + written[-2]


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_the_largest_amounts_stay_on_one_line(locale):
    """LE-4: no digit of a total falls into another line."""
    most = Money(99_999_999, Currency.CHF)
    none = Money(0, Currency.CHF)
    calls = tuple(
        call(number, gross=most, commission=most, processing=most, refunds=most) for number in range(9)
    )
    data = statement(calls=calls, movements=(), payouts=(), opening=none, closing=none)
    total = {"en": "-CHF 8,999,999.91", "fr": "-8\u202f999\u202f999,91 CHF"}[locale]
    assert text(statement_pdf(data, locale=locale, zone=PARIS)).count(total) >= 6


def test_an_empty_month_says_so():
    """LE-4."""
    data = statement(calls=(), movements=(), payouts=(), closing=euros(12345))
    written = text(statement_pdf(data, locale="en", zone=PARIS))
    assert "No calls in this month." in written
    assert "No payouts in this month." in written
    assert written.count("€123.45") == 2


def test_the_same_values_give_the_same_bytes():
    """LE-4."""
    first = statement_pdf(statement(), locale="en", zone=PARIS)
    assert statement_pdf(statement(), locale="en", zone=PARIS) == first
    assert statement_pdf(replace(statement(), creator_name="Bo"), locale="en", zone=PARIS) != first
