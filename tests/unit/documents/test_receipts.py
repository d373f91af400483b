"""LE-4: the receipt for each fan payment."""

from dataclasses import replace
from io import BytesIO

import pytest
from pypdf import PdfReader

from callastar.core.money import Currency, MixedCurrenciesError, Money
from callastar.documents import ReceiptRefund, receipt
from tests.unit.documents.samples import MOMENT, PARIS, RECEIPT, REFUNDED, pages, text


def test_says_who_paid_what_for_which_call():
    """LE-4."""
    written = text(receipt(RECEIPT, locale="en", zone=PARIS))
    for expected in (
        "R-2026-000123",
        "Tuesday 3 March 2026 at 18:00 (Paris time)",
        "Zoé Łukasiewicz",
        "zoe@fans.test",
        "Álvaro Ősz",
        "Breathing for the stage",
        "Thursday 5 March 2026 at 18:00 (Paris time)",
        "30 minutes",
        "€1,234.56",
        "pi_3Qabc",
        "support@callastar.test",
    ):
        assert expected in written
    assert "The platform's fees, part of the price" in written
    assert "Refund" not in written


def test_is_written_in_french():
    """LE-4, in both languages: amounts with French separators, as Babel writes them, and a marked language."""
    pdf = receipt(RECEIPT, locale="fr", zone=PARIS)
    written = text(pdf)
    assert "1\u202f234,56 €" in written
    assert "mardi 3 mars 2026 à 18:00 (heure de Paris)" in written
    assert "Durée" in written
    assert "€1,234.56" not in written
    assert PdfReader(BytesIO(pdf)).root_object["/Lang"] == "fr"


@pytest.mark.parametrize(
    ("locale", "amounts"),
    [
        ("en", ("-€500.00", "-€0.01", "€734.55")),
        ("fr", ("-500,00 €", "-0,01 €", "734,55 €")),
    ],
)
def test_lists_refunds_and_what_was_paid_in_the_end(locale, amounts):
    """LE-4."""
    written = text(receipt(REFUNDED, locale=locale, zone=PARIS))
    for amount in amounts:
        assert amount in written


def test_refuses_a_refund_of_another_currency():
    """LE-4: sums never mix currencies."""
    strange = replace(RECEIPT, refunds=(ReceiptRefund(at=MOMENT, amount=Money(100, Currency.CHF)),))
    with pytest.raises(MixedCurrenciesError):
        receipt(strange, locale="en", zone=PARIS)


def test_the_same_values_give_the_same_bytes():
    """LE-4: a receipt asked for twice is one receipt; another number is another."""
    first = receipt(REFUNDED, locale="fr", zone=PARIS)
    assert receipt(REFUNDED, locale="fr", zone=PARIS) == first
    assert receipt(replace(REFUNDED, number="R-2"), locale="fr", zone=PARIS) != first


def test_describes_itself():
    """LE-4: title, author and date as the platform gives them, and no clock's."""
    about = PdfReader(BytesIO(receipt(RECEIPT, locale="en", zone=PARIS))).metadata
    assert about.title == "Receipt · No. R-2026-000123"
    assert about.author == "Call a Star"
    assert about.creation_date == RECEIPT.issued_at


def test_wraps_long_texts_and_leaves_out_what_no_font_has():
    """LE-4: every word of a long title is there; emoji go, letters without a glyph are marked."""
    long = replace(
        RECEIPT,
        call_title="interminable " * 40 + "end",
        fan_name="Χρήστος\u00a0Иванов 🎤 李",
        creator_name="x" * 150,
    )
    (page,) = pages(receipt(long, locale="en", zone=PARIS))
    assert page.count("interminable") == 40
    assert page.replace("\n", "").count("x" * 150) == 1
    assert "Χρήστος Иванов \ufffd" in page


def test_a_line_break_in_a_title_is_a_space():
    """LE-4."""
    written = text(receipt(replace(RECEIPT, call_title="Voice\n\tand  breath"), locale="en", zone=PARIS))
    assert "Voice and breath" in written
