"""Who may enter the studio: creators, and only theirs."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from callastar.creators.models import Creator

StudioView = Callable[Concatenate[HttpRequest, Creator, ...], HttpResponse]


def for_creators(view: StudioView) -> Callable[..., HttpResponse]:
    """Call a view with the signed-in person's creator; others are shown how to become one."""

    @wraps(view)
    @login_required
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        creator = Creator.objects.select_related("user").filter(user=request.user.pk).first()
        return view(request, creator, *args, **kwargs) if creator else redirect("creators:become")

    return checked
