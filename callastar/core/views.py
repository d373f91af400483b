"""Pages that belong to no part in particular: the root, refusals of forged forms, health."""

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language_from_request
from django.views.decorators.cache import never_cache


@never_cache
def root(request: HttpRequest) -> HttpResponse:
    """Send `/` to the viewer's language: the account's, the cookie's, the browser's, else French."""
    if request.user.is_authenticated:
        return HttpResponseRedirect(f"/{request.user.locale}/")
    return HttpResponseRedirect(f"/{get_language_from_request(request, check_path=False)}/")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was not sent from our page, or too late."""
    return render(request, "403.html", {"reason": "csrf"}, status=403)


@never_cache
def alive(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """The process can do its work: the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})
