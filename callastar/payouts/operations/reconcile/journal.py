"""What the journal says of Stripe's objects, by the keys of its entries. Amounts in minor units, debit positive."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from callastar.ledger.models import Account, Entry, EntryKind, Line

Window = tuple[datetime, datetime | None]


@dataclass(slots=True)
class Posted:
    """One entry: what it did to each account."""

    key: str
    payment_id: UUID | None
    reference: str
    currency: str
    sums: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def of(self, account: Account) -> int:
        """What it moved on an account."""
        return self.sums.get(account.value, 0)


def posted(keys: Collection[str]) -> dict[str, Posted]:
    """Entries by their keys; those that were not posted are left out."""
    return _read(entry__key__in=list(keys))


def posted_of_payments(payment_ids: Iterable[UUID | None], *kinds: EntryKind) -> dict[str, Posted]:
    """Entries of some kinds about payments, by their keys."""
    ids = {payment_id for payment_id in payment_ids if payment_id}
    return _read(entry__payment_id__in=ids, entry__kind__in=kinds) if ids else {}


def references(window: Window, *kinds: EntryKind) -> Iterable[str]:
    """Stripe's ids, from the keys of entries of some kinds that happened within a time."""
    entries = Entry.objects.filter(within("occurred_at", window), kind__in=kinds)
    return (key.split(":", 1)[1] for key in entries.values_list("key", flat=True).iterator(chunk_size=1000))


def _read(**which: object) -> dict[str, Posted]:
    found: dict[str, Posted] = {}
    rows = Line.objects.filter(**which).values_list(
        "entry__key", "entry__payment_id", "entry__reference", "currency", "account", "amount"
    )
    for key, payment_id, reference, currency, account, amount in rows:
        entry = found.setdefault(key, Posted(key, payment_id, reference, currency))
        entry.sums[account] += amount
    return found


def within(name: str, window: Window) -> Q:
    """Rows whose time lies within a window."""
    since, until = window
    return Q(**{f"{name}__gte": since}) & (Q(**{f"{name}__lt": until}) if until else Q())
