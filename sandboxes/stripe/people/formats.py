"""Amounts, times and colours as people read them."""

from datetime import UTC, datetime

from babel.dates import format_datetime
from babel.numbers import format_currency, get_currency_precision

from sandboxes.stripe.context import Json

Money = tuple[int, str]

_GOOD = {"succeeded", "paid", "won", "active", "delivered", "warning_closed"}
_BAD = {"failed", "lost", "disputed", "dropped", "needs_response", "restricted"}
_QUIET = {
    "canceled",
    "requires_payment_method",
    "requires_confirmation",
    "new",
    "none",
    "refunded",
    "reversed",
}


def money(value: Money, language: str) -> str:
    """(1050, "eur") as €10.50 or 10,50 €."""
    amount, currency = value
    units = amount / 10 ** get_currency_precision(currency.upper())
    return str(format_currency(units, currency.upper(), locale=language))


def decimal_amount(value: Money) -> str:
    """(1050, "eur") as 10.50, to be edited."""
    amount, currency = value
    precision = get_currency_precision(currency.upper())
    return f"{amount / 10**precision:.{precision}f}"


def minor_units(text: str, currency: str) -> int:
    """What someone typed ("10.50", "10,50") in the smallest unit; raises ValueError."""
    units = float(text.replace(",", ".").replace(" ", ""))
    amount: int = round(units * 10 ** get_currency_precision(currency.upper()))
    return amount


def moment(seconds: float, language: str) -> str:
    """A unix time in UTC, as people of the language write it."""
    return str(format_datetime(datetime.fromtimestamp(seconds, UTC), "d MMM y, HH:mm:ss", locale=language))


def iso(seconds: float) -> str:
    """A unix time for machines."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def tone(status: str) -> str:
    """The colour of a status: good, bad, warn or none."""
    if status in _GOOD:
        return "good"
    if status in _BAD:
        return "bad"
    return "" if status in _QUIET else "warn"


def status_of(document: Json) -> str | None:
    """One word on how an object stands."""
    kind = document["object"]
    if kind == "account":
        return _account_status(document)
    if kind == "transfer":
        return _undone(document["amount_reversed"], document["amount"], "paid", "reversed")
    if kind == "charge" and document["status"] == "succeeded":
        if document["disputed"]:
            return "disputed"
        return _undone(document["amount_refunded"], document["amount"], "succeeded", "refunded")
    status: str | None = document.get("status")
    return status


def _account_status(account: Json) -> str:
    if account["charges_enabled"] and account["payouts_enabled"]:
        return "active"
    return "restricted" if account["details_submitted"] else "new"


def _undone(undone: int, whole: int, intact: str, gone: str) -> str:
    if not undone:
        return intact
    return gone if undone >= whole else f"partially_{gone}"
