"""What must never be read in a log (LO-1): our own secrets, and what looks like somebody's; both are masked."""

import re
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

from django.conf import settings

MASK = "…"
LONGEST_ERROR = 1000
SHORTEST = 8
# Settings that hold a secret, or several.
OWN = (
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "CRON_SECRETS",
    "STRIPE_SECRET_KEY",
    "STRIPE_WEBHOOK_SECRETS",
    "DAILY_API_KEY",
    "DAILY_WEBHOOK_SECRETS",
    "RESEND_WEBHOOK_SECRETS",
    "TURN_SECRET",
)
# Secrets by their looks. Each pattern takes the secret only, never a quote or a space around it.
LOOKS: Mapping[str, str] = {
    "key of an API": r"\b(?:sk|rk|whsec)_[\w+/=-]{6,}|\bre_\w{8,}_\w+",
    "client secret": r"\b(?:pi|seti|cs|accs|src)_[A-Za-z0-9]+_secret_\w+",
    "credentials": r"(?i:(?<=\bbearer )|(?<=\bbasic ))(?:[a-z]{12,}|(?=\S*[^a-z\s,;:])[\w.~+/=-]{4,})",
    "password in an address": r"(?<=://)[^/\s@\"']*:[^/\s@\"']+(?=@)",
    "secret in an address": r"(?i:(?<=[?&]token=)|(?<=[?&]key=)|(?<=[?&]secret=)|(?<=[?&]signature=))[^&\s\"'<>\\…]+",
    "secret of a link": r"(?:(?<=reset/key/)|(?<=confirm-email/))[^/\s\"'<>\\]{8,}",
    "session": r"(?<=\bsessionid=)\w+",
    "signed token": r"\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?|[\w-]+:[0-9A-Za-z]{6}:[\w-]{43}(?![\w-])",
}
_LOOKS = re.compile("|".join(LOOKS.values()))
# Visa, Mastercard, Amex, Discover; written as one, or in groups.
_CARD = re.compile(r"(?<![\w.-])(?:[3-6]\d{12,18}|[2-6]\d{3}([ -])\d{4}\1\d{4}\1\d{4})(?![\w-]|\.\d)")
# Names whose values are never written, whatever they look like.
_NAMES = {"password", "secret", "token", "authorization", "cookie", "api_key", "client_secret", "payload"}


def own_secrets() -> Iterator[str]:
    """The secrets that the settings hold; what is too short to be one would only spoil words."""
    held = [getattr(settings, name) for name in OWN]
    for value in [*held, *_of_the_mail_provider()]:
        for secret in (value,) if isinstance(value, str) else value:
            if len(secret) >= SHORTEST:
                yield secret


def _of_the_mail_provider() -> list[str]:
    """Whatever a backend of mail is told, but for addresses: each provider calls its keys otherwise."""
    return [told for told in settings.ANYMAIL.values() if isinstance(told, str) and "://" not in told]


def cards_in(text: str) -> list[str]:
    """The numbers in a text that are those of cards: with the right beginning, length and check digit."""
    return [found[0] for found in _CARD.finditer(text) if _passes_luhn(found[0])]


def masked(text: str) -> str:
    """The text without what is a secret of ours, looks like somebody's, or is the number of a card."""
    for secret in own_secrets():
        text = text.replace(secret, MASK)
    text = _LOOKS.sub(MASK, text)
    return _CARD.sub(lambda found: MASK if _passes_luhn(found[0]) else found[0], text)


def masked_value(value: Any, *, name: str = "") -> Any:
    """A value of a log's line, or what would be written of it, with all texts in it masked.

    Nothing is left of one with a secret's name.
    """
    if name.lower() in _NAMES and value:
        return MASK
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, Mapping):
        return {key: masked_value(each, name=str(key)) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [masked_value(each) for each in value]
    return value if value is None or isinstance(value, bool | int | float) else masked(str(value))


def mask_line(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor of structlog's: the same line, masked. What starts with `_` is structlog's own."""
    for name, value in line.items():
        if not name.startswith("_") and name != "exc_info":
            line[name] = masked_value(value, name=name)
    return line


def error_text(error: BaseException) -> str:
    """Type and message of an error, masked; not longer than `LONGEST_ERROR`."""
    return masked(f"{type(error).__name__}: {error}")[:LONGEST_ERROR]


def _passes_luhn(number: str) -> bool:
    digits = [int(each) for each in number if each.isdigit()][::-1]
    doubled = (sum(divmod(2 * each, 10)) for each in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
