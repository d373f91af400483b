"""A4 pages in the product's colours: heading, footer, paragraphs and facts. Knows nothing about money."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from math import cos, pi, sin
from pathlib import Path
from typing import cast

from django.utils.translation import gettext as _
from fpdf import FPDF, ViewerPreferences
from fpdf.enums import Align, MethodReturnValue, XPos, YPos
from fpdf.fonts import TTFFont

from callastar.documents.data import Issuer

FONTS = Path(__file__).parent / "fonts"
TEXT, DISPLAY = "noto", "bricolage"

Colour = tuple[int, int, int]
# assets/css/theme.css, and the logo, in sRGB
NIGHT: Colour = (17, 26, 69)
GOLD: Colour = (255, 201, 77)
GOLD_SOFT: Colour = (254, 241, 208)
INK: Colour = (18, 24, 52)
MUTED: Colour = (84, 90, 111)
BORDER: Colour = (221, 223, 232)
SHADE: Colour = (246, 247, 251)
WHITE: Colour = (255, 255, 255)

MARGIN = 16.0  # all lengths in millimetres, all type sizes in points
WIDTH = 210.0 - 2 * MARGIN
BAND, SLIM_BAND = 30.0, 13.0
FOOTER = 18.0
_PAGES = "{pages}"


class Paper(FPDF):
    """One document. Texts come translated; the language is written into it for screen readers."""

    def __init__(
        self, *, title: str, subtitle: str, issuer: Issuer, issued_at: datetime, locale: str
    ) -> None:
        super().__init__(format="A4")
        self.doc_title, self.doc_subtitle, self.issuer = title, subtitle, issuer
        self._load_fonts()
        self._describe(issued_at, locale)
        self.set_margins(MARGIN, MARGIN)
        self.set_auto_page_break(True, margin=FOOTER + 4)
        self.c_margin = 0
        self.add_page()

    def header(self) -> None:
        """A night-blue band: tall with the logo on the first page, slim on those that follow."""
        first = self.page_no() == 1
        height = BAND if first else SLIM_BAND
        self.fill(NIGHT).rect(0, 0, self.w, height, style="F")
        self.fill(GOLD).rect(0, height, self.w, 0.8, style="F")
        size = 13 if first else 6.5
        self._logo(x=MARGIN, y=(height - size) / 2, size=size)
        left = MARGIN + size + (3 if first else 2)
        self.set_xy(left, 0)
        self.type(DISPLAY, 20 if first else 11, WHITE).cell(85, height, self.writable(self.issuer.name))
        self.set_xy(MARGIN + WIDTH / 2, 0)
        title = self.doc_title if first else f"{self.doc_title} · {self.doc_subtitle}"
        self.type(DISPLAY if first else TEXT, 20 if first else 8.5, GOLD)
        self.cell(WIDTH / 2, height, self._clipped(title, WIDTH / 2), align=Align.R)
        self.set_xy(MARGIN, height + 9)

    def footer(self) -> None:
        """Who issued it, where help is, and the page's number."""
        self.set_y(-FOOTER)
        self.draw(BORDER).line(MARGIN, self.get_y(), MARGIN + WIDTH, self.get_y())
        self.set_y(-FOOTER + 3)
        self.type(TEXT, 7.5, MUTED).cell(
            WIDTH, 4, self.writable(f"{self.issuer.name} · {self.issuer.support_email}")
        )
        text = _("Page %(page)s of %(pages)s") % {"page": self.page_no(), "pages": _PAGES}
        # The number of pages is not known yet: its place is kept as wide as one digit.
        self.set_x(MARGIN + WIDTH - self.get_string_width(text.replace(_PAGES, "0")))
        self.cell(20, 4, text)

    def big(self, text: str) -> None:
        """The line that names the document's subject; wraps."""
        self.type(TEXT, 15, INK, bold=True)
        self._lines(text, 7)

    def note(self, text: str, *, size: float = 9) -> None:
        """A quiet paragraph."""
        self.type(TEXT, size, MUTED)
        self._lines(text, size * 0.53)

    def section(self, title: str, *, room: float = 30) -> None:
        """The heading of a part; begins a new page unless `room` millimetres are left below it."""
        self.ln(6)
        if self.will_page_break(room):
            self.add_page()
        self.type(TEXT, 11, NIGHT, bold=True)
        self._lines(title, 6)
        self.fill(GOLD).rect(MARGIN, self.get_y() + 0.4, 12, 0.7, style="F")
        self.ln(3)

    def facts(self, facts: Sequence[tuple[str, Sequence[str]]]) -> None:
        """Named facts side by side, each of one or more wrapping lines."""
        top, bottom, gap = self.get_y(), self.get_y(), 8.0
        width = (WIDTH - gap * (len(facts) - 1)) / len(facts)
        for index, (name, lines) in enumerate(facts):
            left = MARGIN + index * (width + gap)
            self.set_xy(left, top)
            self.type(TEXT, 8, MUTED)
            self._lines(name, 4.6, width=width, left=left)
            for number, line in enumerate(lines):
                self.type(TEXT, 10, INK, bold=number == 0)
                self._lines(line, 5.2, width=width, left=left)
            bottom = max(bottom, self.get_y())
        self.set_xy(MARGIN, bottom)

    def cell_lines(self, text: str, width: float) -> list[str]:
        """The text as lines of at most that width, in the current type."""
        text = self.writable(text)
        if self.get_string_width(text) <= width:
            return [text]
        laid = self.multi_cell(width, 1, text, align=Align.L, dry_run=True, output=MethodReturnValue.LINES)
        return cast(list[str], laid)

    def finish(self) -> bytes:
        """The finished file."""
        return bytes(self.output())

    def writable(self, text: str) -> str:
        """One line that the fonts can write: symbols they lack (emoji) are left out, letters they lack become �."""
        line = "".join(self._character(c) for c in unicodedata.normalize("NFC", text))
        # Not split(): it would take the unbroken spaces of amounts for ordinary ones.
        return " ".join(word for word in line.split(" ") if word)

    def _character(self, character: str) -> str:
        if ord(character) in self.known:
            return character
        category = unicodedata.category(character)
        if category.startswith("Z") or character in "\n\r\t":
            return " "
        return "" if category[0] in "SMC" else "\ufffd"

    def _load_fonts(self) -> None:
        self.add_font(TEXT, "", FONTS / "NotoSans-Regular.ttf")
        self.add_font(TEXT, "B", FONTS / "NotoSans-SemiBold.ttf")
        self.add_font(DISPLAY, "", FONTS / "BricolageGrotesque-Bold.ttf")
        self.set_fallback_fonts([TEXT])
        self.known = frozenset(cast(TTFFont, self.fonts[TEXT]).cmap)

    def _describe(self, issued_at: datetime, locale: str) -> None:
        self.set_title(self.writable(f"{self.doc_title} · {self.doc_subtitle}"))
        self.set_author(self.writable(self.issuer.name))
        self.set_creator(self.writable(self.issuer.name))
        self.set_lang(locale)
        self.set_creation_date(issued_at)
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self.alias_nb_pages(_PAGES)

    def _lines(self, text: str, height: float, *, width: float = WIDTH, left: float = MARGIN) -> None:
        self.set_x(left)
        self.multi_cell(width, height, self.writable(text), align=Align.L, new_x=XPos.LEFT, new_y=YPos.NEXT)

    def _clipped(self, text: str, width: float) -> str:
        text = self.writable(text)
        if self.get_string_width(text) <= width:
            return text
        while text and self.get_string_width(text + "…") > width:
            text = text[:-1]
        return text.rstrip() + "…"

    def type(self, family: str, size: float, colour: Colour, *, bold: bool = False) -> "Paper":
        self.set_font(family, "B" if bold else "", size)
        self.set_text_color(*colour)
        return self

    def fill(self, colour: Colour) -> "Paper":
        self.set_fill_color(*colour)
        return self

    def draw(self, colour: Colour) -> "Paper":
        self.set_draw_color(*colour)
        return self

    def _logo(self, *, x: float, y: float, size: float) -> None:
        """assets/img/logo.svg, without its ground: a camera that holds a star."""
        unit = size / 48
        self.fill(GOLD).rect(
            x + 3 * unit,
            y + 10 * unit,
            30 * unit,
            28 * unit,
            style="F",
            round_corners=True,
            corner_radius=9 * unit,
        )
        lens = ((35.4, 21.5), (44, 16), (45, 18), (45, 30), (44, 32), (35.4, 26.5))
        self.polygon([(x + a * unit, y + b * unit) for a, b in lens], style="F")
        star = [(10.5 if corner % 2 == 0 else 4.6, corner * pi / 5) for corner in range(10)]
        centre_x, centre_y = x + 18 * unit, y + 25 * unit
        points = [(centre_x + r * sin(a) * unit, centre_y - r * cos(a) * unit) for r, a in star]
        self.fill(NIGHT).polygon(points, style="F")
