"""One Stripe client for each configuration, and the one place where its errors become ours."""

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

import stripe
from django.conf import settings

from callastar.providers.stripe.errors import translate

T = TypeVar("T")
RETRIES = 2


@lru_cache(maxsize=4)
def _client(key: str, address: str | None, timeout: float, retries: int) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        base_addresses={"api": address} if address else {},
        max_network_retries=retries,
        http_client=stripe.HTTPXClient(timeout=timeout, allow_sync_methods=True),
    )


def call(ask: Callable[[stripe.StripeClient], T], *, patience: float | None = None) -> T:
    """Run one request; the SDK retries with one idempotency key, unless `patience` (seconds) bounds a single try.

    Raises `ProviderError`, temporary or permanent, for whatever Stripe or the network says.
    """
    timeout, retries = (patience, 0) if patience else (settings.PROVIDER_TIMEOUT_SECONDS, RETRIES)
    try:
        return ask(_client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE, timeout, retries))
    except stripe.StripeError as error:
        raise translate(error) from error
