"""Deliveries that are refused, in the logs: anybody may make any number of them."""

from datetime import datetime, timedelta
from typing import Any

import structlog

from callastar.audit.models import Level, LogEntry
from callastar.audit.operations import record

WINDOW = timedelta(minutes=1)
MOST = 60  # entries in a minute, whoever they are about: those who can take any address have as many as they like
REFUSED = "WEBHOOK_REFUSED"

_log = structlog.get_logger(__name__)


def note_refusal(*, provider: str, why: str, address: str, now: datetime) -> None:
    """Write down that a delivery was refused, without anything that it said.

    In the system log once a minute for each provider, reason and address, and not for ever more of them; in the
    process log each time.
    """
    about: dict[str, Any] = {"provider": provider, "reason": why, "address": address}
    recent = LogEntry.objects.filter(type=REFUSED, created_at__gt=now - WINDOW)
    known = list(recent.values_list("metadata", flat=True)[:MOST])
    message = f"A webhook was refused: {why}"
    if about in known or len(known) == MOST:
        _log.warning(message, type=REFUSED, **about)
    else:
        record(type=REFUSED, level=Level.WARNING, message=message, **about)
