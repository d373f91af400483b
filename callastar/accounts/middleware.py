"""What a signed-in person's request does beside its page."""

from collections.abc import Callable
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from callastar.accounts.models import User
from callastar.core import clock
from callastar.core.viewer import viewer_zone

SEEN_EVERY = timedelta(minutes=5)


class PersonMiddleware:
    """Shows times in the viewer's zone and notes when a person was last seen, at most every five minutes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override(viewer_zone(request)):
            response = self.get_response(request)
        if request.user.is_authenticated:
            self._note(request.user)
        return response

    def _note(self, user: User) -> None:
        now = clock.now()
        if user.last_seen_at is None or now - user.last_seen_at > SEEN_EVERY:
            User.objects.filter(pk=user.pk).update(last_seen_at=now)
