"""What a test has committed is removed after it, row by row.

Django's own way empties every table with TRUNCATE, which makes a new file for each table and each of its indexes, and
then asks every app to put its permissions back: 0.5 s, for tables that mostly were empty. Deleting takes 20 ms.
"""

from django.db import OperationalError, connections, transaction
from django.test import TransactionTestCase
from psycopg.errors import DeadlockDetected

# What migrations have put there once for all, and what no test changes.
KEPT = ("django_migrations", "django_content_type", "auth_permission", "django_site", "procrastinate_workers")
TRIES = 5
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND NOT tablename = ANY(%s) ORDER BY tablename"


def empty_database(using: str = "default") -> None:
    """Delete every row that is not kept, without asking triggers and foreign keys: nothing is left to refer to.

    A worker beside the tests may be writing, and each of the two wait for the other: then it is tried again.
    """
    for tries_left in reversed(range(TRIES)):
        try:
            _delete_all(using)
            break
        except OperationalError as error:
            if not (tries_left and isinstance(error.__cause__, DeadlockDetected)):
                raise


def _delete_all(using: str) -> None:
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute(TABLES, [list(KEPT)])  # type: ignore[call-overload]
        deletions = [f'DELETE FROM "{name}"' for (name,) in cursor.fetchall()]
        cursor.execute("; ".join(["SET LOCAL session_replication_role = replica", *deletions]))


def _empty_after(test: TransactionTestCase) -> None:
    for name in test._databases_names(include_mirrors=False):  # type: ignore[attr-defined]
        empty_database(name)


def install() -> None:
    """Have all tests that commit cleaned up after in this way."""
    TransactionTestCase._fixture_teardown = _empty_after  # type: ignore[attr-defined]
