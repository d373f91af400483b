"""Emptying events whose content is not kept any longer: that there was one stays known, or it would be stored again."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from callastar.core.batches import BATCH, oldest_first
from callastar.webhooks.models import WebhookEvent

KEPT = timedelta(days=90)  # LO-2


def forget_payloads(*, now: datetime, batch: int = BATCH) -> Iterator[int]:
    """Empty what came longer ago than payloads are kept, in batches; yields how many each has emptied.

    Such an event cannot be run again (`EventForgottenError`).
    """
    old = WebhookEvent.objects.filter(payload_forgotten_at=None, received_at__lt=now - KEPT)
    yield from oldest_first(
        old, by="received_at", act=lambda rows: rows.update(payload={}, payload_forgotten_at=now), batch=batch
    )
