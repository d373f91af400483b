"""Who may start jobs from outside (JO-3): from an address that may call, with a secret in the header, not too often."""

from collections.abc import Iterable
from hashlib import sha256
from hmac import compare_digest

from django.conf import settings
from django.http import HttpRequest
from ninja.security import HttpBearer

from callastar.audit.models import Level
from callastar.audit.operations import record
from callastar.core import clock
from callastar.core.errors import Refusal
from callastar.core.network import client_address, is_within
from callastar.jobs.operations.callers import wait_of
from callastar.jobs.refusals import (
    CronAddressRefusedError,
    CronNotConfiguredError,
    CronSecretInAddressError,
    CronSecretWrongError,
    TooManyCronCallsError,
)

_LEVELS = {
    CronNotConfiguredError: Level.ERROR,
    CronSecretInAddressError: Level.ERROR,
}


class CronSecret(HttpBearer):
    """One of `CRON_SECRET` in the `Authorization` header, and nowhere else."""

    def __call__(self, request: HttpRequest) -> bool:
        """Let the call in, or raise why not; the refusals are those of `callastar.jobs.refusals`."""
        refusal = _refusal_of(request)
        address = client_address(request)
        wait = wait_of(address=address, counted="failures" if refusal else "calls", now=clock.now())
        if wait and not isinstance(refusal, CronNotConfiguredError):  # which waiting would not change
            raise TooManyCronCallsError(wait=wait)
        if refusal is not None:
            if not wait:
                _note(refusal, address)
            raise refusal
        return True

    def authenticate(self, request: HttpRequest, token: str) -> bool:
        """Whether this is the secret."""
        return _is_secret(token)


def _refusal_of(request: HttpRequest) -> Refusal | None:
    if not settings.CRON_SECRETS:
        return CronNotConfiguredError()
    if settings.CRON_ALLOWED_IPS and not is_within(client_address(request), settings.CRON_ALLOWED_IPS):
        return CronAddressRefusedError()
    if any(_is_secret(said) for said in _said_in_address(request)):
        return CronSecretInAddressError()
    return None if _is_secret(_bearer(request)) else CronSecretWrongError()


def _bearer(request: HttpRequest) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _said_in_address(request: HttpRequest) -> Iterable[str]:
    for name, values in request.GET.lists():
        yield name
        yield from values


def _is_secret(said: str) -> bool:
    """In the same time whatever is said and whichever secret it is: all are compared, by their digests."""
    digest = _digest(said)
    same = [compare_digest(digest, _digest(secret)) for secret in settings.CRON_SECRETS]
    return any(same)


def _digest(text: str) -> bytes:
    return sha256(text.encode(errors="surrogatepass")).digest()


def _note(refusal: Refusal, address: str) -> None:
    """In the system log, without anything that the caller said."""
    record(
        type="CRON_REFUSED",
        level=_LEVELS.get(type(refusal), Level.WARNING),
        message=f"A call of the cron routes was refused: {refusal.code}",
        address=address,
    )
