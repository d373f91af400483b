"""Parameters of each endpoint, read from the type declarations of Stripe's own library.

Those declarations are generated from Stripe's description of this very API version: what they name is what
the real service knows, what they do not name it refuses.
"""

import importlib
import re
import sys
import types
import typing
from functools import cache
from typing import Any, Literal, Union

import typing_extensions
from stripe import RequestOptions

from sandboxes.stripe.params.checkers import (
    Checker,
    Decimal,
    Flag,
    Hash,
    Integer,
    Many,
    OneOf,
    Text,
    Texts,
    Word,
)

_SCALARS: dict[Any, Checker] = {int: Integer(), str: Text(), bool: Flag(), float: Decimal()}
_OPTIONAL = {typing.NotRequired, typing_extensions.NotRequired}
_WRAPPERS = _OPTIONAL | {typing.Required, typing_extensions.Required}
_NOT_SENT = frozenset(RequestOptions.__annotations__)


@cache
def schema(name: str) -> Hash:
    """The parameters that the library calls ``name``, for example ``RefundCreateParams``."""
    module = "_" + re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    declared = getattr(importlib.import_module(f"stripe.params.{module}"), name)
    return _hash(declared)


@cache
def _hash(declared: type) -> Hash:
    hints = _hints(declared)
    required = frozenset(name for name, hint in hints.items() if typing.get_origin(hint) not in _OPTIONAL)
    return Hash({name: _checker(hint) for name, hint in hints.items()}, required)


def _hints(declared: type) -> dict[str, Any]:
    """Its annotations, resolved, without those that only steer the library."""
    own = {name: hint for name, hint in declared.__annotations__.items() if name not in _NOT_SENT}
    bare = type(declared.__name__, (), {"__annotations__": own})
    return typing_extensions.get_type_hints(bare, vars(sys.modules[declared.__module__]), include_extras=True)


def _checker(hint: Any) -> Checker:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in _WRAPPERS:
        return _checker(arguments[0])
    if origin in (Union, types.UnionType):
        return _union(arguments)
    if origin in (Literal, typing_extensions.Literal):
        return Word(tuple(str(each) for each in arguments))
    if origin is list:
        return Many(_checker(arguments[0]))
    if origin is dict:
        return Texts() if arguments[1] is str else Hash({})
    if typing_extensions.is_typeddict(hint):
        return _hash(hint)
    return _SCALARS[hint]


def _union(members: tuple[Any, ...]) -> Checker:
    """An enumeration is declared open (``Literal[...] | str``); the service itself keeps it closed."""
    words = [str(word) for each in members if _is_literal(each) for word in typing.get_args(each)]
    shown = tuple(word for word in words if word)
    read = [_checker(each) for each in members if not _is_literal(each) and not _is_untyped(each)]
    scalars = [each for each in read if isinstance(each, Integer | Flag | Decimal)]
    texts: list[Checker] = [each for each in read if isinstance(each, Text)]
    if shown and texts:
        texts = [Word(shown)]
    return OneOf(
        scalars=(*scalars, *texts),
        lists=tuple(each for each in read if isinstance(each, Many)),
        hashes=tuple(each for each in read if isinstance(each, Hash | Texts)),
        empty="" in words,
        words=frozenset(shown),
    )


def _is_literal(hint: Any) -> bool:
    return typing.get_origin(hint) in (Literal, typing_extensions.Literal)


def _is_untyped(hint: Any) -> bool:
    """The library's untyped object: another way to write a dict."""
    return getattr(typing.get_origin(hint), "__name__", "") == "UntypedStripeObject"
