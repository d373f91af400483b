"""Checks of values that a type does not express."""

import re
from urllib.parse import urlsplit

from sandboxes.stripe.context import Json
from sandboxes.stripe.wire.errors import invalid

_EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+")
_FORBIDDEN = set("<>\\'\"*")
_STATEMENT_LENGTH = 22


def check_email(email: str, *, param: str) -> str:
    """An email address; raises ApiError ``email_invalid``."""
    if not _EMAIL.fullmatch(email) or not email.isascii():
        raise invalid(f"Invalid email address: {email}", code="email_invalid", param=param)
    return email


def check_url(url: str, *, param: str) -> str:
    """A web address; raises ApiError ``url_invalid``."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or any(each.isspace() for each in url):
        raise invalid("Not a valid URL", code="url_invalid", param=param)
    return url


def check_descriptor(text: str, *, param: str, prefix: str = "") -> str:
    """What stands on a bank statement, after the prefix if there is one:
    https://docs.stripe.com/get-started/account/statement-descriptors"""
    complete = f"{prefix}* {text}" if prefix else text
    if len(complete) > _STATEMENT_LENGTH:
        message = f"The statement descriptor '{complete}' must be at most {_STATEMENT_LENGTH} characters."
        raise invalid(message, param=param)
    if not text.isascii() or not text.isprintable():
        raise invalid("The statement descriptor must contain only Latin characters.", param=param)
    if _FORBIDDEN & set(text):
        raise invalid("The statement descriptor must not contain any of <, >, \\, ', \", *.", param=param)
    if not any(each.isalpha() for each in text):
        raise invalid("The statement descriptor must contain at least one letter.", param=param)
    return text


def merged_metadata(old: Json, given: Json | str | None) -> Json:
    """Metadata after a change: keys merge, an empty value removes its key, '' instead of keys removes all."""
    if given is None:
        return old
    if given == "" or not isinstance(given, dict):
        return {}
    return {name: text for name, text in {**old, **given}.items() if text != ""}
