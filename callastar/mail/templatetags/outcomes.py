"""Filters of the mails about what became of a call."""

from django import template

from callastar.mail import texts

register = template.Library()


@register.filter
def decision_sentence(found: str, other_name: str) -> str:
    """What was decided that became of a call, in a sentence to one of its two people."""
    return texts.decision_sentence(found, other_name)
