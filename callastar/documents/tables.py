"""Tables on paper: they break over pages, repeat their headings and keep their total with the row before it.

fpdf2 has tables of its own, which take three times as long for a thousand rows and know no totals.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from fpdf.enums import Align

from callastar.documents.paper import (
    BORDER,
    GOLD_SOFT,
    INK,
    MARGIN,
    MUTED,
    NIGHT,
    SHADE,
    TEXT,
    WIDTH,
    Colour,
    Paper,
)

_PADDING_X, _PADDING_Y = 1.5, 1.3
_LEADING = 0.52  # millimetres of a line's height for each point of its type
_SMALLEST = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column; `width` in millimetres. Amounts are set to the right and never broken."""

    title: str
    width: float
    is_amount: bool = False

    @property
    def room(self) -> float:
        """The width that text has."""
        return self.width - 2 * _PADDING_X


@dataclass(frozen=True, kw_only=True, slots=True)
class _Style:
    size: float
    colour: Colour
    ground: Colour | None = None
    bold: bool = False


@dataclass(frozen=True, slots=True)
class _Row:
    cells: list[list[str]]
    style: _Style

    @property
    def height(self) -> float:
        return max(map(len, self.cells)) * self.style.size * _LEADING + 2 * _PADDING_Y


class Table:
    """Draws rows onto a paper, at `size` points or as much less as its widest amount asks for."""

    def __init__(self, paper: Paper, columns: Sequence[Column], *, size: float = 8) -> None:
        self.paper, self.columns, self.size = paper, columns, size

    def draw(self, rows: Sequence[Sequence[str]], *, total: Sequence[str] = (), headed: bool = True) -> None:
        """All rows, then the total, if any, where it stands out."""
        size = self._fitting([*rows, total] if total else rows)
        plain = _Style(size=size, colour=INK)
        laid = [self._row(cells, plain) for cells in rows]
        if total:
            laid.append(self._row(total, _Style(size=size, colour=NIGHT, ground=GOLD_SOFT, bold=True)))
        titles = [column.title for column in self.columns]
        heading = self._row(titles, _Style(size=min(size, self.size - 0.5), colour=MUTED, ground=SHADE))
        if headed:
            self._put(heading)
        for number, row in enumerate(laid):
            needed = row.height + (laid[-1].height if total and number == len(laid) - 2 else 0)
            if self.paper.will_page_break(needed):
                self.paper.add_page()
                if headed:
                    self._put(heading)
            self._put(row, ruled=number > 0)

    def _fitting(self, rows: Sequence[Sequence[str]]) -> float:
        self.paper.type(TEXT, self.size, INK, bold=True)
        shares = [
            self.paper.get_string_width(self.paper.writable(cell)) / column.room
            for cells in rows
            for column, cell in zip(self.columns, cells, strict=True)
            if column.is_amount
        ]
        return max(_SMALLEST, self.size / max([1.0, *shares]))

    def _row(self, cells: Sequence[str], style: _Style) -> _Row:
        self.paper.type(TEXT, style.size, style.colour, bold=style.bold)
        laid = [
            self.paper.cell_lines(cell, column.room) for column, cell in zip(self.columns, cells, strict=True)
        ]
        return _Row(laid, style)

    def _put(self, row: _Row, *, ruled: bool = False) -> None:
        paper, style, top = self.paper, row.style, self.paper.get_y()
        if style.ground:
            paper.fill(style.ground).rect(MARGIN, top, WIDTH, row.height, style="F")
        elif ruled:
            paper.set_line_width(0.2)
            paper.draw(BORDER).line(MARGIN, top, MARGIN + WIDTH, top)
        paper.type(TEXT, style.size, style.colour, bold=style.bold)
        leading = style.size * _LEADING
        edges = accumulate((column.width for column in self.columns), initial=MARGIN)
        for column, left, lines in zip(self.columns, edges, row.cells, strict=False):
            start = top + (row.height - len(lines) * leading) / 2
            for number, line in enumerate(lines):
                paper.set_xy(left + _PADDING_X, start + number * leading)
                paper.cell(column.room, leading, line, align=Align.R if column.is_amount else Align.L)
        paper.set_xy(MARGIN, top + row.height)
