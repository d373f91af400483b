"""Asking hosts about many calls: what fails about one call does not stop the others, an outage does."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol
from uuid import UUID

import structlog

from callastar.audit.models import Level
from callastar.audit.operations import record
from callastar.calls.operations.rooms import OUTAGE
from callastar.core.errors import ProviderError

_log = structlog.get_logger(__name__)


class Question(Protocol):
    """Asks the host about one call. Raises `ProviderError`."""

    def __call__(self, *, call_id: UUID, now: datetime) -> None: ...


def ask_about_each(calls: Iterable[UUID], ask: Question, *, failure: str, now: datetime) -> dict[str, int]:
    """Ask about each of the calls; answers how many were `asked` about, and for how many it `failed`.

    Three temporary failures in a row are an outage: the rest waits for the next run. What went wrong otherwise is about
    one call, and kept by the log under the type `failure`.
    """
    counts = {"asked": 0, "failed": 0}
    in_a_row = 0
    for call_id in list(calls):
        try:
            ask(call_id=call_id, now=now)
        except Exception as error:
            counts["failed"] += 1
            in_a_row = in_a_row + 1 if is_outage(error) else 0
            note_failure(error, call_id=call_id, failure=failure)
        else:
            counts["asked"] += 1
            in_a_row = 0
        if in_a_row == OUTAGE:
            break
    return counts


def is_outage(error: Exception) -> bool:
    """Whether the host could say nothing at all for the moment."""
    return isinstance(error, ProviderError) and error.is_temporary


def note_failure(error: Exception, *, call_id: UUID, failure: str) -> None:
    """A host did not say what it was asked about a call: what will not pass by itself is kept by the log."""
    if is_outage(error):
        _log.warning("the host does not answer", what=failure, call=str(call_id), error=str(error))
        return
    record(
        type=failure,
        level=Level.ERROR,
        message=f"The host of a call could not be asked: {type(error).__name__}: {error}",
        call=call_id,
    )
