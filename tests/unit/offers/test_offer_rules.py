"""Prices, durations and local times of offers (OF-1, OF-2, OF-3)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from callastar.core.fees import ProcessingRate
from callastar.core.money import Currency, Money
from callastar.offers.rules import (
    LocalTimeError,
    LocalTimeProblem,
    OfferProblem,
    duration_problem,
    moment_of,
    price_problem,
    start_problem,
)

PARIS = ZoneInfo("Europe/Paris")
RATES = {Currency.EUR: ProcessingRate(percent=Decimal("2.9"), fixed=30)}
NOW = datetime(2030, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minor", "percent", "problem"),
    [
        (99, "15", OfferProblem.PRICE_TOO_LOW),
        (100, "15", None),  # 0.15 + 0.33: 0.52 is left
        (100, "66", None),  # 0.66 + 0.33: a cent is left
        (100, "67", OfferProblem.FEES_EXCEED_PRICE),
        (100, "80", OfferProblem.FEES_EXCEED_PRICE),
        (99_999_999, "15", None),
        (100_000_000, "15", OfferProblem.PRICE_TOO_HIGH),
    ],
)
def test_a_price_leaves_something_for_the_creator(
    minor: int, percent: str, problem: OfferProblem | None
) -> None:
    """OF-2: fees follow PA-1."""
    assert price_problem(Money(minor, Currency.EUR), Decimal(percent), RATES) is problem


@pytest.mark.parametrize(("minutes", "fine"), [(4, False), (5, True), (180, True), (181, False)])
def test_calls_last_5_to_180_minutes(minutes: int, fine: bool) -> None:
    """OF-1."""
    assert (duration_problem(minutes) is None) is fine


def test_an_offer_begins_in_the_future_within_a_year() -> None:
    """OF-1."""
    assert start_problem(NOW, NOW) is OfferProblem.IN_PAST
    assert start_problem(NOW + timedelta(seconds=1), NOW) is None
    assert start_problem(NOW + timedelta(days=367), NOW) is OfferProblem.TOO_FAR


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        (datetime(2026, 3, 28, 18), datetime(2026, 3, 28, 17, tzinfo=UTC)),
        (datetime(2026, 3, 30, 18), datetime(2026, 3, 30, 16, tzinfo=UTC)),
        (datetime(2026, 10, 26, 18), datetime(2026, 10, 26, 17, tzinfo=UTC)),
        (datetime(2026, 3, 29, 1, 59), datetime(2026, 3, 29, 0, 59, tzinfo=UTC)),
        (datetime(2026, 3, 29, 3), datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ],
)
def test_a_local_time_is_one_moment(local: datetime, expected: datetime) -> None:
    """OF-3: 18:00 stays 18:00 across daylight-saving changes."""
    assert moment_of(local, PARIS) == expected


@pytest.mark.parametrize(
    ("local", "zone", "problem"),
    [
        (datetime(2026, 3, 29, 2, 30), "Europe/Paris", LocalTimeProblem.NONEXISTENT),
        (datetime(2026, 10, 25, 2, 30), "Europe/Paris", LocalTimeProblem.AMBIGUOUS),
        (datetime(2026, 3, 8, 2, 0), "America/New_York", LocalTimeProblem.NONEXISTENT),
        (datetime(2026, 11, 1, 1, 0), "America/New_York", LocalTimeProblem.AMBIGUOUS),
        (datetime(2026, 10, 4, 2, 15), "Australia/Lord_Howe", LocalTimeProblem.NONEXISTENT),
    ],
)
def test_times_that_do_not_exist_or_exist_twice_are_reported(
    local: datetime, zone: str, problem: LocalTimeProblem
) -> None:
    """OF-3: never guessed."""
    with pytest.raises(LocalTimeError) as caught:
        moment_of(local, ZoneInfo(zone))
    assert caught.value.problem is problem
