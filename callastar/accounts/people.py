"""Who asks: the person behind a request, with their type."""

from typing import cast

from django.http import HttpRequest

from callastar.accounts.models import User


def person(request: HttpRequest) -> User:
    """The signed-in person; only for views that require one."""
    return cast("User", request.user)


def viewer(request: HttpRequest) -> User | None:
    """The person who looks, None for a guest."""
    return person(request) if request.user.is_authenticated else None
