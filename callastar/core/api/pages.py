"""Lists are paged by cursor: each page names the cursor of the next one.

A cursor is the position of the last row seen, so pages neither repeat nor skip rows that come or go meanwhile.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from ninja import Field, Schema

from callastar.core.errors import Refusal

M = TypeVar("M", bound=Model)


class CursorInvalidError(Refusal):
    """A cursor that we did not make."""

    code = "cursor_invalid"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    text = _("This page does not exist.")


class PageIn(Schema):
    """Which page, and how long."""

    cursor: str = Field(
        "", max_length=400, description="`next_cursor` of the page before; empty: the first page"
    )
    limit: int = Field(20, ge=1, le=100)


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    """Some rows and the cursor of those that follow; empty on the last page."""

    rows: Sequence[M]
    next_cursor: str


def page_of(rows: QuerySet[M], *, by: str, page: PageIn, key: type = UUID) -> Page[M]:
    """One page of `rows`, ordered by the datetime field `by` (`-` for newest first) and the primary key."""
    falling = by.startswith("-")
    field = by.removeprefix("-")
    ordered = rows.order_by(by, "-pk" if falling else "pk")
    if page.cursor:
        ordered = ordered.filter(_after(field, _decode(page.cursor, key), falling=falling))
    found = list(ordered[: page.limit + 1])
    more = len(found) > page.limit
    found = found[: page.limit]
    return Page(found, _encode(found[-1], field) if more else "")


def _after(field: str, position: tuple[datetime, Any], *, falling: bool) -> Q:
    moment, pk = position
    beyond = "lt" if falling else "gt"
    return Q(**{f"{field}__{beyond}": moment}) | Q(**{field: moment, f"pk__{beyond}": pk})


def _encode(row: Model, field: str) -> str:
    position = [getattr(row, field).isoformat(), str(row.pk)]
    return urlsafe_b64encode(json.dumps(position).encode()).decode()


def _decode(cursor: str, key: type) -> tuple[datetime, Any]:
    try:
        moment, pk = json.loads(urlsafe_b64decode(cursor.encode()))
        at = datetime.fromisoformat(moment)
        if at.tzinfo is None:
            raise ValueError(moment)
        return at, key(pk)
    except (ValueError, TypeError, OverflowError) as error:
        raise CursorInvalidError from error
