"""The buttons: which an object has, and what each does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandboxes.stripe import repo
from sandboxes.stripe.context import Context, Json
from sandboxes.stripe.people.dashboard.deliveries import deliveries_of, send_again
from sandboxes.stripe.people.dashboard.formats import decimal_amount, minor_units
from sandboxes.stripe.people.dashboard.sections import Entry

Form = Mapping[str, Any]


class Refusal(Exception):
    """A button that could not do its work; ``key`` names our own words for it, else the service's are shown."""

    def __init__(self, message: str, *, key: str | None = None) -> None:
        super().__init__(message)
        self.key = key

    def text(self, texts: Json) -> str:
        """The reason in the reader's words, as far as we have them."""
        return str(texts["refused"].format(message=texts[self.key] if self.key else str(self)))


@dataclass(frozen=True)
class Button:
    """A button as it is drawn; ``amount`` is what its input holds at first."""

    name: str
    quiet: bool = False
    amount: str = ""
    currency: str = ""


@dataclass(frozen=True)
class Action:
    """What a button does to the objects it belongs to."""

    kinds: tuple[str, ...]
    applies: Callable[[Context, Json], bool]
    do: Callable[[Context, Entry, Form], object]
    quiet: bool = False
