"""Countries whose creators can be paid, with the currency that is usual there.

Stripe's countries for Express accounts that receive destination charges (https://stripe.com/global), of those where one
of our currencies is in use.
"""

from babel import Locale
from django.utils.translation import get_language

from callastar.core.money import Currency

_EURO = ("AT", "BE", "CY", "DE", "EE", "ES", "FI", "FR", "GR", "HR")
_EURO_TOO = ("IE", "IT", "LT", "LU", "LV", "MT", "NL", "PT", "SI", "SK")
USUAL_CURRENCY: dict[str, Currency] = {
    **dict.fromkeys(_EURO + _EURO_TOO, Currency.EUR),
    "CH": Currency.CHF,
    "LI": Currency.CHF,
    "GB": Currency.GBP,
    "GI": Currency.GBP,
    "US": Currency.USD,
}


def country_choices() -> list[tuple[str, str]]:
    """Codes with their names in the page's language, sorted by name."""
    names = Locale(get_language() or "fr").territories
    return sorted(((code, names[code]) for code in USUAL_CURRENCY), key=lambda choice: choice[1])
