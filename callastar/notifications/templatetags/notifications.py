"""The bell."""

from django import template

from callastar.accounts.models import User
from callastar.notifications.queries import MOST_COUNTED, unread_count

register = template.Library()


@register.simple_tag
def unread_notifications(person: User) -> str:
    """How many notifications a person has not read: empty if none, `99+` if there are many."""
    count = unread_count(person)
    if count >= MOST_COUNTED:
        return f"{MOST_COUNTED - 1}+"
    return str(count or "")
