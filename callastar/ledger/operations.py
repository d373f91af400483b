"""Posting: one entry for each cause, whose lines add up to nothing; balances are kept in the same transaction."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

from callastar.audit.models import Level
from callastar.audit.operations import Actor, record
from callastar.core.money import Currency
from callastar.ledger.models import Account, Balance, Entry, EntryKind, Line
from callastar.ledger.refusals import (
    AlreadyAdjustedError,
    AlreadyReversedError,
    NothingMovesError,
    ReasonMissingError,
    ReferenceMissingError,
)


class UnbalancedError(ValueError):
    """The lines of an entry do not add up to nothing."""


@dataclass(frozen=True, slots=True)
class Posting:
    """One line to post: minor units, debit positive, credit negative. Nothing is posted for 0.

    `payment_id` names the payment where it is not the entry's.
    """

    account: Account
    amount: int
    payment_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class About:
    """What an entry is about, for those who look for it."""

    creator_id: int | None = None
    payment_id: UUID | None = None
    booking_id: UUID | None = None
    payout_id: UUID | None = None


NOTHING = About()


def post(
    *,
    key: str,
    kind: EntryKind,
    currency: str,
    lines: Sequence[Posting],
    now: datetime,
    about: About = NOTHING,
    occurred_at: datetime | None = None,
    reference: str = "",
    note: str = "",
    reverses: Entry | None = None,
) -> Entry | None:
    """Post an entry in the caller's transaction; None if its key was posted before, or nothing moves.

    Raises `UnbalancedError` for lines that do not add up to nothing; the database refuses them, too.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("An entry belongs to the transaction that causes it.")
    moving = [line for line in lines if line.amount]
    if sum(line.amount for line in moving):
        raise UnbalancedError(f"{key}: {[(line.account.value, line.amount) for line in moving]}")
    if not moving:
        return None
    entry = Entry(
        key=key,
        kind=kind,
        currency=Currency(currency),
        creator_id=about.creator_id,
        payment_id=about.payment_id,
        booking_id=about.booking_id,
        payout_id=about.payout_id,
        reference=reference,
        note=note[:200],
        reverses=reverses,
        line_count=len(moving),
        occurred_at=occurred_at or now,
        posted_at=now,
    )
    if not _insert(entry):
        return None
    rows = [_row(entry, line) for line in moving]
    Line.objects.bulk_create(rows)
    _add_to_balances(rows)
    return entry


def reverse(
    *, entry: Entry, key: str, kind: EntryKind, now: datetime, reference: str = "", note: str = ""
) -> Entry | None:
    """Post the opposite of an entry: the only way to take one back. None if that was posted before."""
    lines = [
        Posting(Account(line.account), -line.amount, line.payment_id) for line in entry.lines.order_by("id")
    ]
    about = About(entry.creator_id, entry.payment_id, entry.booking_id, entry.payout_id)
    return post(
        key=key,
        kind=kind,
        currency=entry.currency,
        lines=lines,
        now=now,
        about=about,
        reference=reference or entry.reference,
        note=note,
        reverses=entry,
    )


def correct(*, entry_id: UUID, reason: str, actor: Actor, now: datetime) -> Entry:
    """Take a wrong entry back, once, for a reason that is kept with the entry that does it; a correction likewise.

    Only the journal changes: rows that say otherwise are found by the nightly comparison. Raises `ReasonMissingError`,
    `AlreadyReversedError`.
    """
    why = _reason(reason)
    with transaction.atomic():
        entry = Entry.objects.select_for_update().get(pk=entry_id)
        if entry.reversed_by.exists():
            raise AlreadyReversedError
        made = reverse(
            entry=entry, key=f"correction:{entry.pk}", kind=EntryKind.CORRECTION, now=now, note=why
        )
        if made is None:
            raise AlreadyReversedError
        record(
            type="LEDGER_CORRECTED",
            level=Level.WARNING,
            message=f"An entry of the journal was taken back: {entry.key}",
            actor=actor,
            entry=entry.pk,
            correction=made.pk,
            reason=why,
        )
    return made


def adjust(
    *,
    amount: int,
    currency: str,
    reference: str,
    reason: str,
    actor: Actor,
    now: datetime,
    creator_id: int | None = None,
) -> Entry:
    """Book what moved at Stripe outside of this product: `amount` minor units, above 0 what came in.

    On the platform's balance, or on that of a creator. `reference` is Stripe's id of the movement, which is booked
    once. Raises `ReasonMissingError`, `ReferenceMissingError`, `NothingMovesError`, `AlreadyAdjustedError`.
    """
    why, reference = _reason(reason), reference.strip()
    if not reference:
        raise ReferenceMissingError
    if not amount:
        raise NothingMovesError
    balance = Account.PLATFORM_BALANCE if creator_id is None else Account.CREATOR_BALANCE
    with transaction.atomic():
        made = post(
            key=f"adjustment:{reference}",
            kind=EntryKind.ADJUSTMENT,
            currency=currency,
            lines=[Posting(balance, amount), Posting(Account.ADJUSTMENTS, -amount)],
            now=now,
            about=About(creator_id=creator_id),
            reference=reference,
            note=why,
        )
        if made is None:
            raise AlreadyAdjustedError
        record(
            type="LEDGER_ADJUSTED",
            level=Level.WARNING,
            message=f"An adjustment of {amount} {currency} was booked: {reference}",
            actor=actor,
            entry=made.pk,
            creator=creator_id,
            reason=why,
        )
    return made


def _reason(reason: str) -> str:
    if not reason.strip():
        raise ReasonMissingError
    return reason.strip()


def is_posted(key: str) -> bool:
    """Whether something was posted under a key."""
    return Entry.objects.filter(key=key).exists()


def _insert(entry: Entry) -> bool:
    """Whether the entry is new: of two at once, the second waits for the first one's commit."""
    Entry.objects.bulk_create([entry], ignore_conflicts=True)
    return Entry.objects.filter(pk=entry.pk).exists()


def _row(entry: Entry, line: Posting) -> Line:
    return Line(
        entry=entry,
        account=line.account,
        creator_id=entry.creator_id if line.account.is_of_creator else None,
        payment_id=line.payment_id or entry.payment_id,
        currency=entry.currency,
        amount=line.amount,
        occurred_at=entry.occurred_at,
    )


def _add_to_balances(rows: Sequence[Line]) -> None:
    """Add to the stored balances, always in the same order, so that two postings never wait for each other."""
    sums: defaultdict[tuple[str, int, str, str], int] = defaultdict(int)
    for row in rows:
        account = Account(row.account)
        if account.is_of_creator or account.is_kept_by_payment:
            payment = str(row.payment_id or "") if account.is_kept_by_payment else ""
            sums[account.value, row.creator_id or 0, payment, row.currency] += row.amount
    for (account_name, creator_id, payment, currency), amount in sorted(sums.items()):
        if amount:
            _add(account_name, creator_id or None, payment or None, currency, amount)


def _add(account: str, creator_id: int | None, payment_id: str | None, currency: str, amount: int) -> None:
    table = Balance._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (account, creator_id, payment_id, currency, amount) VALUES (%s, %s, %s, %s, %s)"  # noqa: S608 - our own table's name
            " ON CONFLICT (account, creator_id, payment_id, currency)"
            f" DO UPDATE SET amount = {table}.amount + excluded.amount",
            [account, creator_id, payment_id, currency, amount],
        )
