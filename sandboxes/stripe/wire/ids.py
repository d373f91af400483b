"""Ids and secrets as Stripe forms them."""

import secrets
import string

_ALPHABET = string.ascii_letters + string.digits


def token(length: int) -> str:
    """Random letters and digits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def new_id(prefix: str) -> str:
    """A new id: ``pi_3…``, ``acct_1…`` and so on."""
    return f"{prefix}_{'1' if prefix == 'acct' else '3'}{token(15 if prefix == 'acct' else 23)}"
