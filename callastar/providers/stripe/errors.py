"""Stripe's errors as ours (https://docs.stripe.com/error-handling): temporary ones may be tried again, others not."""

import stripe

from callastar.core.errors import ProviderError, ProviderTrouble

PROVIDER = "stripe"
# 401: a wrong or revoked key is mended by an operator, and then the same call succeeds; 409: a request with the same
# idempotency key is still running.
_TEMPORARY_STATUS = {401, 409, 429}


def translate(error: stripe.StripeError) -> ProviderError:
    """The error in our terms, with Stripe's stable `code`; its message never holds a key."""
    return ProviderError(PROVIDER, _kind(error), _code(error), error.user_message or type(error).__name__)


def _code(error: stripe.StripeError) -> str:
    told = error.code or getattr(
        error.error, "code", None
    )  # the SDK's PermissionError keeps it in the body only
    return told or ""


def _kind(error: stripe.StripeError) -> ProviderTrouble:
    status = error.http_status
    if status is None or not 400 <= status < 500 or status in _TEMPORARY_STATUS:
        return ProviderTrouble.TEMPORARY
    return ProviderTrouble.PERMANENT
