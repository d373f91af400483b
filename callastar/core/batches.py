"""Going through very many old rows without being in anybody's way."""

from collections.abc import Callable, Iterator
from time import monotonic, sleep
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

BATCH = 1000
LONGEST_REST = 1.0  # seconds


def oldest_first(
    rows: QuerySet[Any], *, by: str, act: Callable[[QuerySet[Any]], object], batch: int = BATCH
) -> Iterator[int]:
    """Do something to rows, the oldest by the moment `by` first; yields how many after each batch.

    After `act` a row must not be one of `rows` any more. Each batch is a short transaction of its own that locks only
    its own rows and leaves out those that somebody else has locked: they come with the next run. After each one others
    have the machine for as long as it took. Whoever stops between two batches, or dies within one, has lost nothing.
    `by` needs an index together with what `rows` are chosen by.
    """
    reached = None
    while True:
        began = monotonic()
        # What is gone stays in the index until it is vacuumed: no batch reads past what those before it have read.
        left = rows if reached is None else rows.filter(**{f"{by}__gte": reached})
        with transaction.atomic():
            locked = left.order_by(by).select_for_update(skip_locked=True)
            found = list(locked.values_list("pk", by)[:batch])
            if found:
                act(rows.model._default_manager.filter(pk__in=[key for key, _ in found]))
        if found:
            reached = found[-1][1]
            took = monotonic() - began
            yield len(found)
        if len(found) < batch:
            return
        sleep(min(took, LONGEST_REST))
