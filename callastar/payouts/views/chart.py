"""Bars of months, drawn by the server: heights in a box of 100 units, without a script or a style attribute."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

HEIGHT = 100
LEAST = 1.5  # a month that earned anything is seen


@dataclass(frozen=True, slots=True)
class Bar:
    """One month: its amount (minor units) and where its bar stands in the box, from the top."""

    month: date
    amount: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """The bars, the line of zero, and the largest and smallest amounts of the box (0 included)."""

    bars: list[Bar]
    zero: float
    top: int
    bottom: int

    @property
    def total(self) -> int:
        """All of it, in minor units."""
        return sum(bar.amount for bar in self.bars)


def chart_of(amounts: Mapping[date, int]) -> Chart:
    """The chart of amounts by month, in their order; below zero bars hang from the line."""
    top, bottom = max(0, *amounts.values()), min(0, *amounts.values())
    scale = HEIGHT / ((top - bottom) or 1)
    zero = round(top * scale, 2) if top or bottom else HEIGHT
    bars = [_bar(month, amount, zero, scale) for month, amount in amounts.items()]
    return Chart(bars, zero, top, bottom)


def _bar(month: date, amount: int, zero: float, scale: float) -> Bar:
    height = round(max(abs(amount) * scale, LEAST), 2) if amount else 0
    return Bar(month, amount, max(0, round(zero - height, 2)) if amount > 0 else zero, height)
