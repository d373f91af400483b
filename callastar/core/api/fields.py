"""Types of fields that the API shares."""

from typing import Annotated

from ninja import Schema
from pydantic import AfterValidator


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("NUL characters are not text")
    return text.strip()


Text = Annotated[str, AfterValidator(_without_nul)]


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
