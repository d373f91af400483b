"""What every request of the JSON API gets: its language, problems instead of pages, idempotency."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation.trans_real import get_supported_language_variant, parse_accept_lang_header

from callastar.core.api.idempotency import answer_once
from callastar.core.api.problems import plain_problem

PREFIX = "/api/"
_WITH_BODY = {"POST", "PUT", "PATCH"}
_WEBHOOKS = "/webhook"


class ApiMiddleware:
    """Only requests below `/api/` are touched."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(PREFIX):
            return self.get_response(request)
        with translation.override(_language(request)):
            response = self._answer(request)
            if response.status_code >= HTTPStatus.BAD_REQUEST and not _is_json(response):
                response = plain_problem(response.status_code)
        response["Content-Language"] = _language(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        # A form of another site can send no JSON: refusing the rest keeps sign-in from being forged.
        if request.method in _WITH_BODY and request.body and not _sends_json(request):
            return plain_problem(415)
        if request.path.endswith(_WEBHOOKS):
            return self.get_response(request)
        return answer_once(request, self.get_response)


def _language(request: HttpRequest) -> str:
    """As `Accept-Language` says; English when it says nothing that we speak."""
    for wanted, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        try:
            return get_supported_language_variant(wanted)
        except LookupError:
            continue
    return "en"


def _sends_json(request: HttpRequest) -> bool:
    return (request.content_type or "").split(";")[0].endswith("json") or request.path.endswith(_WEBHOOKS)


def _is_json(response: HttpResponse) -> bool:
    return "json" in response.headers.get("Content-Type", "")
