"""One comparison of our books with Stripe, from its beginning to what it found. It moves and mends nothing.

Money is moving while it reads: what differs is looked at again, with both sides read afresh, before it counts.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from time import sleep

from django.db import connection, transaction

from callastar.core import clock
from callastar.core.errors import ProviderError
from callastar.ledger.models import Difference, Entry, ReconciliationRun, RunStatus
from callastar.ledger.rules import Found, windows
from callastar.payouts.operations.reconcile import internal, telling
from callastar.payouts.operations.reconcile.accounts import Holder, OwnPayouts, Payouts, holders, unreadable
from callastar.payouts.operations.reconcile.objects import OBJECTS
from callastar.payouts.operations.reconcile.subjects import Comparison, Subject
from callastar.payouts.refusals import ReconciliationRunningError

LOOK_BACK = timedelta(days=35)  # of the daily run: refunds and disputes of older charges show in the balances
WINDOW = timedelta(days=7)  # only the ids within it are held in memory
LOOKS = 3  # how often what differs is looked at again
PAUSE = timedelta(seconds=5)  # before each of these looks
# More than this is no money on its way, but something that is broken: it is not asked for one by one.
MOST_SUSPECTS = 300
MOST_DIFFERENCES = 5000
_BEFORE_ANYTHING = datetime(2011, 1, 1, tzinfo=UTC)  # Stripe's own beginning
_LOCK = 4_207_301_530  # any number that nothing else locks

Look = Callable[[], list[Found]]


def reconcile_ledger(*, since: datetime | None, now: datetime) -> ReconciliationRun:
    """Compare the journal and our rows with Stripe to the cent, and write down what is not the same on both sides.

    `since`: objects that Stripe made before are not compared one by one; None compares all. Balances are always
    compared whole. The run ends as `CLEAN`, `DIFFERENT`, or `FAILED` when Stripe could not be read to the end: then it
    says nothing about differences. Admins are alerted. Raises `ReconciliationRunningError` while another one runs.
    """
    with _one_at_a_time():
        run = ReconciliationRun.objects.create(since=since, started_at=now)
        counts: dict[str, int] = {}
        try:
            found = _compare(since, now, counts)
        except Exception as error:
            _fail(run, error, counts)
            if not isinstance(error, ProviderError):
                raise
        else:
            _end(run, found, counts)
    return run


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """The lock goes with the connection: a process that dies does not keep it, and leaves a run that never ended."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            raise ReconciliationRunningError
    try:
        ReconciliationRun.objects.filter(status=RunStatus.RUNNING).update(
            status=RunStatus.FAILED, error="the process that ran it ended"
        )
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def _compare(since: datetime | None, now: datetime, counts: dict[str, int]) -> list[Found]:
    comparison = Comparison(counts)
    suspects = [*_objects(comparison, since, now), *_accounts(comparison, since, now)]
    found = _look_again(suspects)
    return sorted(
        {*found, *internal.differences(now=now)}, key=lambda one: (one.kind, one.stripe_id, one.our_id)
    )


def _objects(
    comparison: Comparison, since: datetime | None, now: datetime
) -> Iterator[tuple[Look, list[Found]]]:
    for window in _windows(since, now):
        for subject in OBJECTS:
            yield from _suspects(comparison, subject, window)


def _windows(since: datetime | None, now: datetime) -> list[tuple[datetime, datetime | None]]:
    if since is not None:
        return windows(since, now, WINDOW)
    first = Entry.objects.order_by("occurred_at").values_list("occurred_at", flat=True).first() or now
    start = first.replace(microsecond=0)
    return [(_BEFORE_ANYTHING, start), *windows(start, now, WINDOW)]


def _suspects(
    comparison: Comparison, subject: Subject, window: tuple[datetime, datetime | None]
) -> Iterator[tuple[Look, list[Found]]]:
    for id_, found in comparison.differing(subject, window):
        yield partial(comparison.again, subject, id_), found


def _accounts(
    comparison: Comparison, since: datetime | None, now: datetime
) -> Iterator[tuple[Look, list[Found]]]:
    """Payouts and balances, the platform's first. An account that we may not read is one difference."""
    payouts_since = (since or _BEFORE_ANYTHING).replace(microsecond=0), None
    yield from _suspects(comparison, OwnPayouts(), payouts_since)
    for holder in (Holder(None), *holders()):
        comparison.counts["balance"] = comparison.counts.get("balance", 0) + 1
        if found := holder.differences():
            yield holder.differences, found
        for account in holder.accounts:
            try:
                yield from list(_suspects(comparison, Payouts(account), payouts_since))
            except ProviderError as error:
                if error.is_temporary:
                    raise
                if not found:  # else its balance could not be read either
                    yield partial(list, [one := unreadable(holder, account, error)]), [one]


def _look_again(suspects: list[tuple[Look, list[Found]]]) -> list[Found]:
    """What is still not the same after some more looks."""
    for _ in range(LOOKS):
        if not suspects or len(suspects) > MOST_SUSPECTS:
            break
        sleep(PAUSE.total_seconds())
        suspects = [(look, found) for look, _ in suspects if (found := look())]
    return [found for _, each in suspects for found in each]


def _end(run: ReconciliationRun, found: list[Found], counts: dict[str, int]) -> None:
    kept = found[:MOST_DIFFERENCES]
    with transaction.atomic():
        Difference.objects.bulk_create(
            [
                Difference(
                    run=run,
                    kind=one.kind,
                    stripe_id=one.stripe_id,
                    our_id=one.our_id,
                    account=one.account,
                    currency=one.currency,
                    ours=one.ours,
                    theirs=one.theirs,
                    note=one.note,
                )
                for one in kept
            ],
            batch_size=500,
        )
        run.status = RunStatus.DIFFERENT if found else RunStatus.CLEAN
        run.compared = {**counts, "differences": len(found)}
        run.ended_at = _ended(run)
        run.save()
        telling.tell_result(run, kept, total=len(found))


def _fail(run: ReconciliationRun, error: Exception, counts: dict[str, int]) -> None:
    with transaction.atomic():
        run.status, run.error = RunStatus.FAILED, f"{type(error).__name__}: {error}"[:400]
        run.compared, run.ended_at = counts, _ended(run)
        run.save()
        telling.tell_failure(run)


def _ended(run: ReconciliationRun) -> datetime:
    return max(clock.now(), run.started_at)
