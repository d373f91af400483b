"""How often an address may call the cron routes: counted in the database, for all web processes together.

Right calls and refused ones are counted apart: who guesses does not keep out the scheduler behind the same proxy.
"""

from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_network
from typing import Literal

from django.db import connection

from callastar.core.network import read_address
from callastar.jobs.models import CronCaller

WINDOW = timedelta(minutes=1)
MOST: dict[str, int] = {"calls": 60, "failures": 30}  # in a minute
_IPV6_OF_ONE = 64  # bits: whoever has one such address has all of its network

Counted = Literal["calls", "failures"]


def wait_of(*, address: str, counted: Counted, now: datetime) -> int:
    """Count one call of an address; answers how many seconds it must wait, 0 if this one may pass.

    Calls above the limit only read: a flood writes nothing.
    """
    caller, most = _caller(address), MOST[counted]
    known = CronCaller.objects.filter(pk=caller, since__gt=now - WINDOW).first()
    if known is not None and getattr(known, counted) >= most:
        return _seconds_left(known.since, now)
    since, count = _count(caller, counted, now)
    return 0 if count <= most else _seconds_left(since, now)


def _count(caller: str, counted: Counted, now: datetime) -> tuple[datetime, int]:
    """One more, in the minute that goes on or in a new one: begin of the minute, and how many."""
    own = {name: int(name == counted) for name in MOST}
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO jobs_croncaller AS old (address, since, calls, failures)"
            " VALUES (%(caller)s, %(now)s, %(calls)s, %(failures)s) ON CONFLICT (address) DO UPDATE SET"
            " since = CASE WHEN old.since > %(begin)s THEN old.since ELSE excluded.since END,"
            " calls = excluded.calls + CASE WHEN old.since > %(begin)s THEN old.calls ELSE 0 END,"
            " failures = excluded.failures + CASE WHEN old.since > %(begin)s THEN old.failures ELSE 0 END"
            " RETURNING since, calls, failures",
            {"caller": caller, "now": now, "begin": now - WINDOW, **own},
        )
        since, calls, failures = cursor.fetchone()
    return since, calls if counted == "calls" else failures


def _seconds_left(since: datetime, now: datetime) -> int:
    return max(1, round((since + WINDOW - now).total_seconds()))


def _caller(address: str) -> str:
    """What calls are counted by; those without a real address are all one."""
    found = read_address(address)
    if isinstance(found, IPv6Address):
        return str(ip_network((found, _IPV6_OF_ONE), strict=False))
    return str(found) if found else "unknown"
