"""The journal: balanced, posted once, never changed (LE-1), and the balances kept beside it (LE-2)."""

from datetime import timedelta
from threading import Thread

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from callastar.core import clock
from callastar.core.ids import new_id
from callastar.ledger import queries
from callastar.ledger.models import Account, Balance, Entry, EntryKind, Line
from callastar.ledger.operations import About, Posting, UnbalancedError, post, reverse

CREATOR = 7


def _earn(key="transfer:tr_1", amount=8180, creator=CREATOR, payment=None, currency="EUR"):
    return post(
        key=key,
        kind=EntryKind.TRANSFER,
        currency=currency,
        lines=[
            Posting(Account.CREATOR_BALANCE, amount),
            Posting(Account.PLATFORM_BALANCE, -amount),
            Posting(Account.FAN_FUNDS, amount),
            Posting(Account.EARNINGS, -amount),
        ],
        about=About(creator_id=creator, payment_id=payment or new_id()),
        now=clock.now(),
    )


@pytest.mark.django_db
def test_an_entry_is_posted_once():
    """LE-1: the same cause twice is one entry; the balances are those of one."""
    payment = new_id()
    assert _earn(payment=payment) is not None
    assert _earn(payment=payment) is None
    assert Entry.objects.count() == 1
    assert queries.open_earnings(CREATOR) == {payment: 8180}
    assert queries.mismatched_balances() == queries.unbalanced_entries() == []


@pytest.mark.django_db
def test_lines_that_do_not_add_up_are_refused_before_they_reach_the_database():
    """LE-1."""
    with pytest.raises(UnbalancedError):
        post(
            key="x",
            kind=EntryKind.CHARGE,
            currency="EUR",
            lines=[Posting(Account.PLATFORM_BALANCE, 100), Posting(Account.FAN_FUNDS, -99)],
            now=clock.now(),
        )
    assert not Entry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_entry_belongs_to_a_transaction():
    """LE-1: an entry that outlived what caused it would be a lie."""
    with pytest.raises(transaction.TransactionManagementError):
        _earn()
    assert not Entry.objects.exists()


ENTRY = """
    INSERT INTO ledger_entry (id, key, kind, currency, reference, note, line_count, occurred_at, posted_at)
    VALUES (%(id)s, %(key)s, 'CHARGE', 'EUR', '', '', %(count)s, now(), now())
"""
LINE = """
    INSERT INTO ledger_line (entry_id, account, currency, amount, occurred_at)
    VALUES (%(id)s, %(account)s, %(currency)s, %(amount)s, now())
"""


def _by_hand(lines, count=None):
    """What somebody at a prompt of the database might write."""
    id = new_id()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ENTRY, {"id": id, "key": str(id), "count": len(lines) if count is None else count})
        for account, amount, currency in lines:
            cursor.execute(LINE, {"id": id, "account": account, "amount": amount, "currency": currency})


FAIR = [("PLATFORM_BALANCE", 100, "EUR"), ("FAN_FUNDS", -100, "EUR")]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("lines", "count"),
    [
        pytest.param([("PLATFORM_BALANCE", 100, "EUR"), ("FAN_FUNDS", -99, "EUR")], None, id="not zero"),
        pytest.param(
            [("PLATFORM_BALANCE", 100, "EUR"), ("FAN_FUNDS", -100, "USD")], None, id="two currencies"
        ),
        pytest.param([("PLATFORM_BALANCE", 100, "EUR")], None, id="one side"),
        pytest.param([], None, id="no line"),
        pytest.param(FAIR, 3, id="a line is missing"),
    ],
)
def test_the_database_refuses_what_does_not_add_up(lines, count):
    """LE-1: tried with plain SQL, past all of the product's code."""
    with pytest.raises(IntegrityError):
        _by_hand(lines, count)
    assert not Entry.objects.exists()
    assert not Line.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_database_takes_what_adds_up():
    """LE-1: the control of the refusals."""
    _by_hand(FAIR)
    assert Line.objects.count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_line SET amount = amount + 1",
        "UPDATE ledger_line SET account = 'COMMISSION'",
        "DELETE FROM ledger_line",
        "UPDATE ledger_entry SET key = 'other'",
        "DELETE FROM ledger_entry",
        "INSERT INTO ledger_line (entry_id, account, currency, amount, occurred_at)"
        " SELECT id, 'COMMISSION', 'EUR', 5, now() FROM ledger_entry"
        " UNION ALL SELECT id, 'FAN_FUNDS', 'EUR', -5, now() FROM ledger_entry",
    ],
)
def test_what_is_posted_is_never_changed(statement):
    """LE-1: neither changed, nor deleted, nor added to."""
    _by_hand(FAIR)
    before = list(Line.objects.order_by("id").values())
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute(statement)
    assert list(Line.objects.order_by("id").values()) == before
    assert Entry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE ledger_line",
        "TRUNCATE ledger_entry CASCADE",
        "TRUNCATE ledger_line, ledger_entry, ledger_balance",
    ],
)
def test_the_journal_is_never_emptied(statement):
    """LE-1: refused by the database, unless it was told that it may be, as only this run's database is."""
    with transaction.atomic():
        _earn()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL callastar.journal_may_be_emptied = 'off'")
        with pytest.raises(IntegrityError, match="never removed"), transaction.atomic():
            cursor.execute(statement)
    assert Line.objects.count() == 4
    assert Balance.objects.exists()


