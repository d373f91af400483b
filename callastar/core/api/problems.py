"""One error shape: RFC 9457 problem details with a stable `code` and field errors."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from callastar.core.errors import Refusal

CONTENT_TYPE = "application/problem+json"
UNAVAILABLE_SECONDS = 5
FieldErrors = Mapping[str, list[str]]


def problem(
    *,
    status: int,
    code: str,
    detail: str,
    errors: FieldErrors | None = None,
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """An error answer; `errors` names what is wrong with which field, `more` are members of this problem only."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        **(more or {}),
    }
    if errors:
        body["errors"] = errors
    return JsonResponse(body, status=status, content_type=CONTENT_TYPE)


def plain_problem(status: int, *, code: str = "") -> HttpResponse:
    """The problem of an answer that says nothing but its status, and perhaps a code of its own."""
    usual, detail = _texts().get(status, _texts()[500 if status >= 500 else 400])
    return problem(status=status, code=code or usual, detail=detail)


def of_refusal(refusal: Refusal) -> HttpResponse:
    """The problem of a refusal, in the language that is active."""
    response = problem(
        status=refusal.status, code=str(refusal.code), detail=refusal.detail, errors=refusal.field_errors
    )
    wait = refusal.retry_after or (UNAVAILABLE_SECONDS if refusal.status == 503 else 0)
    if wait:
        response["Retry-After"] = str(wait)
    return response


def handle_problems(api: NinjaAPI) -> None:
    """Let every exception of the API end as a problem."""
    api.add_exception_handler(Refusal, _refused)
    api.add_exception_handler(Http404, lambda request, error: plain_problem(404))
    api.add_exception_handler(PermissionDenied, lambda request, error: plain_problem(403))
    api.add_exception_handler(HttpError, _failed)
    api.add_exception_handler(ValidationError, _invalid)


def _refused(request: HttpRequest, error: Any) -> HttpResponse:
    return of_refusal(error)


def _failed(request: HttpRequest, error: Any) -> HttpResponse:
    return plain_problem(error.status_code)


def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    fields: dict[str, list[str]] = {}
    for item in getattr(error, "errors", []):
        place = ".".join(str(part) for part in item["loc"][1:] if part not in {"payload", "data"}) or "body"
        fields.setdefault(place, []).append(_message(item))
    return problem(
        status=422, code="invalid", detail=_("Some fields are missing or not valid."), errors=fields
    )


def _message(item: Mapping[str, Any]) -> str:
    """A translated sentence for the common mistakes, by pydantic's stable error types."""
    texts = {
        "missing": _("This field is required."),
        "uuid_parsing": _("This is not a valid identifier."),
        "int_parsing": _("This is not a whole number."),
        "string_too_long": _("This text is too long."),
        "string_too_short": _("This text is too short."),
    }
    return texts.get(item["type"], _("This value is not valid."))


def _texts() -> dict[int, tuple[str, str]]:
    return {
        400: ("bad_request", _("This request cannot be understood.")),
        401: ("not_signed_in", _("Please sign in first.")),
        403: ("forbidden", _("This is not allowed. Reload the page if you were signed in.")),
        404: ("not_found", _("There is nothing here.")),
        405: ("method_not_allowed", _("This address does not know that method.")),
        413: ("too_large", _("This request is too large.")),
        415: ("unsupported_media_type", _("Please send JSON.")),
        429: ("too_many_requests", _("Too many requests. Please wait a moment.")),
        500: ("server_error", _("Something went wrong on our side. Our team has been told.")),
        503: ("unavailable", _("This is not available at the moment. Please try again soon.")),
    }
