"""One run of a job at a time, over all processes and machines.

The lock is one of PostgreSQL's and goes with the connection: a process that dies does not keep it.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.db import connection
from psycopg import OperationalError

_KEY = "hashtextextended('periodic job ' || %s, 0)"
# A machine that vanishes without a word is given up after a minute, not after hours.
_KEEPALIVE = (
    "set_config('tcp_keepalives_idle', '30', false), set_config('tcp_keepalives_interval', '10', false),"
    " set_config('tcp_keepalives_count', '3', false)"
)


@contextmanager
def only_one(name: str) -> Iterator[bool]:
    """Whether nobody else runs the job, which then nobody else starts before the block ends."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_lock({_KEY}), {_KEEPALIVE}", [name])
        is_ours = bool(cursor.fetchone()[0])
    session = connection.connection
    try:
        yield is_ours
    finally:
        if is_ours:
            _unlock(session, name)


def _unlock(session: Any, name: str) -> None:
    """In the session that has the lock, even if the work has given it back to the pool, where it would keep the lock.

    A session that broke has let go already.
    """
    if not session.closed:
        with suppress(OperationalError):
            session.execute(f"SELECT pg_advisory_unlock({_KEY})", [name])
