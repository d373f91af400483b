"""The page of a built-in room. The call's page shows it in a frame; who may enter, its token says to the API."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language_from_request
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from callastar.calls.models import Provider, Room

DEVICES = "camera=(self), microphone=(self), display-capture=(self)"
View = Callable[[HttpRequest, str], HttpResponse]


def _for_a_room(view: View) -> View:
    """A page of a room: framed by this site alone, kept nowhere, unknown to whoever is linked to."""

    @never_cache
    @xframe_options_sameorigin
    @require_safe
    @wraps(view)
    def answer(request: HttpRequest, name: str) -> HttpResponse:
        response = view(request, name)
        response["Permissions-Policy"] = DEVICES
        response["Referrer-Policy"] = "no-referrer"
        return response

    # The library's types know views without arguments only.
    return cast(View, csp_replace({"frame-ancestors": ["'self'"]})(cast(Any, answer)))


@_for_a_room
def room(request: HttpRequest, name: str) -> HttpResponse:
    """The same page for everybody who knows its address: names and all else come from the API, against the token."""
    found = get_object_or_404(Room.objects.select_related("call"), name=name, provider=Provider.BUILT_IN)
    return render(request, "calls/room.html", {"room": found, "call": found.call})


@_for_a_room
def to_room(request: HttpRequest, name: str) -> HttpResponse:
    """From the address without a language to the viewer's. The token is in the fragment, which browsers carry along."""
    wanted = request.user.locale if request.user.is_authenticated else get_language_from_request(request)
    with translation.override(wanted):
        return HttpResponseRedirect(reverse("rooms:room", args=[name]))
