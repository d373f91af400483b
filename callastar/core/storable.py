"""What others send, as PostgreSQL can keep it, and as every format can show it.

Its `text` and `jsonb` know neither NUL nor halves of surrogate pairs, and `jsonb` no number that is none; JSON, as
Python reads it, knows all three. XML, of which mails are made, knows no control characters either.
"""

import math
import re
from typing import Any

_NO_TEXT = re.compile("[\0\ud800-\udfff]")
# All that XML 1.0 has no place for (production 2, Char), and the controls that it discourages.
_ILLEGIBLE = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_REPLACED = "\N{REPLACEMENT CHARACTER}"


def storable(value: Any) -> Any:
    """The same JSON with U+FFFD for each character that cannot be kept, and null for numbers that are none.

    Raises `RecursionError` for what is nested more deeply than could be written.
    """
    if isinstance(value, str):
        return _NO_TEXT.sub(_REPLACED, value)
    if isinstance(value, dict):
        return {storable(name): storable(one) for name, one in value.items()}
    if isinstance(value, list):
        return [storable(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def is_storable(text: str) -> bool:
    """Whether a text can be kept as it is."""
    return not _NO_TEXT.search(text)


def legible(text: str) -> str:
    """The text without the characters that nobody sees and XML forbids; tabs and the ends of lines stay."""
    return _ILLEGIBLE.sub("", text)


def word(value: object, *, longest: int) -> str:
    """A name that is kept in a column of `longest` characters. Raises `ValueError` for anything else."""
    if not isinstance(value, str) or not 0 < len(value) <= longest or not is_storable(value):
        raise ValueError("this is no name, or one that cannot be kept")
    return value
