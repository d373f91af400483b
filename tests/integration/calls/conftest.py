"""A confirmed booking whose call begins in two hours, with Daily's sandbox behind it."""

from datetime import timedelta

import pytest

from callastar.bookings.models import Booking
from callastar.core import clock
from tests.bookings import confirmed
from tests.contract.daily_api import DailyApi
from tests.factories import make_offer, make_user


@pytest.fixture
def booking(transactional_db, at_daily) -> Booking:
    """Paid; 30 minutes long; its room's job is in the queue."""
    starts_at = (clock.now() + timedelta(hours=2)).replace(microsecond=0)
    return confirmed(make_offer(starts_at=starts_at, title="Ask me"), make_user(name="Noa"))


@pytest.fixture
def daily(at_daily) -> DailyApi:
    """Daily's API, to look at what the product made there."""
    return DailyApi(at_daily)
