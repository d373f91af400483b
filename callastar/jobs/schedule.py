"""When periodic jobs run: again and again after the same time, or once a day at an hour of some place."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

A_DAY = timedelta(days=1)
PERIODS_MISSED = 3  # JO-4
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
SHORTEST_SILENCE = timedelta(minutes=2)  # workers are exchanged for new ones, or found dead, well within


@dataclass(frozen=True)
class Every:
    """Again and again. Workers count the ticks of `cron` themselves, in UTC; the last of six fields is the second."""

    period: timedelta
    cron: str

    def following(self, now: datetime) -> datetime:
        """When it is due next: all of them tick at whole multiples of their period."""
        return _EPOCH + ((now - _EPOCH) // self.period + 1) * self.period


@dataclass(frozen=True)
class Daily:
    """Once a day, at a time in a zone. A day whose time passed while no worker ran is made up for."""

    at: time
    zone: str = "UTC"
    period: timedelta = A_DAY

    def last(self, now: datetime) -> datetime:
        """When it was due last, in UTC."""
        today = now.astimezone(ZoneInfo(self.zone)).date()
        return next(at for days in range(3) if (at := self._on(today - days * A_DAY)) <= now)

    def following(self, now: datetime) -> datetime:
        """When it is due next, in UTC."""
        today = now.astimezone(ZoneInfo(self.zone)).date()
        return next(at for days in range(3) if (at := self._on(today + days * A_DAY)) > now)

    def _on(self, day: date) -> datetime:
        return datetime.combine(day, self.at, ZoneInfo(self.zone)).astimezone(UTC)


Schedule = Every | Daily


def is_recorded(schedule: Schedule) -> bool:
    """Whether each run is worth a row, whatever it did: those that come more often than each minute are not (JO-4)."""
    return schedule.period >= timedelta(minutes=1)


def silence(schedule: Schedule) -> timedelta:
    """After how long without a run somebody must look (JO-4)."""
    return max(PERIODS_MISSED * schedule.period, SHORTEST_SILENCE)


EVERY_FIVE_SECONDS = Every(timedelta(seconds=5), "* * * * * */5")
EVERY_TEN_SECONDS = Every(timedelta(seconds=10), "* * * * * */10")
MINUTELY = Every(timedelta(minutes=1), "* * * * *")
EVERY_TEN_MINUTES = Every(timedelta(minutes=10), "*/10 * * * *")
HOURLY = Every(timedelta(hours=1), "0 * * * *")
CLEAN_LOGS = Daily(time(2, 0))
RECONCILE_LEDGER = Daily(time(3, 30))
DELETE_RECORDINGS = Daily(time(4, 10))
SUMMARY_AT = time(7, 0)  # in the platform's zone
