"""Asking Resend what became of a mail (https://resend.com/docs/api-reference/emails/retrieve-email)."""

from functools import lru_cache

import httpx
from django.conf import settings

from callastar.core.errors import ProviderError, ProviderTrouble
from callastar.providers.resend.errors import PROVIDER, UNREACHABLE
from callastar.providers.resend.events import PERMANENT
from callastar.providers.resend.types import MailNews


def is_asked_here() -> bool:
    """Whether mails leave through Resend: what another provider has taken, Resend knows nothing of."""
    return settings.EMAIL_BACKEND.startswith("callastar.providers.resend")


def mail_news(provider_id: str) -> MailNews | None:
    """What happened last to a mail; None if Resend does not know it. Raises `ProviderError`.

    The answer has no time, and says no more of a bounce than that it was one.
    """
    headers = {"Authorization": f"Bearer {settings.ANYMAIL['RESEND_API_KEY']}"}
    client = _client(settings.ANYMAIL["RESEND_API_URL"], settings.PROVIDER_TIMEOUT_SECONDS)
    try:
        answer = client.get(f"emails/{provider_id}", headers=headers)
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        answer.raise_for_status()
        what = str(answer.json()["last_event"])
    except httpx.HTTPStatusError as error:
        raise _refused(error.response) from error
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise ProviderError(PROVIDER, ProviderTrouble.TEMPORARY, UNREACHABLE, type(error).__name__) from error
    return MailNews(provider_id=provider_id, what=what, bounce_type=PERMANENT)


def _refused(answer: httpx.Response) -> ProviderError:
    passing = answer.status_code == httpx.codes.TOO_MANY_REQUESTS or answer.is_server_error
    kind = ProviderTrouble.TEMPORARY if passing else ProviderTrouble.PERMANENT
    return ProviderError(PROVIDER, kind, f"http_{answer.status_code}", answer.reason_phrase)


@lru_cache(maxsize=4)
def _client(address: str, timeout: float) -> httpx.Client:
    return httpx.Client(base_url=address, timeout=timeout)
