"""Amounts in answers."""

from django.utils.translation import get_language

from callastar.core.api.fields import MoneyOut
from callastar.core.formats import money_text
from callastar.core.money import Money


def money_out(money: Money) -> MoneyOut:
    """An amount with its text in the language of the answer."""
    locale = "fr" if (get_language() or "en").startswith("fr") else "en"
    return MoneyOut(amount=money.minor, currency=money.currency, text=money_text(money, locale))
