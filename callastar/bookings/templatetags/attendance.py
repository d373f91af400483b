"""Lengths and moments of the evidence, to the second."""

from datetime import datetime

from django import template
from django.utils import timezone

register = template.Library()
_SPACE = "\u00a0"


@register.filter
def duration(seconds: int) -> str:
    """`1 h 5 min`, `12 min 30 s`, `45 s`: the same symbols in every language."""
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    parts = [(hours, "h"), (minutes, "min"), (rest, "s")]
    said = [f"{number}{_SPACE}{unit}" for number, unit in parts if number]
    return _SPACE.join(said) or f"0{_SPACE}s"


@register.filter
def clock_time(moment: datetime) -> str:
    """`18:00:05`, in the viewer's zone."""
    return timezone.localtime(moment).strftime("%H:%M:%S")
