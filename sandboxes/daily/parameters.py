"""Checks request bodies against the parameters Daily documents; anything unknown is refused."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
from jsonschema.exceptions import ValidationError

from sandboxes.daily.errors import invalid_request

#: Beyond this a time was given in milliseconds (it would be in the year 5138).
SECONDS_LIMIT = 100_000_000_000
NAME_PATTERN = re.compile(r"[A-Za-z0-9_-]{1,128}")
#: Paths of the sandbox itself, which can therefore not be rooms.
RESERVED_NAMES = frozenset({"v1", "_control", "_assets", "_rtc", "_recordings"})
USER_ID_LIMIT = 36
EJECT_LIMIT = 100


@cache
def _schemas() -> dict[str, Any]:
    text = (Path(__file__).parent / "parameters.json").read_text("utf-8")
    document: dict[str, Any] = json.loads(text)
    for schema in document["components"]["schemas"].values():
        if "properties" in schema:
            schema["additionalProperties"] = False
    return document


@cache
def _validator(schema: str) -> jsonschema.Draft202012Validator:
    root = {"$ref": f"#/components/schemas/{schema}", **_schemas()}
    return jsonschema.Draft202012Validator(root)


def check(*, schema: str, body: dict[str, Any]) -> None:
    """Raise Daily's 400 when ``body`` holds an unknown or badly typed parameter."""
    error = next(_validator(schema).iter_errors(body), None)
    if error is not None:
        raise invalid_request(_explain(error))


def _explain(error: ValidationError) -> str:
    where = ".".join(str(part) for part in error.absolute_path)
    wanted: Any = error.validator_value
    given: Any = error.instance
    schema: Any = error.schema
    if error.validator == "additionalProperties":
        unknown = sorted(set(given) - set(schema["properties"]))
        return f"unknown parameter '{unknown[0]}'" + (f" in '{where}'" if where else "")
    if error.validator == "required":
        missing = next(name for name in wanted if name not in given)
        return f"missing required parameter '{missing}'"
    if error.validator == "enum":
        return f"{where} was '{given}', expected one of {', '.join(wanted)}"
    return f"{where} was '{given}', expected {wanted}"


def check_query(*, query: dict[str, str], known: set[str]) -> None:
    """Refuse query parameters the endpoint does not know."""
    for name in query:
        if name not in known:
            raise invalid_request(f"unknown query parameter '{name}'")


def query_integer(query: dict[str, str], name: str, *, default: int, low: int, high: int) -> int:
    """An integer query parameter between ``low`` and ``high``, both included."""
    text = query.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"-?\d{1,12}", text) or not low <= int(text) <= high:
        raise invalid_request(f"{name} was '{text}', expected an integer from {low} to {high}")
    return int(text)


def check_name(name: str) -> None:
    """Room names: letters, digits, dash and underscore, up to 128 characters."""
    if not NAME_PATTERN.fullmatch(name) or name in RESERVED_NAMES:
        raise invalid_request(
            f"name was '{name[:140]}', expected 1 to 128 of the characters A-Z, a-z, 0-9, - and _"
        )


def check_times(properties: dict[str, Any], *, now: float) -> None:
    """``nbf`` and ``exp`` are unix seconds, ``exp`` lies in the future and after ``nbf``."""
    for name in ("nbf", "exp"):
        value = properties.get(name)
        if value is not None and not 0 <= value < SECONDS_LIMIT:
            raise invalid_request(f"{name} was '{value}', expected a unix time in seconds")
    expiry, opening = properties.get("exp"), properties.get("nbf")
    if expiry is not None and expiry <= now:
        raise invalid_request(f"exp was '{expiry}', which is in the past rather than in the future")
    if expiry is not None and opening is not None and opening >= expiry:
        raise invalid_request(f"nbf was '{opening}', which is not before exp '{expiry}'")


def check_positive(properties: dict[str, Any], *names: str) -> None:
    """The named properties, when given, are 1 or more."""
    for name in names:
        value = properties.get(name)
        if value is not None and value < 1:
            raise invalid_request(f"{name} was '{value}', expected a positive number")
