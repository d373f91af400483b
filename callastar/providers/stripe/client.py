"""One Stripe client for each configuration, and the one place where its errors become ours."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, TypeVar

import stripe
from django.conf import settings

from callastar.providers.stripe.errors import translate

T = TypeVar("T")
RETRIES = 2
PAGE = 100  # the most that Stripe gives at once


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


def options(*, account: str | None = None, idempotency_key: str = "") -> stripe.RequestOptions:
    """A request's options: on behalf of a connected account, and repeatable with one effect."""
    chosen: stripe.RequestOptions = {}
    if account:
        chosen["stripe_account"] = account
    if idempotency_key:
        chosen["idempotency_key"] = idempotency_key
    return chosen


def every(
    which: Callable[[stripe.StripeClient], Callable[..., Any]],
    params: dict[str, Any] | None = None,
    *,
    account: str | None = None,
) -> Iterator[Any]:
    """All objects of a list, newest first; `which` picks the client's method. Each page is a request of its own.

    Raises `ProviderError` while it is read, not only at the beginning.
    """
    cursor: dict[str, Any] = {}
    while True:
        asked = {**(params or {}), "limit": PAGE, **cursor}
        page = call(lambda c, asked=asked: which(c)(asked, options(account=account)))  # type: ignore[misc]
        yield from page.data
        if not page.has_more or not page.data:
            return
        cursor = {"starting_after": page.data[-1].id}
