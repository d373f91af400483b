"""The night's cleaning: bookings go on while 1,000,000 rows of the system log are deleted."""

import logging
from collections.abc import Callable
from datetime import datetime
from multiprocessing import Queue, get_context
from time import perf_counter
from typing import Any

from django.db.models import Count

from bench.http import percentile
from bench.site import running_database

OLD, YOUNG = 900_000, 100_000  # entries that are older than they are kept, and that are not
AGES = {"INFO": 30, "WARNING": 60, "ERROR": 90, "CRITICAL": 0}  # days; the last are kept for ever
BOOKINGS = 600  # at least, without the cleaning, and as many as fit beside it
WARM_UP = 50
STARS = 20
MESSAGE = "Somebody has booked a call"

# Nine of ten entries are of level INFO, as in life; entries of a level lie a second apart.
FILL = """
INSERT INTO audit_logentry (id, level, type, actor_kind, message, metadata, created_at)
    SELECT gen_random_uuid(), level, 'BOOKING_CREATED', 'SYSTEM', %(message)s,
        jsonb_build_object('booking', gen_random_uuid()), %(now)s - age - number * interval '1 second'
    FROM generate_series(1, %(number)s) AS number,
        LATERAL (SELECT CASE number %% 30 WHEN 0 THEN 'ERROR' WHEN 1 THEN 'WARNING' WHEN 2 THEN 'CRITICAL'
            ELSE 'INFO' END AS level) AS named,
        LATERAL (SELECT CASE level {ages} END * interval '1 day' AS age) AS kept
"""


def main() -> None:
    """Fill the log, book without the cleaning and beside it, and print how much longer a booking took."""
    with running_database():
        now = _filled()
        alone = _bookings(BOOKINGS)
        beside, counts, seconds = _beside_the_cleaning(now)
        _report(alone, beside, sum(counts.values()), seconds)
        _check(now, sum(counts.values()))


def _filled() -> datetime:
    from django.db import connection

    from callastar.core import clock

    now = clock.now()
    with connection.cursor() as cursor:
        for number, shift in ((OLD, 0), (YOUNG, -29)):
            ages = " ".join(f"WHEN '{level}' THEN {max(days + shift, 0)}" for level, days in AGES.items())
            cursor.execute(FILL.format(ages=ages), {"now": now, "number": number, "message": MESSAGE})
        cursor.execute("VACUUM ANALYZE audit_logentry")
    return now


def _clean(now: datetime, answer: "Queue[tuple[dict[str, int], str]]") -> None:
    """The job, as a worker runs it: in a process of its own."""
    import django

    django.setup()
    from callastar.jobs.models import Trigger
    from callastar.jobs.operations.run import run_job

    logging.disable(logging.CRITICAL)
    run = run_job(name="cleanup-logs", trigger=Trigger.SCHEDULE, now=now)
    answer.put((dict(run.statistics), repr(run.error or "")))


def _beside_the_cleaning(now: datetime) -> tuple[list[float], dict[str, int], float]:
    """Bookings for as long as the cleaning goes on; what it counted, and how many seconds it took."""
    processes = get_context("spawn")
    answer = processes.Queue()
    worker = processes.Process(target=_clean, args=(now, answer))
    began = perf_counter()
    worker.start()
    times = _bookings(0, while_=worker.is_alive)
    seconds = perf_counter() - began
    if worker.exitcode:
        raise SystemExit("the cleaning has died")
    counts, error = answer.get(timeout=10)
    if error != repr(""):
        raise SystemExit(f"the cleaning has failed: {error}")
    return times, counts, seconds


def _bookings(number: int, *, while_: Callable[[], bool] = lambda: False) -> list[float]:
    """Seconds of each booking, one after the other: so many, or for as long as something goes on."""
    from callastar.bookings.operations.reserve import reserve_offer
    from callastar.core import clock
    from tests.factories import make_creator, make_offer, make_user

    stars, fans = [make_creator() for _ in range(STARS)], [make_user() for _ in range(STARS)]
    times: list[float] = []
    while len(times) < WARM_UP + number or while_():
        turn = len(times) % STARS
        offer = make_offer(creator=stars[turn])
        began = perf_counter()
        booking = reserve_offer(offer_id=offer.pk, fan=fans[turn], now=clock.now()).booking
        times.append(perf_counter() - began)
        _give_up(booking, fans[turn])
    return times[WARM_UP:]


def _give_up(booking: Any, fan: Any) -> None:
    """Let the hold lapse, as a fan may hold a few calls only."""
    from callastar.bookings.operations.lapse import expire_hold

    expire_hold(booking_id=booking.pk, now=booking.hold_expires_at)


def _report(alone: list[float], beside: list[float], rows: int, seconds: float) -> None:
    print(f"{rows:,} rows forgotten, {len(alone)} bookings without it and {len(beside)} beside it")
    for percent in (50, 95, 99):
        ratio = percentile(beside, percent) / percentile(alone, percent)
        print(f"  p{percent}              {ratio:.2f} × a booking without it")
    print(f"  longest          {max(beside) / max(alone):.2f} × the longest without it")
    print(
        f"  1,000 rows       {seconds / rows * 1000 / percentile(alone, 50):.1f} × a booking, rests included"
    )


def _check(now: datetime, gone: int) -> None:
    """Every entry that was too old has gone, and no other."""
    from callastar.audit.models import LogEntry
    from callastar.audit.rules import KEPT

    made = LogEntry.objects.filter(message=MESSAGE)
    late = {
        level: made.filter(level=level, created_at__lt=now - kept).count() for level, kept in KEPT.items()
    }
    left = dict(made.order_by().values_list("level").annotate(number=Count("pk")))
    missing = OLD + YOUNG - gone - sum(left.values())
    if any(late.values()) or missing or left.get("CRITICAL", 0) < (OLD + YOUNG) // 30:
        raise SystemExit(f"wrong rows are left: {left}, of them too old {late}; gone {gone}")


if __name__ == "__main__":
    main()
