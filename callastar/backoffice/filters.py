"""Filters of the lists, with titles in the page's language, and the search for people."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib.admin import AllValuesFieldListFilter, ChoicesFieldListFilter, DateFieldListFilter
from django.contrib.admin.filters import FieldListFilter, SimpleListFilter
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from callastar.accounts.models import User
from callastar.backoffice.cells import Text
from callastar.creators.models import Creator

MOST = 200  # people whose rows a search looks for


def titled(kind: type[FieldListFilter], title: Text) -> type[FieldListFilter]:
    """A filter of Django's with a title of its own."""

    def begin(self: Any, *args: Any, **kwargs: Any) -> None:
        kind.__init__(self, *args, **kwargs)
        self.title = title

    return type(f"Titled{kind.__name__}", (kind,), {"__init__": begin})


def choices(field: str, title: Text) -> tuple[str, type[FieldListFilter]]:
    """By one of the values that a field may have."""
    return field, titled(ChoicesFieldListFilter, title)


def values(field: str, title: Text) -> tuple[str, type[FieldListFilter]]:
    """By one of the values that there are."""
    return field, titled(AllValuesFieldListFilter, title)


def coded(field: str, title: Text, texts: Mapping[Any, Text]) -> type[SimpleListFilter]:
    """By one of a few codes, shown in words."""

    class Coded(SimpleListFilter):
        parameter_name = field

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
            return list(texts.items())

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            return queryset.filter(**{field: self.value()}) if self.value() else queryset

    Coded.title = title
    return Coded


def date(field: str, title: Text) -> tuple[str, type[FieldListFilter]]:
    """By time."""
    return field, titled(DateFieldListFilter, title)


def people(term: str, *, creator: str = "", fan: str = "") -> Q:
    """Rows of the creators (by slug, name, email) and fans (by name, email) that a term means."""
    found = Q(pk__in=[])
    person = Q(email__icontains=term) | Q(name__icontains=term)
    if creator:
        of_person = User.objects.filter(person).values("pk")
        creators = Creator.objects.filter(Q(slug__icontains=term) | Q(user__in=of_person))
        found |= Q(**{f"{creator}__in": list(creators.values_list("pk", flat=True)[:MOST])})
    if fan:
        fans = User.objects.filter(person)
        found |= Q(**{f"{fan}__in": list(fans.values_list("pk", flat=True)[:MOST])})
    return found


def keys(term: str, *fields: str) -> Q:
    """Rows with one of our own keys in one of the fields; none if the term is no key."""
    try:
        key = UUID(term)
    except ValueError:
        return Q(pk__in=[])
    return _any(fields, key)


def ids(term: str, *fields: str) -> Q:
    """Rows with one of Stripe's ids in one of the fields."""
    return _any(fields, term)


def _any(fields: tuple[str, ...], value: object) -> Q:
    found = Q(pk__in=[])
    for field in fields:
        found |= Q(**{field: value})
    return found
