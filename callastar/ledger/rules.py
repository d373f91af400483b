"""Comparing the journal with Stripe: what one side has of an object against what the other has. Pure functions.

A kind of difference is made of the object's noun and what is wrong with it: `refund_not_here`, `refund_not_there`,
`refund_amount`, `refund_status`. Amounts are in minor units.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

NOT_HERE, NOT_THERE, UNKNOWN = "not_here", "not_there", "unknown"
STATUS, CURRENCY = "status", "currency"
AMOUNT = "amount"


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One object as one of the two sides has it.

    `id` is Stripe's; `our_id` is that of our row, or the key of our entry. The first of `figures` is what the object
    moves; `parts` are what belongs to it (the reversals of a transfer), found by their own ids. `charge` and `intent`
    name the charge and the payment that it came from, if from one.
    """

    noun: str
    id: str
    figures: Mapping[str, int]
    currency: str = ""
    status: str = ""
    our_id: str = ""
    account: str = ""
    charge: str = ""
    intent: str = ""
    parts: tuple["Side", ...] = ()

    @property
    def amount(self) -> int:
        """What the object moves."""
        return next(iter(self.figures.values()))


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that the two sides do not agree on; `ours` or `theirs` is None where that side has nothing."""

    kind: str
    stripe_id: str = ""
    our_id: str = ""
    account: str = ""
    currency: str = ""
    ours: int | None = None
    theirs: int | None = None
    note: str = ""

    @property
    def line(self) -> str:
        """The difference in one line of English, for logs and mails."""
        ids = " / ".join(one for one in (self.stripe_id, self.our_id) if one) or "-"
        where = f" [{self.account}]" if self.account else ""
        figures = f"ours {_shown(self.ours)}, theirs {_shown(self.theirs)} {self.currency}".rstrip()
        return f"{self.kind}: {ids}{where}: {figures}" + (f" ({self.note})" if self.note else "")


def _shown(amount: int | None) -> str:
    return (
        "-" if amount is None else f"{'-' if amount < 0 else ''}{abs(amount) // 100}.{abs(amount) % 100:02}"
    )


def compare(ours: Side | None, theirs: Side | None, *, absent: str = NOT_HERE) -> list[Found]:
    """Everything that the two sides do not agree on about one object; `absent` says how it is called if we lack it."""
    if ours is None or theirs is None:
        return _one_sided(ours, theirs, absent)
    found = [
        _found(ours, theirs, name, ours.figures.get(name, 0), theirs.figures.get(name, 0))
        for name in dict.fromkeys((*ours.figures, *theirs.figures))
        if ours.figures.get(name, 0) != theirs.figures.get(name, 0)
    ]
    for what, here, there in (
        (CURRENCY, ours.currency, theirs.currency),
        (STATUS, ours.status, theirs.status),
    ):
        if here != there:
            note = f"ours {here or '-'}, theirs {there or '-'}"
            found.append(_found(ours, theirs, what, ours.amount, theirs.amount, note))
    return found + _parts(ours, theirs)


def _one_sided(ours: Side | None, theirs: Side | None, absent: str) -> list[Found]:
    if theirs is not None:
        kind = f"{theirs.noun}_{absent}"
        return [Found(kind, theirs.id, "", theirs.account, theirs.currency, None, theirs.amount)]
    if ours is not None:
        kind = f"{ours.noun}_{NOT_THERE}"
        return [Found(kind, ours.id, ours.our_id, ours.account, ours.currency, ours.amount, None)]
    return []


def _found(ours: Side, theirs: Side, what: str, here: int, there: int, note: str = "") -> Found:
    kind = f"{theirs.noun}_{what}"
    return Found(kind, theirs.id, ours.our_id, theirs.account, theirs.currency, here, there, note)


def _parts(ours: Side, theirs: Side) -> list[Found]:
    here, there = ({part.id: part for part in side.parts} for side in (ours, theirs))
    return [
        found for id_ in dict.fromkeys((*there, *here)) for found in compare(here.get(id_), there.get(id_))
    ]


def compare_totals(
    *,
    noun: str,
    our_id: str,
    account: str,
    ours: Mapping[str, int],
    theirs: Mapping[str, int],
    note: str = "",
) -> list[Found]:
    """Sums by currency that are not the same; what a side does not name is nothing."""
    return [
        Found(noun, "", our_id, account, currency, ours.get(currency, 0), theirs.get(currency, 0), note)
        for currency in sorted({*ours, *theirs})
        if ours.get(currency, 0) != theirs.get(currency, 0)
    ]


REMIND_AFTER = timedelta(days=7)


def is_to_be_told(
    *, now_found: Iterable[Found], last_found: Iterable[Found], told_at: datetime | None, now: datetime
) -> bool:
    """Whether admins are to be alerted about what a run found.

    At once when it is not what the run before found; the same again once a week for as long as it stays.
    """
    current = set(now_found)
    if not current:
        return False
    return current != set(last_found) or told_at is None or now - told_at >= REMIND_AFTER


def windows(since: datetime, until: datetime, length: timedelta) -> list[tuple[datetime, datetime | None]]:
    """The time from `since` on in pieces of whole seconds, oldest first; the last one has no end."""
    start, found = since.replace(microsecond=0), []
    while start + length < until:
        found.append((start, start + length))
        start += length
    return [*found, (start, None)]
