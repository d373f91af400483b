"""PA-1: what is kept of a price, to the cent, against a table worked out by hand and against exact fractions."""

from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callastar.core.fees import split_fees
from callastar.core.money import Currency, Money

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
    split = split_fees(Money(price, currency), Decimal(percent))
    assert (split.commission, split.processing, split.creator_amount) == (commission, processing, creator)
    assert split.application_fee == commission + processing


@given(price=st.integers(1, 99_999_999), percent=st.decimals(0, 99, places=2))
def test_parts_are_the_exact_fractions_rounded_half_up(price, percent):
    """PA-1, from 0.01 to 999,999.99."""
    split = split_fees(Money(price, Currency.EUR), percent)
    assert split.commission == floor(Fraction(price) * Fraction(percent) / 100 + Fraction(1, 2))
    assert split.processing == floor(Fraction(price) * 29 / 1000 + 30 + Fraction(1, 2))
    assert split.commission + split.processing + split.creator_amount == price
