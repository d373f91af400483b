"""The journal: what posting an entry and reading a creator's figures cost with 10,000 and with 1,000,000 entries."""

from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

from bench.site import running_database

SIZES = (10_000, 1_000_000)
ROUNDS, BLOCKS = 100, 5
SHORT, LONG = "callastar", "callastar_long"
OPEN = 20  # payments of each creator that are not paid out
CREATORS = 200
STAR = 1  # owns a tenth of the journal

# Every payment is a TRANSFER and a PAYOUT entry; the last ones of each creator count as open. The rows are written
# past the postings and the guards, which would take a day for a million; the guards are on again when it is measured.
FILL = """
SET session_replication_role = replica;
CREATE TEMP TABLE filling AS
    SELECT number, lpad(to_hex(number), 32, '0')::uuid AS payment,
        CASE WHEN number %% 10 = 0 THEN %(star)s ELSE 2 + (number * 7919) %% (%(creators)s - 1) END AS creator
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS number;
INSERT INTO ledger_entry
    (id, key, kind, currency, creator_id, payment_id, reference, note, line_count, occurred_at, posted_at)
    SELECT payment, 'transfer:' || number, 'TRANSFER', 'EUR', creator, payment, '', '', 4, now(), now() FROM filling
    UNION ALL
    SELECT ('f' || lpad(to_hex(number), 31, '0'))::uuid, 'payout:' || number, 'PAYOUT', 'EUR', creator, NULL, '', '', 4,
        now(), now() FROM filling;
INSERT INTO ledger_line (entry_id, account, creator_id, payment_id, currency, amount, occurred_at)
    SELECT payment, account, CASE WHEN own THEN creator END, payment, 'EUR', amount, now() FROM filling,
        (VALUES ('CREATOR_BALANCE', true, 8180), ('PLATFORM_BALANCE', false, -8180), ('FAN_FUNDS', false, 8180),
            ('EARNINGS', true, -8180)) AS side (account, own, amount)
    UNION ALL
    SELECT ('f' || lpad(to_hex(number), 31, '0'))::uuid, account, creator,
        CASE WHEN account = 'EARNINGS' THEN payment END, 'EUR', amount, now() FROM filling,
        (VALUES ('EARNINGS', 8180), ('IN_PAYOUT', -8180), ('IN_TRANSIT', 8180), ('CREATOR_BALANCE', -8180))
            AS side (account, amount);
INSERT INTO ledger_balance (account, creator_id, payment_id, currency, amount)
    SELECT 'EARNINGS', creator, payment, 'EUR', CASE WHEN open THEN -8180 ELSE 0 END FROM (
        SELECT creator, payment, row_number() OVER (PARTITION BY creator ORDER BY number DESC) <= %(open)s AS open
        FROM filling) AS counted;
INSERT INTO ledger_balance (account, creator_id, currency, amount)
    SELECT account, creator, 'EUR', sum(amount) FROM ledger_line JOIN filling ON payment = entry_id
        JOIN (VALUES ('CREATOR_BALANCE'), ('IN_PAYOUT')) AS kept (name) ON kept.name = account
    GROUP BY account, creator ON CONFLICT DO NOTHING;
DROP TABLE filling;
SET session_replication_role = origin;
"""


def main() -> None:
    """Fill a short and a long journal, measure them in turn, and print how much dearer the longer one is."""
    with running_database():
        _control_table()
        _fill(1, SIZES[0] // 2)
        _copy_database()
        _use(LONG)
        _fill(SIZES[0] // 2 + 1, SIZES[1] // 2)
        shorter, longer = _measured()
    print(f"{'':36}" + "".join(f"{size:>12,}" for size in SIZES) + f"{SIZES[1]:>12,} : {SIZES[0]:,}")
    for name in ("post an entry", "read a creator's figures"):
        parts = [each[name] / shorter["write a row"] for each in (shorter, longer)]
        print(f"{name + ', × write':36}{parts[0]:12.2f}{parts[1]:12.2f}{parts[1] / parts[0]:12.2f}")


def _measured() -> list[dict[str, float]]:
    """The median of each work in both journals, in turn: a slow moment of the machine is everybody's."""
    work: dict[str, Callable[[int], Any]] = {
        "write a row": _write_a_row,
        "post an entry": _post,
        "read a creator's figures": _read,
    }
    times: list[dict[str, list[float]]] = [{name: [] for name in work} for _ in SIZES]
    for block in range(BLOCKS):
        for journal, database in enumerate((SHORT, LONG)):
            _use(database)
            for number in range(ROUNDS):
                for name, do in work.items():
                    began = perf_counter()
                    do(block * ROUNDS + number)
                    times[journal][name].append(perf_counter() - began)
    return [{name: median(each) for name, each in journal.items()} for journal in times]


def _copy_database() -> None:
    from django.db import connection

    connection.close_pool()
    _use("postgres")
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {LONG} TEMPLATE {SHORT}")


def _use(database: str) -> None:
    """Go on with another database of the same server; its first statement, which connects, is not measured."""
    from django.db import connection

    connection.close()
    connection.close_pool()
    connection.settings_dict["NAME"] = database
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _write_a_row(number: int) -> None:
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench_row (number) VALUES (%s)", [number])


def _post(number: int) -> None:
    from django.db import transaction

    from callastar.core import clock
    from callastar.core.ids import new_id
    from callastar.ledger.models import Account, EntryKind
    from callastar.ledger.operations import About, Posting, post

    with transaction.atomic():
        post(
            key=f"bench:{new_id()}",
            kind=EntryKind.TRANSFER,
            currency="EUR",
            lines=[
                Posting(Account.CREATOR_BALANCE, 100),
                Posting(Account.PLATFORM_BALANCE, -100),
                Posting(Account.FAN_FUNDS, 100),
                Posting(Account.EARNINGS, -100),
            ],
            # One of a few payments: what is open does not grow with the measurement.
            about=About(creator_id=STAR, payment_id=PAYMENTS[number % len(PAYMENTS)]),
            now=clock.now(),
        )


def _read(number: int) -> None:
    from callastar.ledger.queries import creator_totals, open_earnings

    totals, earned = creator_totals(STAR), open_earnings(STAR)
    if not totals or len(earned) < OPEN:
        raise SystemExit("the journal was not filled")


def _payments() -> list[Any]:
    from uuid import UUID

    return [UUID(int=(1 << 120) + number) for number in range(OPEN)]


PAYMENTS = _payments()


def _control_table() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_row (id bigserial PRIMARY KEY, number integer)")


def _fill(first: int, last: int) -> None:
    from django.db import connection

    values = {"first": first, "last": last, "star": STAR, "creators": CREATORS, "open": OPEN}
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_balance SET amount = 0 WHERE payment_id IS NOT NULL AND account = 'EARNINGS'"
        )
        for statement in FILL.split(";\n"):
            if statement.strip():
                cursor.execute(statement, values if "%" in statement else None)
        for table in ("ledger_entry", "ledger_line", "ledger_balance"):
            cursor.execute(f"VACUUM ANALYZE {table}")


if __name__ == "__main__":
    main()
