"""Stripe's webhook signatures (https://docs.stripe.com/webhooks#verify-manually)."""

import time
from collections.abc import Sequence

import stripe

TOLERANCE_SECONDS = 300


def is_genuine(*, body: bytes, header: str, secrets: Sequence[str]) -> bool:
    """Whether one of the secrets signed these bytes within the last five minutes."""
    return any(_matches(body, header, secret) for secret in secrets if secret)


def _matches(body: bytes, header: str, secret: str) -> bool:
    try:
        stripe.WebhookSignature.verify_header(body, header, secret, TOLERANCE_SECONDS)
        signed_at = int(dict(part.split("=", 1) for part in header.split(",") if "=" in part)["t"])
    except (stripe.SignatureVerificationError, ValueError, KeyError):
        return False
    return signed_at <= time.time() + TOLERANCE_SECONDS
