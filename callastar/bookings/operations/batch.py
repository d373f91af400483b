"""Doing one thing to many bookings, each in its own transaction: one that fails does not stop the others."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.db.models import QuerySet

from callastar.audit.models import Level
from callastar.audit.operations import record
from callastar.bookings.models import Booking


class Deed(Protocol):
    """Does one thing to one booking; False if there was nothing to do."""

    def __call__(self, *, booking_id: UUID, now: datetime) -> bool: ...


MOST = 500  # in one run; the next one goes on


def each(
    found: QuerySet[Booking],
    do: Deed,
    *,
    failure: str,
    now: datetime,
    errors: list[Exception] | None = None,
) -> dict[str, int]:
    """Call `do` for each booking that was found; answers how many were `done`, left alone, and how many `failed`.

    `failure` is the type under which the log keeps what went wrong; who wants to raise it later gets it in `errors`.
    """
    counts = {"done": 0, "left": 0, "failed": 0}
    for booking_id in list(found.values_list("pk", flat=True)[:MOST]):
        try:
            counts["done" if do(booking_id=booking_id, now=now) else "left"] += 1
        except Exception as error:
            counts["failed"] += 1
            if errors is not None:
                errors.append(error)
            record(
                type=failure,
                level=Level.ERROR,
                message=f"A booking could not be dealt with: {type(error).__name__}: {error}",
                booking=booking_id,
            )
    return counts
