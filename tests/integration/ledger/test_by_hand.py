"""LE-1, LE-3: what an admin posts by hand: the reverse of a wrong entry, and what moved at Stripe by hand."""

import pytest
from django.db import transaction

from callastar.audit.models import LogEntry
from callastar.audit.operations import Actor
from callastar.core import clock
from callastar.core.errors import Refusal
from callastar.core.ids import new_id
from callastar.ledger import queries
from callastar.ledger.models import Account, Balance, Entry, EntryKind
from callastar.ledger.operations import About, Posting, adjust, correct, post, reverse
from tests.factories import make_admin

pytestmark = pytest.mark.django_db(transaction=True)
CREATOR = 7


@pytest.fixture
def admin() -> Actor:
    return Actor.of(make_admin())


@pytest.fixture
def entry() -> Entry:
    with transaction.atomic():
        made = post(
            key="transfer:tr_1",
            kind=EntryKind.TRANSFER,
            currency="EUR",
            lines=[Posting(Account.CREATOR_BALANCE, 8180), Posting(Account.EARNINGS, -8180)],
            about=About(creator_id=CREATOR, payment_id=new_id()),
            now=clock.now(),
        )
    assert made
    return made


def booked(admin: Actor, **changes: object) -> Entry:
    given = {"amount": -1250, "currency": "EUR", "reference": "txn_1", "reason": "Topped up"}
    return adjust(**{**given, **changes}, actor=admin, now=clock.now())  # type: ignore[arg-type]


def moved(entry: Entry) -> list[tuple[str, int | None, int]]:
    return list(entry.lines.order_by("id").values_list("account", "creator_id", "amount"))


def refused(count: int, do) -> str:
    """The code of the refusal; nothing was posted, nothing logged."""
    logged = LogEntry.objects.count()
    with pytest.raises(Refusal) as refusal:
        do()
    assert (Entry.objects.count(), LogEntry.objects.count()) == (count, logged)
    return refusal.value.code


def test_a_wrong_entry_is_taken_back(entry, admin):
    """LE-1: by its reverse, which says why and who; balances are as before it."""
    made = correct(entry_id=entry.pk, reason=" Posted twice ", actor=admin, now=clock.now())
    assert (made.kind, made.reverses_id, made.note) == (EntryKind.CORRECTION, entry.pk, "Posted twice")
    assert sum(line.amount for line in made.lines.all()) == 0
    assert not Balance.objects.exclude(amount=0).exists()
    assert queries.mismatched_balances() == queries.unbalanced_entries() == []
    log = LogEntry.objects.get(type="LEDGER_CORRECTED")
    assert (log.actor_id, log.metadata["reason"]) == (admin.id, "Posted twice")


def test_each_entry_is_taken_back_once(entry, admin):
    """LE-1: also one that the product itself took back; a correction can be taken back in its turn."""
    made = correct(entry_id=entry.pk, reason="x", actor=admin, now=clock.now())
    again = {"reason": "x", "actor": admin, "now": clock.now()}
    assert refused(2, lambda: correct(entry_id=entry.pk, **again)) == "already_reversed"
    correct(entry_id=made.pk, **again)
    assert queries.open_earnings(CREATOR) == {entry.payment_id: 8180}
    other = booked(admin)
    with transaction.atomic():
        reverse(entry=other, key="y", kind=EntryKind.PAYOUT_FAILURE, now=clock.now())
    assert refused(5, lambda: correct(entry_id=other.pk, **again)) == "already_reversed"


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_reason_is_needed(entry, admin, reason):
    """LE-1: for both."""
    by = {"actor": admin, "now": clock.now()}
    assert refused(1, lambda: correct(entry_id=entry.pk, reason=reason, **by)) == "reason_missing"
    assert refused(1, lambda: booked(admin, reason=reason)) == "reason_missing"


@pytest.mark.parametrize(
    ("creator_id", "account"), [(None, "PLATFORM_BALANCE"), (CREATOR, "CREATOR_BALANCE")]
)
@pytest.mark.parametrize("amount", [-1250, 1250])
def test_what_moved_by_hand_is_booked(admin, creator_id, account, amount):
    """LE-3: on the balance that it moved, either way, under Stripe's id; logged."""
    made = booked(admin, amount=amount, creator_id=creator_id)
    assert moved(made) == [(account, creator_id, amount), ("ADJUSTMENTS", None, -amount)]
    assert (made.key, made.reference, made.note) == ("adjustment:txn_1", "txn_1", "Topped up")
    log = LogEntry.objects.get(type="LEDGER_ADJUSTED")
    assert (log.actor_id, log.metadata["entry"]) == (admin.id, str(made.pk))


def test_a_movement_is_booked_once(admin):
    """LE-1: its id is its key."""
    booked(admin)
    assert refused(1, lambda: booked(admin, amount=5, reference=" txn_1 ")) == "already_adjusted"
    assert refused(1, lambda: booked(admin, reference=" ")) == "reference_missing"
    assert refused(1, lambda: booked(admin, reference="txn_2", amount=0)) == "nothing_moves"
