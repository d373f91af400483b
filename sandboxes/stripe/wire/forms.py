"""Form bodies and query strings with brackets: ``a[b]=1``, ``a[]=1``, ``a[0][b]=1``."""

import re
from typing import Any
from urllib.parse import parse_qsl

from sandboxes.stripe.wire.errors import invalid

_KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_PART = re.compile(r"\[([^\[\]]*)\]")

Json = dict[str, Any]


def decode(encoded: str) -> Json:
    """Nested dicts and lists of strings; raises ApiError for a key that cannot be read."""
    tree: Json = {}
    for key, value in parse_qsl(encoded, keep_blank_values=True):
        _insert(tree, _path(key), value, key)
    return {name: _settle(value) for name, value in tree.items()}


def _path(key: str) -> list[str]:
    found = _KEY.fullmatch(key)
    if found is None:
        raise invalid(f"Invalid parameter name: {key}", param=key)
    return [found[1], *_PART.findall(found[2])]


def _insert(tree: Json, path: list[str], value: str, key: str) -> None:
    for name in path[:-1]:
        tree = tree.setdefault(name, {})
        if not isinstance(tree, dict):
            raise invalid(f"Invalid parameter: {key} is both a value and a hash.", param=key)
    last = path[-1]
    if last == "":
        tree.setdefault("", []).append(value)
    elif isinstance(tree.get(last), dict):
        raise invalid(f"Invalid parameter: {key} is both a value and a hash.", param=key)
    else:
        tree[last] = value


def _settle(value: Any) -> Any:
    """Turn ``{"": [...]}`` and ``{"0": …, "1": …}`` into lists."""
    if not isinstance(value, dict):
        return value
    if set(value) == {""}:
        content = value[""]
        return content if isinstance(content, list) else [_settle(content)]
    if value and all(name.isdecimal() for name in value):
        return [_settle(value[name]) for name in sorted(value, key=int)]
    return {name: _settle(each) for name, each in value.items()}
