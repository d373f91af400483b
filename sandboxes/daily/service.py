"""What every part of the stand-in works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandboxes.kit.clock import Clock
from sandboxes.kit.store import Store
from sandboxes.kit.timers import Timers
from sandboxes.kit.webhooks import Deliveries


def _nobody_listens(_session_id: str, _reason: str) -> None:
    """Until the signalling is up nobody needs to be told."""


def _nothing_is_recorded(_meeting: dict[str, Any]) -> None:
    """Until recordings are connected a meeting ends by itself."""


def _nobody_looks(_room: str) -> None:
    """Until the signalling is up nobody needs to see that a recording runs."""


@dataclass
class Service:
    """One Daily domain: its state, its time, its key and its public address (without a final slash)."""

    store: Store
    clock: Clock
    timers: Timers
    deliveries: Deliveries
    api_key: str
    domain: str
    domain_id: str
    public_url: str
    #: Called with (session id, reason) whenever somebody is out, so that the browser hears of it.
    on_left: Callable[[str, str], None] = field(default=_nobody_listens)
    #: Called with a meeting that is over.
    on_meeting_end: Callable[[dict[str, Any]], None] = field(default=_nothing_is_recorded)
    #: Called with a room whenever a recording begins or ends there, so that the browsers show it.
    on_recording: Callable[[str], None] = field(default=_nobody_looks)

    def now(self) -> float:
        """The sandbox's present in unix seconds."""
        return self.clock.now()
