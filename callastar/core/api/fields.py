"""Types of fields that the API shares."""

from typing import Annotated

from ninja import Schema
from pydantic import AfterValidator

from callastar.core.storable import is_storable, legible


def _stripped(text: str) -> str:
    if not is_storable(text):
        raise ValueError("NUL and halves of characters are not text")
    return legible(text).strip()


Text = Annotated[str, AfterValidator(_stripped)]


class MoneyOut(Schema):
    """An amount: `amount` in minor units (cents) of `currency` (ISO 4217), and as text in the asker's language."""

    amount: int
    currency: str
    text: str


class ProblemOut(Schema):
    """RFC 9457 problem details."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str
    errors: dict[str, list[str]] | None = None
