"""When payouts are due: 06:00 of the creator, right across changes of the clocks (PO-1, PO-3)."""

from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAILY, WEEKLY, MANUAL = "DAILY", "WEEKLY", "MANUAL"
DUE_AT = time(6)


def next_due(*, after: datetime, frequency: str, weekday: int, zone: ZoneInfo) -> datetime | None:
    """The first 06:00 of `zone` strictly after `after`, in UTC; None for `MANUAL`.

    `weekday` (0 is Monday) counts for `WEEKLY` only. Each date is computed from the calendar and none from the one
    before, so nothing drifts; asked with the present moment, runs that were missed are one run. Raises ValueError
    for a naive `after`, an unknown frequency and a weekday outside 0..6.
    """
    if after.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    if frequency not in (DAILY, WEEKLY, MANUAL) or not 0 <= weekday <= 6:
        raise ValueError(f"{frequency} on {weekday}")
    if frequency == MANUAL:
        return None
    today = after.astimezone(zone).date()
    # To the same weekday of next week and one day more: a day that a zone lives through twice comes after the next
    # day's 06:00 the second time.
    days = (today + timedelta(days=ahead) for ahead in range(9))
    due = (due_on(day, zone) for day in days if frequency == DAILY or day.weekday() == weekday)
    return next(moment for moment in due if moment > after)


def due_on(day: date, zone: ZoneInfo) -> datetime:
    """06:00 of a day in `zone`, in UTC: the first of two, or the first moment after it when clocks jump over it."""
    local = datetime.combine(day, DUE_AT)
    first = local.replace(tzinfo=zone).astimezone(UTC)
    return first if _shown(first, zone) == local else _end_of_gap(local, zone)


def _end_of_gap(local: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which clocks in `zone` jump over `local`."""
    # PEP 495: in a gap fold 1 gives a moment before the jump and fold 0 one after it.
    before, after = (int(local.replace(tzinfo=zone, fold=fold).timestamp()) for fold in (1, 0))
    seconds = range(before, after)
    jump = bisect_left(seconds, local, key=lambda second: _shown(datetime.fromtimestamp(second, UTC), zone))
    return datetime.fromtimestamp(before + jump, UTC)


def _shown(moment: datetime, zone: ZoneInfo) -> datetime:
    """What clocks in `zone` show at a moment."""
    return moment.astimezone(zone).replace(tzinfo=None)
