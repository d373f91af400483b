"""Daily's webhook signatures (https://docs.daily.co/reference/rest-api/webhooks#hmac)."""

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Sequence

from callastar.providers.daily.times import seconds_of

TOLERANCE_SECONDS = 300


def is_genuine(*, body: bytes, timestamp: str, signature: str, secrets: Sequence[str]) -> bool:
    """Whether one of the secrets (base64) signed these bytes within the last five minutes."""
    if not _is_recent(timestamp):
        return False
    signed = timestamp.encode() + b"." + body
    return any(
        hmac.compare_digest(_signature(secret, signed), signature.encode(errors="replace"))
        for secret in secrets
        if secret
    )


def _is_recent(timestamp: str) -> bool:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 15):
        return False
    return abs(time.time() - seconds_of(int(timestamp))) <= TOLERANCE_SECONDS


def _signature(secret: str, signed: bytes) -> bytes:
    return base64.b64encode(hmac.new(_key(secret), signed, hashlib.sha256).digest())


def _key(secret: str) -> bytes:
    """The bytes of a secret; settings refuse what is not base64 when the process starts."""
    try:
        return base64.b64decode(secret, validate=True)
    except binascii.Error as error:
        raise ValueError("a secret of Daily's webhooks is not base64") from error
