"""Whether jobs are done at all, for whoever watches over the site from outside."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache

from callastar.core import clock
from callastar.jobs.operations.outside import tell_if_no_worker_runs


@never_cache
def workers_alive(request: HttpRequest) -> HttpResponse:
    """503 while no worker was heard of for too long; who asks first lets admins know."""
    since = tell_if_no_worker_runs(now=clock.now())
    if since is None:
        return JsonResponse({"status": "ok"})
    return JsonResponse(
        {"status": "silent", "since": since.isoformat()}, status=HTTPStatus.SERVICE_UNAVAILABLE
    )
