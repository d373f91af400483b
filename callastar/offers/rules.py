"""Decisions about offers: prices, durations, times of day in a creator's zone."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from callastar.core.fees import ProcessingRate, split_fees
from callastar.core.money import MAX_MINOR, Currency, Money

MIN_PRICE = 100  # minor units
MAX_PRICE = MAX_MINOR
MIN_MINUTES, MAX_MINUTES = 5, 180
FURTHEST = timedelta(days=366)


class OfferProblem(StrEnum):
    """Why an offer cannot be made as asked. Values are codes of the API."""

    PRICE_TOO_LOW = "price_too_low"
    PRICE_TOO_HIGH = "price_too_high"
    FEES_EXCEED_PRICE = "fees_exceed_price"
    DURATION = "duration_out_of_range"
    IN_PAST = "offer_in_past"
    TOO_FAR = "offer_too_far"


def check_offer(
    *,
    price: Money,
    fee_percent: Decimal,
    rates: Mapping[Currency, ProcessingRate],
    starts_at: datetime,
    duration_minutes: int,
    now: datetime,
) -> OfferProblem | None:
    """The first thing that is wrong with an offer. `fee_percent` is the creator's commission in percent."""
    return (
        price_problem(price, fee_percent, rates)
        or duration_problem(duration_minutes)
        or start_problem(starts_at, now)
    )


def price_problem(
    price: Money, fee_percent: Decimal, rates: Mapping[Currency, ProcessingRate]
) -> OfferProblem | None:
    """A price must be 1.00 at least, and something must be left of it after its fees."""
    if price.minor < MIN_PRICE:
        return OfferProblem.PRICE_TOO_LOW
    if price.minor > MAX_PRICE:
        return OfferProblem.PRICE_TOO_HIGH
    if split_fees(price, fee_percent, rates).creator_amount <= 0:
        return OfferProblem.FEES_EXCEED_PRICE
    return None


def duration_problem(minutes: int) -> OfferProblem | None:
    """Calls last 5 to 180 minutes."""
    return None if MIN_MINUTES <= minutes <= MAX_MINUTES else OfferProblem.DURATION


def start_problem(starts_at: datetime, now: datetime) -> OfferProblem | None:
    """An offer begins in the future, and within a year."""
    if starts_at <= now:
        return OfferProblem.IN_PAST
    return OfferProblem.TOO_FAR if starts_at - now > FURTHEST else None


class LocalTimeProblem(StrEnum):
    """Why a time of day is no moment: clocks were moved over it."""

    NONEXISTENT = "time_does_not_exist"
    AMBIGUOUS = "time_exists_twice"


class LocalTimeError(ValueError):
    """A local time that does not exist, or exists twice, that day."""

    def __init__(self, problem: LocalTimeProblem) -> None:
        self.problem = problem
        super().__init__(problem)


def moment_of(local: datetime, zone: ZoneInfo) -> datetime:
    """The moment when clocks in `zone` show `local` (a naive time). Raises `LocalTimeError` instead of guessing."""
    first, second = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return first
    # PEP 495: before a gap fold 0 has the smaller offset, before a repetition the greater one.
    problem = LocalTimeProblem.AMBIGUOUS if _offset(first) > _offset(second) else LocalTimeProblem.NONEXISTENT
    raise LocalTimeError(problem)


def _offset(moment: datetime) -> timedelta:
    return moment.utcoffset() or timedelta(0)
