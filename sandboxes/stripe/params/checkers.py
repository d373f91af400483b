"""Readers of form values: each takes text (or a nested form) and gives a value, or raises ApiError."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from sandboxes.stripe.wire.errors import invalid as invalid_request
from sandboxes.stripe.wire.errors import missing, unknown


class Checker(Protocol):
    """Reads the value of the parameter named ``at`` (``transfer_data[destination]``)."""

    def read(self, value: Any, at: str) -> Any:
        """The value, of the right type; raises ApiError."""


@dataclass(frozen=True)
class Text:
    """A text that is not empty."""

    def read(self, value: Any, at: str) -> str:
        """The text."""
        if not isinstance(value, str):
            raise invalid_request("Invalid string: " + _shown(value), param=at)
        if value == "":
            message = (
                f"You passed an empty string for '{at}'. We assume empty values are an attempt to unset a "
                f"parameter; however '{at}' cannot be unset. You should remove '{at}' from your request or "
                "supply a non-empty value."
            )
            raise invalid_request(message, code="parameter_invalid_empty", param=at)
        if len(value) > 5000:
            raise invalid_request(
                f"Invalid string: {value[:20]}...; must be at most 5000 characters",
                code="parameter_invalid_string_length",
                param=at,
            )
        return value


@dataclass(frozen=True)
class Integer:
    """A whole number."""

    def read(self, value: Any, at: str) -> int:
        """The number."""
        digits = value.removeprefix("-") if isinstance(value, str) else ""
        if not (digits.isascii() and digits.isdecimal()):
            raise invalid_request(
                f"Invalid integer: {_shown(value)}", code="parameter_invalid_integer", param=at
            )
        return int(value)


@dataclass(frozen=True)
class Decimal:
    """A decimal number, kept as it was written."""

    def read(self, value: Any, at: str) -> float:
        """The number."""
        try:
            return float(value)
        except (TypeError, ValueError):
            raise invalid_request(f"Invalid decimal: {_shown(value)}", param=at) from None


@dataclass(frozen=True)
class Flag:
    """true or false."""

    def read(self, value: Any, at: str) -> bool:
        """The truth."""
        if value not in ("true", "false"):
            raise invalid_request(f"Invalid boolean: {_shown(value)}", param=at)
        return bool(value == "true")


@dataclass(frozen=True)
class Word:
    """One of a few words."""

    words: tuple[str, ...]

    def read(self, value: Any, at: str) -> str:
        """The word."""
        if value not in self.words:
            *first, last = self.words
            choices = f"{', '.join(first)}, or {last}" if first else last
            raise invalid_request(f"Invalid {at}: must be one of {choices}", param=at)
        return str(value)


@dataclass(frozen=True)
class Gone:
    """A parameter of earlier versions."""

    message: str
    code: str

    def read(self, value: Any, at: str) -> Any:
        """Nothing: raises ApiError."""
        raise invalid_request(self.message, code=self.code, param=at)


@dataclass(frozen=True)
class Many:
    """A list."""

    item: Checker

    def read(self, value: Any, at: str) -> list[Any]:
        """The list; an empty text is an empty list."""
        if value == "":
            return []
        if not isinstance(value, list):
            raise invalid_request("Invalid array", param=at)
        return [self.item.read(each, f"{at}[{index}]") for index, each in enumerate(value)]


@dataclass(frozen=True)
class Texts:
    """Keys and texts of the caller's own choice: metadata."""

    def read(self, value: Any, at: str) -> dict[str, str]:
        """The texts; raises ApiError beyond 50 keys, 40 characters in a key or 500 in a value."""
        if not isinstance(value, dict):
            raise invalid_request("Invalid object", param=at)
        if len(value) > 50:
            raise invalid_request("Metadata can have up to 50 keys.", param=at)
        for key, text in value.items():
            self._check(key, text, at)
        return value

    @staticmethod
    def _check(key: str, text: Any, at: str) -> None:
        if len(key) > 40:
            raise invalid_request(f"Metadata keys can have up to 40 characters. Invalid key: {key}", param=at)
        if not isinstance(text, str):
            raise invalid_request(f"Metadata values must be strings. Invalid key: {key}", param=at)
        if len(text) > 500:
            message = (
                "Metadata values can have up to 500 characters, but you passed in a value that is "
                f"{len(text)} characters. Invalid value: {text[:20]}..."
            )
            raise invalid_request(message, param=f"{at}[{key}]")


@dataclass(frozen=True)
class Hash:
    """Named parameters."""

    fields: Mapping[str, Checker]
    required: frozenset[str] = frozenset()

    def read(self, value: Any, at: str = "") -> dict[str, Any]:
        """The parameters; raises ApiError for one too many or too few."""
        if not isinstance(value, dict):
            raise invalid_request("Invalid object", param=at)
        if surplus := [_below(at, name) for name in value if name not in self.fields]:
            raise unknown(surplus)
        for name in sorted(self.required - value.keys()):
            raise missing(_below(at, name))
        return {name: self.fields[name].read(each, _below(at, name)) for name, each in value.items()}

    def extended(self, required: frozenset[str] = frozenset(), **more: Checker) -> "Hash":
        """The same with other parameters besides, or in place of its own."""
        return Hash({**self.fields, **more}, self.required | required)

    def without(self, *names: str) -> "Hash":
        """The same but for some parameters."""
        return Hash({k: v for k, v in self.fields.items() if k not in names}, self.required - set(names))


@dataclass(frozen=True)
class OneOf:
    """Readers for the shapes a value may have; ``empty`` lets "" through, which unsets a value."""

    scalars: tuple[Checker, ...] = ()
    lists: tuple[Checker, ...] = ()
    hashes: tuple[Checker, ...] = ()
    empty: bool = False
    words: frozenset[str] = field(default_factory=frozenset)

    def read(self, value: Any, at: str) -> Any:
        """What the fitting reader gives; the last one's complaint if none fits."""
        if value == "" and self.empty:
            return ""
        if isinstance(value, str) and value in self.words:
            return value
        return self._fitting(value).read(value, at)

    def _fitting(self, value: Any) -> Checker:
        shapes = self.scalars
        if isinstance(value, dict):
            shapes = self._hashes_for(value)
        elif isinstance(value, list):
            shapes = self.lists
        choices = (*shapes, *self.scalars, *self.hashes, *self.lists)
        return choices[0] if choices else Word(tuple(sorted(self.words)))

    def _hashes_for(self, value: Any) -> tuple[Checker, ...]:
        """Those whose ``object`` may be what the value says it is."""
        named = value.get("object") if isinstance(value, dict) else None
        hashes = [each for each in self.hashes if isinstance(each, Hash)]
        fitting = [each for each in hashes if named in getattr(each.fields.get("object"), "words", ())]
        return tuple(fitting) or self.hashes


def _below(at: str, name: str) -> str:
    return f"{at}[{name}]" if at else name


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else "object"