@pytest.mark.django_db
def test_a_correction_is_the_reverse():
    """LE-1: a wrong entry stays and is undone by another one, once."""
    payment = new_id()
    entry = _earn(payment=payment)
    for _ in range(2):
        reverse(
            entry=entry,
            key="undo:transfer:tr_1",
            kind=EntryKind.CORRECTION,
            now=clock.now(),
            note="booked twice",
        )
    assert Entry.objects.count() == 2
    assert queries.open_earnings(CREATOR) == {}
    assert not any(queries.payment_sums(payment).values())


@pytest.mark.django_db
def test_figures_of_a_creator_by_currency():
    """LE-2: each currency on its own."""
    _earn("transfer:tr_1", 8180)
    _earn("transfer:tr_2", 1820)
    _earn("transfer:tr_3", 500, currency="CHF")
    _earn("transfer:tr_4", 9999, creator=8)
    euro, francs = sorted(queries.creator_totals(CREATOR), key=lambda total: total.currency, reverse=True)
    assert (euro.currency, euro.earned, euro.at_stripe, euro.debt) == ("EUR", 10000, 10000, 0)
    assert (francs.currency, francs.earned) == ("CHF", 500)
    assert queries.account_total(Account.PLATFORM_BALANCE, "EUR") == -19999


@pytest.mark.django_db
def test_a_stored_balance_that_lies_is_found():
    """LE-2: balances are compared with the lines."""
    _earn()
    Balance.objects.filter(account=Account.EARNINGS).update(amount=-1)
    (found,) = queries.mismatched_balances()
    assert (found.account, found.stored, found.summed) == (Account.EARNINGS, -1, -8180)


@pytest.mark.django_db
def test_results_of_a_period():
    """LE-2: the platform's revenue is read from the lines of the period."""
    now = clock.now()
    for key, moment in (("a", now), ("b", now - timedelta(days=40))):
        post(
            key=key,
            kind=EntryKind.COMMISSION,
            currency="GBP",
            lines=[Posting(Account.PLATFORM_BALANCE, 1500), Posting(Account.COMMISSION, -1500)],
            now=now,
            occurred_at=moment,
        )
    sums = queries.sums_by_currency(since=now - timedelta(days=1), until=now + timedelta(days=1))
    assert sums == {"GBP": {Account.COMMISSION: -1500}}


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_many_post_at_once_and_the_balance_is_their_sum():
    """LE-1, LE-2: eight threads post twenty entries, each of them twice; nobody waits for ever, nothing is lost."""
    payment, errors = new_id(), []

    def work(offset):
        try:
            for number in range(20):
                with transaction.atomic():
                    _earn(f"transfer:{(number + offset) % 20}", 100, payment=payment)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [Thread(target=work, args=(offset * 3,)) for offset in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert queries.open_earnings(CREATOR) == {payment: 2000}
    assert queries.mismatched_balances() == []
