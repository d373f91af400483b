"""Addresses of the back office: those of its admin site, once all its lists are registered."""

from callastar.backoffice import sections  # noqa: F401 - registers the lists
from callastar.backoffice.site import site

urls = site.urls
