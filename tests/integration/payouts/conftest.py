"""A creator who can be paid, an admin, and time that passes on both sides."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import stripe
from django.db import connection

from callastar.accounts.models import User
from callastar.creators.models import Creator
from tests.contract.sandbox_program import SandboxProgram
from tests.factories import make_admin
from tests.integration.payouts.payout_world import Times
from tests.stripe_people import make_onboarded_creator


@pytest.fixture
def creator(db, at_stripe: SandboxProgram) -> Creator:
    """A creator whose account takes money and pays out."""
    return make_onboarded_creator(at_stripe)


@pytest.fixture
def admin(db) -> User:
    """Somebody who decides about money."""
    return make_admin()


@pytest.fixture
def times(settings, at_stripe: SandboxProgram) -> Iterator[Times]:
    """Both clocks; no holding time."""
    settings.PAYOUT_HOLDING = timedelta(0)
    moved = Times(at_stripe)
    yield moved
    moved.end()


@pytest.fixture(autouse=True)
def outside_transactions(monkeypatch) -> Iterator[list[str]]:
    """No provider is called inside a database transaction (PW-1), in none of these tests: what was, if anything was."""
    asked: list[str] = []
    real = stripe.HTTPXClient.request

    def request(self, method, url, *args, **more):
        if connection.in_atomic_block:
            asked.append(f"{method} {url}")
        return real(self, method, url, *args, **more)

    monkeypatch.setattr(stripe.HTTPXClient, "request", request)
    yield asked
    assert asked == []
