"""Telling people something in the app, and noting what they have read."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

from callastar.accounts.models import Role, User
from callastar.live.operations import publish_notifications
from callastar.notifications.models import Notification, NotificationType
from callastar.notifications.refusals import NotificationNotFoundError
from callastar.notifications.texts import words_for


def notify(
    *, to: User, type: NotificationType, params: Mapping[str, Any], link: str, dedupe_key: str, now: datetime
) -> Notification | None:
    """Tell a person something; it rolls back with the caller's transaction, which must be open.

    `params` are plain JSON: amounts as `{"minor", "currency"}`, moments in ISO 8601, `variant` where a type has some;
    ValueError if the text of this type and variant needs others. `link` is the path of a page without its language,
    `bookings/<id>`, or empty. The same `dedupe_key` is the same notification: None if it was there before.
    """
    row = _row(to=to, type=type, params=params, link=link, dedupe_key=dedupe_key, now=now)
    return next(iter(_insert([row])), None)


def notify_admins(
    *, type: NotificationType, params: Mapping[str, Any], link: str, dedupe_key: str, now: datetime
) -> list[Notification]:
    """Tell every active admin, each once for `dedupe_key`; otherwise as `notify`. Answers those that are new."""
    admins = User.objects.filter(role=Role.ADMIN, is_active=True).order_by("pk")
    return _insert(
        [
            _row(to=one, type=type, params=params, link=link, dedupe_key=f"{dedupe_key}:{one.pk}", now=now)
            for one in admins
        ]
    )


@transaction.atomic
def mark_read(*, user: User, notification_id: UUID, now: datetime) -> Notification:
    """Note that a person has read one of theirs; the first time counts. Raises `NotificationNotFoundError`."""
    own = Notification.objects.filter(pk=notification_id, recipient=user)
    if own.filter(read_at=None).update(read_at=now):
        publish_notifications(person_id=user.pk)
    notification = own.first()
    if notification is None:
        raise NotificationNotFoundError
    return notification


@transaction.atomic
def mark_all_read(*, user: User, now: datetime) -> int:
    """Note that a person has read all of theirs; answers how many were unread."""
    marked = Notification.objects.filter(recipient=user, read_at=None).update(read_at=now)
    if marked:
        publish_notifications(person_id=user.pk)
    return marked


def _row(
    *, to: User, type: NotificationType, params: Mapping[str, Any], link: str, dedupe_key: str, now: datetime
) -> Notification:
    missing = words_for(type, params).needs - params.keys()
    if missing:
        raise ValueError(f"{type} says {', '.join(sorted(missing))}, which is not given")
    if link.startswith("/") or "//" in link:
        raise ValueError(f"{link!r} is not a path without its language")
    return Notification(
        recipient=to, type=type, params=dict(params), link=link, dedupe_key=dedupe_key, created_at=now
    )


def _insert(rows: list[Notification]) -> list[Notification]:
    """Write those whose key is new and tell open pages; a transaction that writes the same key is waited for."""
    if not connection.in_atomic_block:
        raise TransactionManagementError("A notification belongs to the transaction that causes it.")
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    new = set(Notification.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    written = [row for row in rows if row.pk in new]
    for person_id in {row.recipient_id for row in written}:
        publish_notifications(person_id=person_id)
    return written
