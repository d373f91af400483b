"""One's notifications: the list, following one, noting that they are read."""

from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from callastar.accounts.people import person
from callastar.core import clock
from callastar.notifications import operations, queries
from callastar.notifications.models import Notification
from callastar.notifications.refusals import NotificationNotFoundError
from callastar.notifications.rendering import Texts, address_of, texts_of
from callastar.notifications.texts import icon_of

PER_PAGE = 20


@dataclass(frozen=True, slots=True)
class Line:
    """A notification in the list."""

    notification: Notification
    texts: Texts
    icon: str

    @classmethod
    def of(cls, notification: Notification, *, locale: str, zone: ZoneInfo) -> "Line":
        """The line in the page's language, with times in the reader's zone."""
        texts = texts_of(notification, locale=locale, zone=zone)
        return cls(notification, texts, icon_of(notification.type))


@never_cache
@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What the person was told, newest first."""
    reader = person(request)
    page = Paginator(queries.notifications_of(reader), PER_PAGE).get_page(request.GET.get("page"))
    lines = [Line.of(each, locale=_locale(), zone=reader.zone) for each in page]
    return render(request, "notifications/list.html", {"page": page, "lines": lines})


@never_cache
@login_required
@require_GET
def follow(request: HttpRequest, notification_id: UUID) -> HttpResponse:
    """Lead to what a notification is about; having been led there, one has read it."""
    address = address_of(_mark_read(request, notification_id), locale=_locale())
    return redirect(address or "notifications:list")


@login_required
@require_POST
def read(request: HttpRequest, notification_id: UUID) -> HttpResponse:
    """Read, without going anywhere: back to the same page of the list."""
    _mark_read(request, notification_id)
    page = request.POST.get("page", "")
    return redirect(f"{_list_address()}?page={page}" if page.isdecimal() else _list_address())


@login_required
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """All of them are read."""
    operations.mark_all_read(user=person(request), now=clock.now())
    return redirect("notifications:list")


def _mark_read(request: HttpRequest, notification_id: UUID) -> Notification:
    try:
        return operations.mark_read(user=person(request), notification_id=notification_id, now=clock.now())
    except NotificationNotFoundError as error:
        raise Http404 from error


def _list_address() -> str:
    return reverse("notifications:list")


def _locale() -> str:
    return "en" if (get_language() or "fr").startswith("en") else "fr"
