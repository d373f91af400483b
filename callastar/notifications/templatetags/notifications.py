"""The bell."""

from django import template

from callastar.accounts.models import User
from callastar.notifications.queries import unread_text
from callastar.notifications.rendering import events_address

register = template.Library()


@register.simple_tag
def unread_notifications(person: User) -> str:
    """How many notifications a person has not read: empty if none, `99+` if there are many."""
    return unread_text(person)


@register.simple_tag
def notifications_events(person: User) -> str:
    """Where the person's pages hear that the count has changed."""
    return events_address(person)
