"""A creator who can be paid, at Stripe's sandbox; nobody waits for Stripe while holding locks."""

from typing import Any

import pytest
from django.db import connection

from callastar.accounts.models import User
from callastar.creators.models import Creator
from callastar.providers.stripe import client
from tests.factories import make_admin
from tests.stripe_people import make_onboarded_creator


@pytest.fixture(autouse=True)
def no_lock_is_held_while_stripe_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """PW-1: no provider is called inside a database transaction; checked for every call of every test here."""
    make_client = client._client

    def checked(*settings: Any) -> Any:
        assert not connection.in_atomic_block, "Stripe is asked inside a transaction"
        return make_client(*settings)

    monkeypatch.setattr(client, "_client", checked)


@pytest.fixture
def creator(db, at_stripe) -> Creator:
    """A creator whose account takes money."""
    return make_onboarded_creator(at_stripe)


@pytest.fixture
def admin(db) -> User:
    """Somebody who decides about money."""
    return make_admin()
