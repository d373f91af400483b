"""What a signed-in person's request does beside its page."""

from collections.abc import Callable
from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from callastar.accounts.models import User
from callastar.core import clock
from callastar.core.viewer import viewer_zone

SEEN_EVERY = timedelta(minutes=5)
SEEN_KEY = "seen_at"  # in the session


class PersonMiddleware:
    """Shows times in the viewer's zone and notes when a person and their device were last seen.

    The notes are written at most every five minutes (allauth's own middleware writes with every request).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override(viewer_zone(request)):
            response = self.get_response(request)
        if request.user.is_authenticated:
            now = clock.now()
            _note_person(request.user, now)
            _note_device(request, now)
        return response


def _note_person(user: User, now: datetime) -> None:
    if _is_long_ago(user.last_seen_at, now):
        User.objects.filter(pk=user.pk).update(last_seen_at=now)


def _note_device(request: HttpRequest, now: datetime) -> None:
    noted = parse_datetime(request.session.get(SEEN_KEY, ""))
    if request.session.session_key and _is_long_ago(noted, now):
        request.session[SEEN_KEY] = now.isoformat()
        UserSession.objects.create_from_request(request)


def _is_long_ago(moment: datetime | None, now: datetime) -> bool:
    return moment is None or now - moment > SEEN_EVERY
