"""Tables on a row's page: what belongs to it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from callastar.backoffice.cells import Cell, Text


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of shown values below their headings."""

    title: Text
    headings: Sequence[Text]
    rows: Sequence[Sequence[Any]]
    note: Text = ""


def table(title: Text, rows: Iterable[Any], columns: Sequence[Cell], *, note: Text = "") -> Table:
    """A table of rows, each shown by the same cells."""
    headings = [cell.short_description for cell in columns]  # type: ignore[attr-defined]
    return Table(title, headings, [[cell(row) for cell in columns] for row in rows], note)


@dataclass(frozen=True, slots=True)
class Facts:
    """Labels and values."""

    title: Text
    rows: Sequence[tuple[Text, Any]]


def facts(title: Text, row: Any, cells: Sequence[Cell]) -> Facts:
    """What is to be known of one row."""
    return Facts(title, [(cell.short_description, cell(row)) for cell in cells])  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Act:
    """Something that can be done with a row: a page that asks (`is_post` false), or a button that does it."""

    label: Text
    url: str
    is_post: bool = False
    variant: str = "outline"
    question: Text = ""
