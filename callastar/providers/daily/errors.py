"""Daily's errors as ours (https://docs.daily.co/reference/rest-api#errors)."""

from collections.abc import Callable
from typing import Any, TypeVar

import httpx

from callastar.core.errors import ProviderError, ProviderTrouble

PROVIDER = "daily"
NOT_FOUND = "not-found"
UNREADABLE = "unreadable"
_T = TypeVar("_T")


def of_response(response: httpx.Response) -> ProviderError:
    """The error that an answer is: `{"error": code, "info": message}`."""
    temporary = response.status_code == 429 or response.status_code >= 500
    kind = ProviderTrouble.TEMPORARY if temporary else ProviderTrouble.PERMANENT
    try:
        body = response.json()
        code, message = str(body.get("error", "")), str(body.get("info", ""))
    except (ValueError, AttributeError):
        code, message = "", response.reason_phrase
    return ProviderError(PROVIDER, kind, code or str(response.status_code), message)


def of_network(error: Exception) -> ProviderError:
    """The error that no answer is: it may work later."""
    return ProviderError(PROVIDER, ProviderTrouble.TEMPORARY, "network", type(error).__name__)


def readable(read: Callable[..., _T], *given: Any) -> _T:
    """What `read` makes of an answer; what lacks something, or has something else in its place, is `UNREADABLE`.

    That is permanent: asked again, Daily says the same.
    """
    try:
        return read(*given)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError) as error:
        message = f"{read.__name__.strip('_')}: {type(error).__name__} {error}"[:200]
        raise ProviderError(PROVIDER, ProviderTrouble.PERMANENT, UNREADABLE, message) from error
