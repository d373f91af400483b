"""Secrets, and the signature of webhooks (https://docs.svix.com/receiving/verifying-payloads/how-manual)."""

import base64
import hashlib
import hmac
import secrets

from sandboxes.kit.store import Document
from sandboxes.kit.webhooks import Attempt

_PREFIX = "whsec_"


def new_api_key() -> str:
    """A key that looks like Resend's."""
    return f"re_{secrets.token_hex(4)}_{secrets.token_hex(12)}"


def new_signing_secret() -> str:
    """24 random bytes in base64, with Svix's prefix."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(24)).decode()


def sign(endpoint: Document, body: bytes, attempt: Attempt) -> dict[str, str]:
    """The headers of a webhook; svix-id stays the same on every try."""
    key = base64.b64decode(endpoint["secret"].removeprefix(_PREFIX))
    signed = f"{attempt.delivery_id}.{attempt.timestamp}.".encode() + body
    digest = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {
        "svix-id": attempt.delivery_id,
        "svix-timestamp": str(attempt.timestamp),
        "svix-signature": f"v1,{digest}",
        "User-Agent": "Svix-Webhooks/1.0",
    }
