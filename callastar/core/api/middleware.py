"""What every request of the JSON API gets: its language, problems instead of pages, idempotency."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from callastar.core.api.idempotency import answer_once
from callastar.core.api.language import accepted_language
from callastar.core.api.problems import plain_problem

PREFIX = "/api/"
_WITH_BODY = {"POST", "PUT", "PATCH"}
_WEBHOOKS = "/webhook"
# Called with a secret by programs that choose their body themselves: nothing of it is read, no answer is kept.
_CRON = f"{PREFIX}cron/"


class ApiMiddleware:
    """Only requests below `/api/` are touched."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(PREFIX):
            return self.get_response(request)
        language = accepted_language(request.headers.get("Accept-Language", ""))
        with translation.override(language):
            response = self._answer(request)
            if response.status_code >= HTTPStatus.BAD_REQUEST and not _is_json(response):
                response = plain_problem(response.status_code)
        response["Content-Language"] = language
        patch_vary_headers(response, ["Accept-Language"])
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(_CRON):
            return self.get_response(request)
        # A form of another site can send no JSON: refusing the rest keeps sign-in from being forged.
        if request.method in _WITH_BODY and request.body and not _sends_json(request):
            return plain_problem(415)
        if request.path.endswith(_WEBHOOKS):
            return self.get_response(request)
        return answer_once(request, self.get_response)


def _sends_json(request: HttpRequest) -> bool:
    return (request.content_type or "").split(";")[0].endswith("json") or request.path.endswith(_WEBHOOKS)


def _is_json(response: HttpResponse) -> bool:
    return "json" in response.headers.get("Content-Type", "")
