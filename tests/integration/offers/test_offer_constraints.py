"""What the database itself refuses about offers, tried with plain SQL (OF-1, OF-2)."""

from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from callastar.core.ids import new_id
from callastar.creators.models import Creator
from callastar.offers.models import CallOffer
from tests.factories import make_creator, utc

pytestmark = pytest.mark.django_db

START = utc(2030, 5, 6, 16)
INSERT = """
    INSERT INTO offers_calloffer
        (id, creator_id, title, description, price, currency, starts_at, ends_at, duration_minutes, status,
         created_at, updated_at)
    VALUES (%s, %s, 'A call', '', %s, %s, %s, %s, %s, %s, now(), now())
"""


def _insert(
    creator: Creator,
    starts_at: datetime = START,
    *,
    minutes: int = 30,
    price: int = 5000,
    currency: str = "EUR",
    status: str = "AVAILABLE",
    ends_at: datetime | None = None,
) -> None:
    end = ends_at or starts_at + timedelta(minutes=minutes)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(INSERT, [new_id(), creator.pk, price, currency, starts_at, end, minutes, status])


@pytest.mark.parametrize("status", ["AVAILABLE", "BOOKED"])
@pytest.mark.parametrize("shift", [-29, -10, 0, 10, 29])
def test_two_live_offers_of_one_creator_never_overlap(status: str, shift: int) -> None:
    """OF-2: whatever the code does, PostgreSQL refuses the second."""
    creator = make_creator()
    _insert(creator, status=status)
    with pytest.raises(IntegrityError, match="no_overlapping_live_offers"):
        _insert(creator, START + timedelta(minutes=shift))
    assert CallOffer.objects.count() == 1


@pytest.mark.parametrize("status", ["CANCELLED", "COMPLETED"])
def test_an_offer_that_is_over_frees_its_time(status: str) -> None:
    """OF-2: only live offers count."""
    creator = make_creator()
    _insert(creator, status=status)
    _insert(creator)
    assert CallOffer.objects.count() == 2


def test_offers_may_touch_and_other_creators_are_free() -> None:
    """OF-2: the end of one may be the start of the next."""
    creator = make_creator()
    _insert(creator)
    _insert(creator, START + timedelta(minutes=30))
    _insert(make_creator())
    assert CallOffer.objects.count() == 3


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"price": 99}, "offer_price_at_least_1"),
        ({"currency": "JPY"}, "offer_currency_known"),
        ({"ends_at": START}, "offer_ends_after_start"),
        ({"minutes": 4}, "offer_duration_5_to_180"),
        ({"minutes": 181}, "offer_duration_5_to_180"),
        ({"status": "HELD"}, "offer_status_known"),
    ],
)
def test_the_database_refuses_values_that_make_no_sense(wrong: dict, constraint: str) -> None:
    """OF-1, OF-2: price below 1.00, unknown currency, end before start, duration out of 5..180."""
    with pytest.raises(IntegrityError, match=constraint):
        _insert(make_creator(), **wrong)
    assert not CallOffer.objects.exists()


def test_an_end_before_the_start_is_refused() -> None:
    """OF-2."""
    with pytest.raises(DatabaseError):
        _insert(make_creator(), ends_at=START - timedelta(minutes=1))
    assert not CallOffer.objects.exists()
