"""What every use case of the sandbox works with."""

from dataclasses import dataclass
from typing import Any

from sandboxes.kit.app import Kit
from sandboxes.kit.clock import Clock
from sandboxes.kit.store import Store
from sandboxes.kit.timers import Timers
from sandboxes.kit.webhooks import Deliveries

API_VERSION = "2026-10-28.endive"

Json = dict[str, Any]


@dataclass(frozen=True)
class Keys:
    """The platform's keys, its account and the application its connected accounts know it by."""

    secret: str
    publishable: str
    account: str
    application: str


@dataclass
class Context:
    """Store, clock, queues and keys; ``origin`` is the request being served, as events name it."""

    store: Store
    clock: Clock
    timers: Timers
    deliveries: Deliveries
    keys: Keys
    public_url: str
    country: str
    currency: str
    origin: Json

    @classmethod
    def of(cls, kit: Kit) -> "Context":
        """The context of a running sandbox."""
        keys = kit.options.keys
        return cls(
            store=kit.store,
            clock=kit.clock,
            timers=kit.timers,
            deliveries=kit.deliveries,
            keys=Keys(
                keys["secret_key"], keys["publishable_key"], keys["platform_account"], keys["application"]
            ),
            public_url=kit.options.public_url,
            country=kit.options.args.country,
            currency=kit.options.args.currency,
            origin=NO_ORIGIN,
        )

    @property
    def platform(self) -> str:
        """The id of the platform's own account."""
        return self.keys.account

    def now(self) -> int:
        """The sandbox's present in whole unix seconds."""
        return int(self.clock.now())


NO_ORIGIN: Json = {"id": None, "idempotency_key": None}
