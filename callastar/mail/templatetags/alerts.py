"""What mails to admins say of an alert: `what` and `params` of their context, as notifications say it."""

from typing import Any

from django import template
from django.template import Context

from callastar.mail.templatetags.mail import moment
from callastar.notifications.alert_texts import ALERTS

register = template.Library()


@register.simple_tag(takes_context=True)
def alert_title(context: Context) -> str:
    """What has happened, in a few words."""
    return _written(context, ALERTS[context["what"]][0])


@register.simple_tag(takes_context=True)
def alert_message(context: Context) -> str:
    """What has happened, in a sentence or two."""
    return _written(context, ALERTS[context["what"]][1])


def _written(context: Context, text: object) -> str:
    return str(text) % {name: _value(name, value) for name, value in context["params"].items()}


def _value(name: str, value: Any) -> str:
    return moment(value) if name.endswith("_at") else str(value)
