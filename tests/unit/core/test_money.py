"""Money never mixes currencies, never meets a float, and rounds half-up."""

from decimal import Decimal

import pytest

from callastar.core.formats import money_text
from callastar.core.money import Currency, MixedCurrenciesError, Money


def test_amounts_of_one_currency_add_up():
    assert Money(1050, Currency.EUR) + Money(50, Currency.EUR) - Money(100, Currency.EUR) == Money(
        1000, "EUR"
    )


@pytest.mark.parametrize("work", [lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a < b])
def test_currencies_never_mix(work):
    with pytest.raises(MixedCurrenciesError):
        work(Money(1, Currency.EUR), Money(1, Currency.CHF))


@pytest.mark.parametrize("minor", [1.0, "1", None, True])
def test_only_whole_minor_units_are_money(minor):
    with pytest.raises(TypeError):
        Money(minor, Currency.EUR)


def test_a_float_never_multiplies_money():
    with pytest.raises(TypeError):
        Money(100, Currency.EUR).times(0.15)


@pytest.mark.parametrize(
    ("minor", "factor", "expected"), [(10, "0.25", 3), (10, "0.24", 2), (-10, "0.25", -3)]
)
def test_halves_round_away_from_zero(minor, factor, expected):
    assert Money(minor, Currency.EUR).times(Decimal(factor)).minor == expected


def test_major_units_are_exact():
    assert Money.from_major(Decimal("999999.99"), "GBP").minor == 99_999_999
    assert Money(5, Currency.USD).major == Decimal("0.05")


def test_an_amount_finer_than_a_cent_is_refused():
    with pytest.raises(ValueError, match="finer"):
        Money.from_major(Decimal("1.005"), "EUR")


@pytest.mark.parametrize(
    ("currency", "french", "english"),
    [
        ("EUR", "1\u202f234,50\xa0€", "€1,234.50"),
        ("CHF", "1\u202f234,50\xa0CHF", "CHF\xa01,234.50"),
        ("GBP", "1\u202f234,50\xa0£GB", "£1,234.50"),
        ("USD", "1\u202f234,50\xa0$US", "US$1,234.50"),
    ],
)
def test_amounts_are_written_as_the_locale_writes_them(currency, french, english):
    """EM-3, UI-2."""
    money = Money(123450, Currency(currency))
    assert (money_text(money, "fr"), money_text(money, "en")) == (french, english)
