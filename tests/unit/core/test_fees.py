"""PA-1: what is kept of a price, to the cent, against a table worked out by hand and against exact fractions."""

from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callastar.core.fees import ProcessingRate, read_processing_rates, split_fees
from callastar.core.money import Currency, Money

RATES = {currency: ProcessingRate(percent=Decimal("2.9"), fixed=30) for currency in Currency}

TABLE = [
    # price, fee %, commission, processing, creator
    (10000, "15", 1500, 320, 8180),
    (100, "15", 15, 33, 52),
    (50, "15", 8, 31, 11),  # 7.5 → 8; 1.45 + 30 = 31.45 → 31
    (1, "15", 0, 30, -29),
    (333, "15", 50, 40, 243),  # 49.95 → 50; 9.657 + 30 = 39.657 → 40
    (1010, "15", 152, 59, 799),  # 151.5 → 152; 29.29 + 30 = 59.29 → 59
    (1500, "15", 225, 74, 1201),  # 43.5 + 30 = 73.5 → 74
    (5000, "15", 750, 175, 4075),
    (99999999, "15", 15000000, 2900030, 82099969),
    (10000, "0", 0, 320, 9680),
    (10000, "12.5", 1250, 320, 8430),
    (9999, "12.75", 1275, 320, 8404),  # 1274.8725; 289.971 + 30 = 319.971
    (3, "99.99", 3, 30, -30),
]


@pytest.mark.parametrize(("price", "percent", "commission", "processing", "creator"), TABLE)
@pytest.mark.parametrize("currency", list(Currency))
def test_the_table(price, percent, commission, processing, creator, currency):
    """PA-1: each part is rounded half-up on its own; the creator gets the rest."""
    split = split_fees(Money(price, currency), Decimal(percent), RATES)
    assert (split.commission, split.processing, split.creator_amount) == (commission, processing, creator)
    assert split.application_fee == commission + processing


@given(price=st.integers(1, 99_999_999), percent=st.decimals(0, 99, places=2))
def test_parts_are_the_exact_fractions_rounded_half_up(price, percent):
    """PA-1, from 0.01 to 999,999.99."""
    split = split_fees(Money(price, Currency.EUR), percent, RATES)
    assert split.commission == floor(Fraction(price) * Fraction(percent) / 100 + Fraction(1, 2))
    assert split.processing == floor(Fraction(price) * 29 / 1000 + 30 + Fraction(1, 2))
    assert split.commission + split.processing + split.creator_amount == price


def test_each_currency_has_its_own_rate():
    """PA-1: percentage and fixed part per currency."""
    rates = {**RATES, Currency.CHF: ProcessingRate(percent=Decimal("1.5"), fixed=25)}
    assert split_fees(Money(10000, Currency.CHF), Decimal(15), rates).processing == 175
    assert split_fees(Money(10000, Currency.EUR), Decimal(15), rates).processing == 320


def test_rates_are_read_from_the_setting():
    """PA-1: the rates are configuration."""
    assert read_processing_rates("EUR:2.9+0.30, CHF:2.9+0.30, USD:2.9+0.3, GBP:2.90+0.30") == RATES
    free = read_processing_rates("EUR:0+0,CHF:2.9+0.30,USD:2.9+0.30,GBP:2.9+0.30")
    assert split_fees(Money(10000, Currency.EUR), Decimal(15), free).processing == 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "EUR:2.9+0.30",  # what would a payment in another currency cost?
        "EUR:2.9+0.301,CHF:2.9+0.30,USD:2.9+0.30,GBP:2.9+0.30",  # finer than a cent
        "EUR:-1+0.30,CHF:2.9+0.30,USD:2.9+0.30,GBP:2.9+0.30",
        "EUR:100+0.30,CHF:2.9+0.30,USD:2.9+0.30,GBP:2.9+0.30",
        "EUR:2,9+0,30,CHF:2.9+0.30,USD:2.9+0.30,GBP:2.9+0.30",
        "JPY:2.9+30,EUR:2.9+0.30,CHF:2.9+0.30,USD:2.9+0.30,GBP:2.9+0.30",
        "EUR:2.9+0.30,EUR:2.9+0.30,CHF:2.9+0.30,USD:2.9+0.30,GBP:2.9+0.30",
    ],
)
def test_rates_that_say_nothing_certain_are_refused(text):
    """PA-1."""
    with pytest.raises(ValueError, match=r".+"):
        read_processing_rates(text)
