"""Resend's webhook signatures, which are Svix's (https://resend.com/docs/webhooks/verify-webhooks-requests)."""

from collections.abc import Mapping, Sequence

from svix.webhooks import Webhook, WebhookVerificationError


def is_genuine(*, body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> bool:
    """Whether one of the secrets (`whsec_…`) signed these bytes within the last five minutes."""
    signed = {name: headers.get(name, "") for name in ("svix-id", "svix-timestamp", "svix-signature")}
    return any(_matches(body, signed, secret) for secret in secrets if secret)


def _matches(body: bytes, headers: dict[str, str], secret: str) -> bool:
    try:
        Webhook(secret).verify(body, headers)
    except (WebhookVerificationError, ValueError, OverflowError, RecursionError):
        return False
    return True
