"""Writing the system log: one call writes the row and the process log's line, with the same fields."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog

from callastar.audit.models import ActorKind, Level, LogEntry
from callastar.core.secrets import masked, masked_value

if TYPE_CHECKING:
    from callastar.accounts.models import User

_log = structlog.get_logger("callastar.audit")


class Actor:
    """Who does something: a kind and, for people, an id."""

    __slots__ = ("id", "kind")

    def __init__(self, kind: ActorKind, id: UUID | None = None) -> None:
        self.kind, self.id = kind, id

    @classmethod
    def of(cls, user: "User | None") -> "Actor":
        """The actor that a signed-in person is; nobody is a guest."""
        if user is None or not user.is_authenticated:
            return cls(ActorKind.GUEST)
        return cls(ActorKind(user.role), user.pk)


SYSTEM = Actor(ActorKind.SYSTEM)


def record(
    *, type: str, message: str, actor: Actor = SYSTEM, level: Level = Level.INFO, **metadata: Any
) -> LogEntry:
    """Write one entry, in the caller's transaction if there is one. `metadata` values must be JSON or have a `str`.

    What looks like a secret is masked in both logs.
    """
    message = masked(message)
    plain = {
        key: value if isinstance(value, _JSON_SCALARS) else masked_value(str(value), name=key)
        for key, value in metadata.items()
    }
    _log.log(
        _LEVELS[level], message, type=type, actor_kind=actor.kind.value, actor_id=str(actor.id or ""), **plain
    )
    return LogEntry.objects.create(
        level=level, type=type, actor_kind=actor.kind, actor_id=actor.id, message=message, metadata=plain
    )


_JSON_SCALARS = (bool, int, float, type(None))
_LEVELS = {Level.INFO: 20, Level.WARNING: 30, Level.ERROR: 40, Level.CRITICAL: 50}
