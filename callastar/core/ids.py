"""Identifiers: time-ordered UUIDs (version 7, RFC 9562), so that new rows land at the end of an index."""

from uuid import UUID

from uuid_utils.compat import uuid7 as _uuid7


def new_id() -> UUID:
    """A new time-ordered identifier."""
    return _uuid7()
