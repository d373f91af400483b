"""One Stripe client for each configuration, and the one place where its errors become ours."""

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

import stripe
from django.conf import settings

from callastar.providers.stripe.errors import translate

T = TypeVar("T")


@lru_cache(maxsize=4)
def _client(key: str, address: str | None, timeout: int) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        base_addresses={"api": address} if address else {},
        max_network_retries=2,
        http_client=stripe.HTTPXClient(timeout=timeout, allow_sync_methods=True),
    )


def call(ask: Callable[[stripe.StripeClient], T]) -> T:
    """Run one request; the SDK retries with one idempotency key.

    Raises `ProviderError`, temporary or permanent, for whatever Stripe or the network says.
    """
    key, address, timeout = (
        settings.STRIPE_SECRET_KEY,
        settings.STRIPE_API_BASE,
        settings.PROVIDER_TIMEOUT_SECONDS,
    )
    try:
        return ask(_client(key, address, timeout))
    except stripe.StripeError as error:
        raise translate(error) from error
