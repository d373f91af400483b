"""Filters of the pages about one's account."""

from django import template

from callastar.accounts import devices

register = template.Library()
register.filter("device_name", devices.device_name)
