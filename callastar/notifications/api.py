"""`/api/notifications`: what one was told, and noting that it is read."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import get_language
from ninja import Query, Router, Schema
from ninja.security import django_auth

from callastar.accounts.models import User
from callastar.accounts.people import person
from callastar.core import clock
from callastar.core.api.fields import ProblemOut
from callastar.core.api.pages import PageIn, page_of
from callastar.notifications import operations, queries
from callastar.notifications.models import Notification
from callastar.notifications.rendering import address_of, bell_label, events_address, texts_of

router = Router(tags=["notifications"], auth=django_auth)


class NotificationOut(Schema):
    """A notification. Title and message are in the asker's language, times in them in their zone.

    `link` is the path of the page that it is about, empty if there is none; `params` is what the texts are made from.
    """

    id: UUID
    type: str
    title: str
    message: str
    link: str
    params: dict[str, Any]
    is_read: bool
    created_at: datetime
    read_at: datetime | None


class NotificationPage(Schema):
    """Some notifications; `next_cursor` asks for those that follow. `unread_count` counts all, up to 100."""

    data: list[NotificationOut]
    next_cursor: str
    unread_count: int


class NotificationFilter(PageIn):
    """All notifications, or with `unread` those that were not read yet."""

    unread: bool = False


class ReadOut(Schema):
    """How many notifications were unread."""

    marked: int


class UnreadOut(Schema):
    """How many were not read yet: as a number up to 100, as the bell shows it, and in words in the asker's language.

    `events_url` is a stream that tells, for some hours, when to ask again.
    """

    count: int
    shown: str
    label: str
    events_url: str


@router.get(
    "", response={200: NotificationPage, (401, 422): ProblemOut}, summary="What I was told, newest first"
)
def list_notifications(request: HttpRequest, wanted: Query[NotificationFilter]) -> NotificationPage:
    """The signed-in person's notifications."""
    reader = person(request)
    rows = queries.unread_of(reader) if wanted.unread else queries.notifications_of(reader)
    found = page_of(rows, by="-created_at", page=wanted)
    return NotificationPage(
        data=[_out(each, reader) for each in found.rows],
        next_cursor=found.next_cursor,
        unread_count=queries.unread_count(reader),
    )


@router.get("/unread", response={200: UnreadOut, 401: ProblemOut}, summary="How many I have not read yet")
def unread(request: HttpRequest) -> UnreadOut:
    """The signed-in person's count, cheap to ask for."""
    reader = person(request)
    shown = queries.unread_text(reader)
    return UnreadOut(
        count=queries.unread_count(reader),
        shown=shown,
        label=bell_label(shown),
        events_url=events_address(reader),
    )


@router.post("/read-all", response={200: ReadOut, 401: ProblemOut}, summary="Mark all as read")
def read_all(request: HttpRequest) -> ReadOut:
    """Every notification of the signed-in person is read from now on."""
    return ReadOut(marked=operations.mark_all_read(user=person(request), now=clock.now()))


@router.post(
    "/{uuid:notification_id}/read",
    response={200: NotificationOut, (401, 404): ProblemOut},
    summary="Mark one as read",
)
def read(request: HttpRequest, notification_id: UUID) -> NotificationOut:
    """The notification; however often it is asked for, the first reading counts."""
    reader = person(request)
    return _out(operations.mark_read(user=reader, notification_id=notification_id, now=clock.now()), reader)


def _out(notification: Notification, reader: User) -> NotificationOut:
    locale = "fr" if (get_language() or "en").startswith("fr") else "en"
    texts = texts_of(notification, locale=locale, zone=reader.zone)
    return NotificationOut(
        id=notification.pk,
        type=notification.type,
        title=texts.title,
        message=texts.message,
        link=address_of(notification, locale=locale),
        params=notification.params,
        is_read=notification.is_read,
        created_at=notification.created_at,
        read_at=notification.read_at,
    )
