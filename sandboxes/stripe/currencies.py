"""Currencies: smallest amounts, names, and what Stripe takes for its service."""

from decimal import ROUND_HALF_UP, Decimal

from sandboxes.stripe.wire.errors import invalid

MINIMUM = {
    "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50,
    "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50,
    "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000, "usd": 50,
}  # fmt: skip
ZERO_DECIMAL = {"jpy"}
MAXIMUM = 99_999_999
_SYMBOLS = {"eur": "€", "usd": "$", "gbp": "£", "jpy": "¥"}
_CARD_FEES = {"eur": ("0.015", 25), "gbp": ("0.015", 20), "jpy": ("0.036", 0)}
_OTHER_CARD_FEE = ("0.029", 30)
_DEBIT_FEE = 35
DISPUTE_FEE = {"eur": 2000, "gbp": 2000, "usd": 1500, "chf": 2000, "jpy": 1500}


def check_currency(currency: str, *, param: str = "currency") -> str:
    """The currency in lower case; raises ApiError for one that is not supported."""
    lowered = currency.lower()
    if lowered not in MINIMUM:
        message = (
            f"Invalid currency: {lowered}. Stripe currently supports these currencies: {', '.join(MINIMUM)}"
        )
        raise invalid(message, param=param)
    return lowered


def check_amount(amount: int, currency: str) -> int:
    """An amount that can be charged; raises ApiError ``amount_too_small`` and others."""
    if amount < 1:
        message = "This value must be greater than or equal to 1."
        raise invalid(message, code="parameter_invalid_integer", param="amount")
    if amount < MINIMUM[currency]:
        message = f"Amount must be at least {written(MINIMUM[currency], currency)} {currency}"
        raise invalid(message, code="amount_too_small", param="amount")
    if amount > MAXIMUM:
        message = f"Amount must be no more than {written(MAXIMUM, currency)}"
        raise invalid(message, code="amount_too_large", param="amount")
    return amount


def written(amount: int, currency: str) -> str:
    """An amount as messages show it: €0.50."""
    units = str(amount) if currency in ZERO_DECIMAL else f"{Decimal(amount) / 100:,.2f}"
    return f"{_SYMBOLS.get(currency, '')}{units}"


def processing_fee(amount: int, currency: str, method: str) -> int:
    """What Stripe takes for a payment, in the smallest unit."""
    if method == "sepa_debit":
        return _DEBIT_FEE
    rate, fixed = _CARD_FEES.get(currency, _OTHER_CARD_FEE)
    return rounded(Decimal(amount) * Decimal(rate)) + fixed


def share(whole: int, part: int, of: int) -> int:
    """``whole × part / of``, rounded half up."""
    return rounded(Decimal(whole) * part / of)


def part(whole: int, amount: int, of: int, *, before: int) -> int:
    """What belongs to the next ``amount`` of ``of``, after ``before`` of it; all parts add up to ``whole``."""
    return share(whole, before + amount, of) - share(whole, before, of)


def rounded(value: Decimal) -> int:
    """Half up to a whole unit."""
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))
