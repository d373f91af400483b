"""Lists in pages (https://resend.com/docs/api-reference/pagination)."""

from typing import Any

from starlette.requests import Request

from sandboxes.kit.store import Document
from sandboxes.resend.errors import invalid

DEFAULT_LIMIT = 20
MAX_LIMIT = 100


def page(request: Request, documents: list[Document]) -> tuple[list[Document], bool]:
    """The part of the list that limit, after and before ask for, and whether there is more that way."""
    query = request.query_params
    if unknown := set(query) - {"limit", "after", "before"}:
        raise invalid(f"Unrecognized query parameter `{min(unknown)}`.")
    if "after" in query and "before" in query:
        raise invalid("The `after` and `before` parameters cannot be used together.")
    limit = _limit(query.get("limit"))
    if "after" in query:
        documents = documents[_position(documents, query["after"]) + 1 :]
    if "before" in query:
        documents = documents[: _position(documents, query["before"])]
        return documents[-limit:], len(documents) > limit
    return documents[:limit], len(documents) > limit


def listing(data: list[Any], has_more: bool) -> dict[str, Any]:
    """A page as Resend answers it."""
    return {"object": "list", "has_more": has_more, "data": data}


def _limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_LIMIT
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MAX_LIMIT:
        raise invalid(f"The `limit` parameter must be a number between 1 and {MAX_LIMIT}.")
    return int(text)


def _position(documents: list[Document], id: str) -> int:
    for position, document in enumerate(documents):
        if document["id"] == id:
            return position
    raise invalid("The pagination cursor does not exist.")
