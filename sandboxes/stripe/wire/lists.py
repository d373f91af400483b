"""Lists: newest first, cut into pages by the ids at their ends."""

from collections.abc import Callable
from typing import Any

from sandboxes.stripe.wire.errors import invalid, no_such

Json = dict[str, Any]

_MAX = 100
_COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "gt": int.__gt__,
    "gte": int.__ge__,
    "lt": int.__lt__,
    "lte": int.__le__,
}


def page(documents: list[Json], params: Json, url: str, *, filters: tuple[str, ...] = ()) -> Json:
    """One page of documents given oldest first; ``filters`` name parameters equal to a field."""
    wanted = [each for each in reversed(documents) if _matches(each, params, filters)]
    limit = _limit(params)
    if "ending_before" in params:
        before = wanted[: _position(wanted, documents, params, "ending_before")]
        return listing(before[-limit:], url, has_more=len(before) > limit)
    if "starting_after" in params:
        wanted = wanted[_position(wanted, documents, params, "starting_after") + 1 :]
    return listing(wanted[:limit], url, has_more=len(wanted) > limit)


def listing(data: list[Json], url: str, *, has_more: bool = False) -> Json:
    """A list object."""
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def _limit(params: Json) -> int:
    limit = int(params.get("limit", 10))
    if limit < 1:
        raise invalid(
            "This value must be greater than or equal to 1.", code="parameter_invalid_integer", param="limit"
        )
    if limit > _MAX:
        raise invalid(
            f"This value must be less than or equal to {_MAX} (it currently is '{limit}').",
            code="parameter_invalid_integer",
            param="limit",
        )
    return limit


def _matches(document: Json, params: Json, filters: tuple[str, ...]) -> bool:
    equal = all(document.get(name) == params[name] for name in filters if name in params)
    times = (
        _within(document[name], params[name])
        for name in ("created", "arrival_date", "available_on")
        if name in params
    )
    return equal and all(times)


def _within(moment: int, bounds: Any) -> bool:
    if isinstance(bounds, dict):
        return all(_COMPARISONS[name](moment, bound) for name, bound in bounds.items())
    return bool(moment == bounds)


def _position(wanted: list[Json], documents: list[Json], params: Json, name: str) -> int:
    """Where the named object stands, or would stand were it not filtered out."""
    id = params[name]
    if id not in {each["id"] for each in documents}:
        kind = documents[0]["object"] if documents else "object"
        raise no_such(kind, id, param=name, status=400)
    for index, each in enumerate(wanted):
        if each["id"] == id:
            return index
    ids = [each["id"] for each in reversed(documents)]
    at = ids.index(id)
    return sum(ids.index(each["id"]) < at for each in wanted) - (name == "starting_after")
