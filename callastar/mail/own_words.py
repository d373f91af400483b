"""What creators write into the mails of their calls: plain text, where a name in braces stands for a fact of the call.

A brace is nothing else, so that a slip is noticed when the text is saved, not by a fan.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from enum import StrEnum


class Placeholder(StrEnum):
    """What can stand in braces; the names are the same in every language."""

    FAN_NAME = "fan_name"
    CREATOR_NAME = "creator_name"
    CALL_TITLE = "call_title"
    DATE = "date"
    TIME = "time"
    DURATION = "duration"


# What every mail of a call can fill in, and what those before the call can.
PEOPLE = (Placeholder.FAN_NAME, Placeholder.CREATOR_NAME)
OF_A_CALL = tuple(Placeholder)

_BRACES = re.compile(r"\{[^{}\n]{0,40}\}?|\}")
_NAMED = re.compile(r"\{(\w+)\}")
_MANY_LINES = re.compile(r"\n{3,}")
# Marks that turn the direction of what follows them, beyond the text they are in.
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_KEPT_CONTROLS = "\n\t"


def unknown_piece(text: str, allowed: Collection[Placeholder]) -> str | None:
    """The first piece with a brace that is no placeholder of this text, as it was written; None if all is well."""
    known = {f"{{{name}}}" for name in allowed}
    return next((piece for piece in _BRACES.findall(text) if piece not in known), None)


def fill_in(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled in, once: what a value holds is not read again.

    Never fails: what is not known stays as it was written.
    """
    return _NAMED.sub(lambda found: values.get(found[1], found[0]), text)


def tidied(text: str) -> str:
    """The text as it is kept: no control characters, no turning of directions, at most one empty line in a row."""
    lines = _TURNS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).split("\n")
    plain = "\n".join(_visible(line).rstrip() for line in lines)
    return _MANY_LINES.sub("\n\n", plain).strip()


def _visible(line: str) -> str:
    return "".join(c for c in line if c in _KEPT_CONTROLS or unicodedata.category(c) not in {"Cc", "Cs"})
