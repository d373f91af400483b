"""Stripe's errors as ours (https://docs.stripe.com/error-handling): temporary ones may be tried again, others not."""

import stripe

from callastar.core.errors import ProviderError, ProviderTrouble

PROVIDER = "stripe"

# The codes that the product decides on (https://docs.stripe.com/error-codes).
BALANCE_INSUFFICIENT = "balance_insufficient"  # the account cannot give back or pay out that much
ALREADY_REFUNDED = "charge_already_refunded"
CHARGE_DISPUTED = "charge_disputed"
PAYOUTS_NOT_ALLOWED = "payouts_not_allowed"
BANK_ACCOUNT_UNUSABLE = "bank_account_unusable"  # an earlier payout to it failed; it must be replaced
DISPUTE_CLOSED = "dispute_already_closed"
RESOURCE_MISSING = "resource_missing"
NO_ACCOUNT = frozenset(
    {"account_invalid", RESOURCE_MISSING}
)  # closed, or no longer connected to the platform

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
