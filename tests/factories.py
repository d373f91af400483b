"""Rows that tests start from: valid, complete, and as the product itself would have saved them."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import Max

from callastar.accounts.models import Role, User
from callastar.core import clock
from callastar.creators.models import Category, Creator
from callastar.offers.models import LIVE, CallOffer

PASSWORD = "correct horse battery staple"  # of everybody who was made with `password=PASSWORD`
_numbers = count(1)


def make_user(*, verified: bool = True, password: str | None = None, **fields: Any) -> User:
    """A person; without a password (hashing takes time) unless one is given."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "email": f"person{number}@example.com",
        "name": f"Person {number}",
        "timezone": "Europe/Paris",
        "locale": "en",
        **fields,
    }
    user = User.objects.create_user(password=password, **values)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=verified)
    return user


def make_admin(**fields: Any) -> User:
    """A member of the staff."""
    return make_user(**{"role": Role.ADMIN, **fields})


def make_creator(*, user: User | None = None, payable: bool = True, **fields: Any) -> Creator:
    """A creator whose Stripe account may take money, or (`payable=False`) one who has not been there yet."""
    user = user or make_user(role=Role.CREATOR)
    number = next(_numbers)
    account: dict[str, Any] = {
        "stripe_account_id": f"acct_{number:016d}",
        "stripe_country": "FR",
        "is_stripe_onboarded": True,
        "charges_enabled": True,
        "payouts_enabled": True,
        "details_submitted": True,
    }
    values: dict[str, Any] = {
        "slug": f"creator-{number}",
        "bio": "Sings and tells stories.",
        "expertise": "Singing",
        "category": Category.MUSIC,
        "currency": "EUR",
        **(account if payable else {}),
        **fields,
    }
    return Creator.objects.create(user=user, **values)


def make_offer(
    *,
    creator: Creator | None = None,
    starts_at: datetime | None = None,
    duration_minutes: int = 30,
    **fields: Any,
) -> CallOffer:
    """A free slot of 50.00, by default the creator's next one: in two days, or after their last."""
    creator = creator or make_creator()
    starts_at = starts_at or _next_free_start(creator)
    values: dict[str, Any] = {
        "title": "A call with me",
        "description": "Ask me anything.",
        "price": 5000,
        "currency": creator.currency or "EUR",
        "ends_at": starts_at + timedelta(minutes=duration_minutes),
        **fields,
    }
    return CallOffer.objects.create(
        creator=creator, starts_at=starts_at, duration_minutes=duration_minutes, **values
    )


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A moment in UTC."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def _next_free_start(creator: Creator) -> datetime:
    in_two_days = (clock.now() + timedelta(days=2)).replace(minute=0, second=0, microsecond=0)
    last = creator.offers.filter(status__in=LIVE).aggregate(last=Max("ends_at"))["last"]
    return max(in_two_days, last + timedelta(minutes=10)) if last else in_two_days
