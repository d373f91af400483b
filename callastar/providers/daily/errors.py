"""Daily's errors as ours (https://docs.daily.co/reference/rest-api#errors)."""

import httpx

from callastar.core.errors import ProviderError, ProviderTrouble

PROVIDER = "daily"
NOT_FOUND = "not-found"


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
