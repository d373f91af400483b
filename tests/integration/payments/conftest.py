"""A creator who can be paid, at Stripe's sandbox."""

import pytest

from callastar.creators.models import Creator
from tests.factories import make_admin
from tests.stripe_people import make_onboarded_creator


@pytest.fixture
def creator(db, at_stripe) -> Creator:
    """A creator whose account takes money."""
    return make_onboarded_creator(at_stripe)


@pytest.fixture
def admin(db):
    """Somebody who decides about money."""
    return make_admin()
