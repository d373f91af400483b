"""Slots of the demo: every creator's week, laid over the next three weeks."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from callastar.creators.models import Creator
from callastar.demo.creators import SHEETS
from callastar.demo.texts import Kind, Sheet
from callastar.offers.models import LIVE, CallOffer
from callastar.offers.operations import OfferData, create_offer
from callastar.offers.refusals import OfferRefusal
from callastar.offers.rules import LocalTimeError, moment_of

AHEAD = timedelta(days=21)
NOTICE = timedelta(minutes=30)  # nobody is offered a call that begins at once


@dataclass(frozen=True, slots=True)
class Slot:
    """A time and what is sold then."""

    starts_at: datetime
    kind: Kind

    @property
    def ends_at(self) -> datetime:
        """When the call ends."""
        return self.starts_at + timedelta(minutes=self.kind.minutes)


@dataclass(frozen=True, slots=True)
class _Known:
    starts_at: datetime
    ends_at: datetime
    is_live: bool

    def rules_out(self, slot: Slot) -> bool:
        """Whether the slot was made before (whatever became of it), or its time is taken."""
        overlaps = self.starts_at < slot.ends_at and slot.starts_at < self.ends_at
        return self.starts_at == slot.starts_at or (self.is_live and overlaps)


def top_up_offers(*, creators: Mapping[str, Creator], now: datetime) -> int:
    """Make the slots of the next three weeks that are missing; answers how many."""
    known = _known(creators, now)
    made = 0
    for slug, creator in creators.items():
        for slot in _slots(SHEETS[slug], now):
            if not any(other.rules_out(slot) for other in known[creator.pk]):
                made += put_on_sale(creator=creator, slot=slot, now=now) is not None
    return made


def put_on_sale(*, creator: Creator, slot: Slot, now: datetime) -> CallOffer | None:
    """One slot; None when somebody has put something else there meanwhile."""
    data = OfferData(
        title=slot.kind.title,
        description=slot.kind.description,
        price=slot.kind.price,
        starts_at=slot.starts_at,
        duration_minutes=slot.kind.minutes,
    )
    with suppress(OfferRefusal):
        return create_offer(creator=creator, data=data, now=now)
    return None


def local_moment(day: date, hour: str, zone: ZoneInfo) -> datetime | None:
    """When clocks in `zone` show `hour` ("18:30") on a day; None on the day when they are moved over it."""
    with suppress(LocalTimeError):
        return moment_of(datetime.combine(day, time.fromisoformat(hour)), zone)
    return None


def _known(creators: Mapping[str, Creator], now: datetime) -> dict[int, list[_Known]]:
    known: dict[int, list[_Known]] = {creator.pk: [] for creator in creators.values()}
    rows = CallOffer.objects.filter(creator__in=known, ends_at__gt=now, starts_at__lt=now + AHEAD + AHEAD)
    for creator_id, starts_at, ends_at, status in rows.values_list(
        "creator_id", "starts_at", "ends_at", "status"
    ):
        known[creator_id].append(_Known(starts_at, ends_at, status in LIVE))
    return known


def _slots(sheet: Sheet, now: datetime) -> Iterator[Slot]:
    zone = ZoneInfo(sheet.timezone)
    today = now.astimezone(zone).date()
    for day in (today + timedelta(days=number) for number in range(AHEAD.days)):
        for place, (weekday, hour) in enumerate(sheet.week):
            if weekday != day.weekday():
                continue
            starts_at = local_moment(day, hour, zone)
            if starts_at is not None and starts_at > now + NOTICE:
                yield Slot(starts_at, _kind(sheet, day, place))


def _kind(sheet: Sheet, day: date, place: int) -> Kind:
    """What is sold changes from one time to the next and from week to week."""
    return sheet.kinds[(day.isocalendar().week + place) % len(sheet.kinds)]
