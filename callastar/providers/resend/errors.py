"""Mail providers' errors as ours (https://resend.com/docs/api-reference/errors): temporary ones may be tried again."""

from http import HTTPStatus
from typing import Any

from anymail.exceptions import AnymailAPIError, AnymailError, AnymailInvalidAddress, AnymailRecipientsRefused

from callastar.core.errors import ProviderError, ProviderTrouble

PROVIDER = "resend"
ADDRESS_REFUSED = "address_refused"
NOT_AUTHORIZED = "not_authorized"
KEY_CONFLICT = "invalid_idempotent_request"
UNREACHABLE = "unreachable"
LONGEST_WAIT = 3600  # seconds: who says more is asked again after an hour

_ABOUT_CONTENT = {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}
_ABOUT_ACCESS = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


def translate(error: AnymailError) -> ProviderError:
    """The error in our terms. Codes are the provider's own, but for the address and for keys that are not let in."""
    if not isinstance(error, AnymailAPIError):
        code = ADDRESS_REFUSED if _is_about_recipient(error) else type(error).__name__
        return ProviderError(PROVIDER, ProviderTrouble.PERMANENT, code, str(error))
    if error.status_code is None:
        reason = type(error.__cause__ or error).__name__
        return ProviderError(PROVIDER, ProviderTrouble.TEMPORARY, UNREACHABLE, reason)
    body = _body(error)
    return ProviderError(
        PROVIDER,
        _kind(error.status_code, body),
        _code(error.status_code, body),
        _message(body),
        retry_after=_retry_after(error),
    )


def _is_about_recipient(error: AnymailError) -> bool:
    """Whether anymail itself found fault with the address, before or after asking the provider."""
    malformed = isinstance(error, AnymailInvalidAddress) and "`to`" in str(error)
    return malformed or isinstance(error, AnymailRecipientsRefused)


def _body(error: AnymailError) -> dict[str, Any]:
    try:
        body = error.response.json()
    except (AttributeError, ValueError):
        return {}
    return body if isinstance(body, dict) else {}


def _retry_after(error: AnymailAPIError) -> int:
    """Seconds (https://resend.com/docs/api-reference/rate-limit); 0 if there are none, or a date in their place."""
    said = str(getattr(error.response, "headers", {}).get("retry-after", ""))
    return min(int(said), LONGEST_WAIT) if said.isascii() and said.isdigit() else 0


def _kind(status: int, body: dict[str, Any]) -> ProviderTrouble:
    """A success that cannot be read is asked for again: its key makes the answer come once more."""
    conflict = status == HTTPStatus.CONFLICT and body.get("name") != KEY_CONFLICT
    passing = status in {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}
    if conflict or passing or status >= HTTPStatus.INTERNAL_SERVER_ERROR or status < HTTPStatus.BAD_REQUEST:
        return ProviderTrouble.TEMPORARY
    return ProviderTrouble.PERMANENT


def _code(status: int, body: dict[str, Any]) -> str:
    if status in _ABOUT_ACCESS:
        return NOT_AUTHORIZED
    if status in _ABOUT_CONTENT and "`to`" in _message(body):
        return ADDRESS_REFUSED
    return str(body.get("name") or f"http_{status}")


def _message(body: dict[str, Any]) -> str:
    return str(body.get("message", ""))
