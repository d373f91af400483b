"""The sandbox's time: the real one, moved forward on demand."""

import time

from sandboxes.kit.store import Store

_SETTING = "clock_offset"


class Clock:
    """Unix seconds: real time plus an offset that survives a restart."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def offset(self) -> float:
        """Seconds by which the sandbox is ahead of the real time."""
        return float(self._store.setting(_SETTING, 0.0))

    def now(self) -> float:
        """The sandbox's present, in unix seconds."""
        return time.time() + self.offset

    def advance(self, seconds: float) -> None:
        """Move the present forward; raises ValueError for a step back, which nothing here could survive."""
        if seconds < 0:
            raise ValueError("The clock only moves forward.")
        self._store.set_setting(_SETTING, self.offset + seconds)
