"""When the next payout is expected, and how much (PO-6)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from callastar.payouts.rules.eligibility import reaches_minimum
from callastar.payouts.rules.schedule import next_due
from callastar.payouts.rules.selection import Claim

HORIZON = timedelta(weeks=12)


@dataclass(frozen=True, slots=True)
class Expectation:
    """A payout of `amount` (minor units) is expected at `at`."""

    at: datetime
    amount: int


def runs(
    *,
    now: datetime,
    stored: datetime | None,
    retry_at: datetime | None = None,
    frequency: str,
    weekday: int,
    zone: ZoneInfo,
) -> Iterator[datetime]:
    """The runs of the next twelve weeks, in UTC; none for `MANUAL`.

    `stored` is the policy's next date; if it has passed, the run is overdue and comes at once. `retry_at` is when
    something is tried again, whatever the frequency: nothing is paid before it, and the schedule goes on after it.
    """
    run = next_due(after=now, frequency=frequency, weekday=weekday, zone=zone)
    if retry_at is not None:
        run = max(retry_at, now)
    elif run is not None and stored is not None:
        run = max(stored, now)
    while run is not None and run <= now + HORIZON:
        yield run
        run = next_due(after=run, frequency=frequency, weekday=weekday, zone=zone)


def expected(
    claims: Sequence[Claim],
    *,
    debt: int,
    minimum: int,
    now: datetime,
    stored: datetime | None,
    retry_at: datetime | None = None,
    frequency: str,
    weekday: int,
    zone: ZoneInfo,
) -> Expectation | None:
    """The first run at which what is released by then, less debt, reaches the minimum; None if no such run is known.

    `claims` are those that may be paid out once they are released, released or not. Obstacles that do not pass with
    time (`eligibility.obstacles`) are the caller's to show beside it; what Stripe will have available is not known.
    """
    for run in runs(
        now=now, stored=stored, retry_at=retry_at, frequency=frequency, weekday=weekday, zone=zone
    ):
        payable = sum(claim.amount for claim in claims if claim.released_at <= run)
        if reaches_minimum(payable=payable, debt=debt, minimum=minimum):
            return Expectation(run, payable - debt)
    return None
