"""Reads of notifications: each person finds only their own."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Func, IntegerField, OuterRef, QuerySet

from callastar.accounts.models import User
from callastar.notifications.models import Notification

MOST_COUNTED = 100  # one more than the bell shows: nobody needs to know how many exactly


def notifications_of(person: User) -> QuerySet[Notification]:
    """What a person was told, newest first."""
    return Notification.objects.filter(recipient=person).order_by("-created_at", "-pk")


def unread_of(person: User) -> QuerySet[Notification]:
    """What they have not read yet, newest first."""
    return notifications_of(person).filter(read_at=None)


def with_unread_count(people: QuerySet[User]) -> QuerySet[User]:
    """The same people, each with how many are unread, counted up to `MOST_COUNTED`."""
    unread = Notification.objects.filter(recipient=OuterRef("pk"), read_at=None).values("pk")[:MOST_COUNTED]
    count = Func(ArraySubquery(unread), function="cardinality", output_field=IntegerField())
    return people.annotate(unread_notifications=count)


def unread_count(person: User) -> int:
    """How many are unread, counted up to `MOST_COUNTED`: when the person was loaded, if that was done then."""
    counted: int | None = getattr(person, "unread_notifications", None)
    if counted is not None:
        return counted
    return Notification.objects.filter(recipient=person, read_at=None)[:MOST_COUNTED].count()


def unread_text(person: User) -> str:
    """How many are unread, as the bell shows it: empty if none, `99+` if there are many."""
    count = unread_count(person)
    if count >= MOST_COUNTED:
        return f"{MOST_COUNTED - 1}+"
    return str(count or "")
