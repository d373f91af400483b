"""Countries: region, currency, who may have an account."""

from sandboxes.stripe.wire.errors import invalid

_EURO = [
    "AT",
    "BE",
    "CY",
    "DE",
    "EE",
    "ES",
    "FI",
    "FR",
    "GR",
    "HR",
    "IE",
    "IT",
    "LT",
    "LU",
    "LV",
    "MT",
    "NL",
    "PT",
    "SI",
    "SK",
]
_OTHER_EUROPE = {
    "BG": "bgn", "CH": "chf", "CZ": "czk", "DK": "dkk", "GB": "gbp", "HU": "huf", "LI": "chf", "NO": "nok",
    "PL": "pln", "RO": "ron", "SE": "sek",
}  # fmt: skip
_ELSEWHERE = {
    "AE": "aed", "AU": "aud", "BR": "brl", "CA": "cad", "HK": "hkd", "JP": "jpy", "MX": "mxn", "MY": "myr",
    "NZ": "nzd", "SG": "sgd", "TH": "thb", "US": "usd",
}  # fmt: skip
_EUROPE = {**dict.fromkeys(_EURO, "eur"), **_OTHER_EUROPE}
CURRENCY_OF = {**_EUROPE, **_ELSEWHERE}


def check_country(country: str) -> str:
    """A country Stripe serves; raises ApiError ``country_unsupported``."""
    if country not in CURRENCY_OF:
        message = f"{country} is not currently supported by Stripe."
        raise invalid(message, code="country_unsupported", param="country")
    return country


def same_region(one: str, other: str) -> bool:
    """Whether money can go from one to the other without ``on_behalf_of``."""
    return one == other or (one in _EUROPE and other in _EUROPE)
