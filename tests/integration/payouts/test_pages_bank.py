"""The way to Stripe's own pages for another bank account: PO-6."""

import pytest
from django.test import Client

from callastar.creators.models import Creator
from callastar.providers.stripe.client import call
from tests.factories import make_creator
from tests.stripe_people import make_onboarded_creator

pytestmark = pytest.mark.django_db(transaction=True)
BANK = "/en/dashboard/creator/payouts/bank"


def post(creator: Creator) -> str:
    client = Client()
    client.force_login(creator.user)
    answer = client.post(BANK)
    assert answer.status_code == 302
    return str(answer.url)


def test_it_leads_to_the_dashboard_at_stripe(at_stripe):
    """PO-6: where a creator changes their bank account."""
    address = post(make_onboarded_creator(at_stripe))
    assert address.startswith(at_stripe.url)
    assert "express" in address


def test_it_leads_to_the_onboarding_where_that_is_not_finished(at_stripe):
    """PO-6: Stripe refuses its dashboard then; without any account one is opened."""
    account = call(lambda c: c.v1.accounts.create({"type": "express", "country": "FR"})).id
    begun = make_creator(stripe_account_id=account, details_submitted=False)
    fresh = make_creator(payable=False, stripe_country="FR")
    for creator in (begun, fresh):
        address = post(creator)
        assert address.startswith(at_stripe.url)
        assert "express" not in address
    fresh.refresh_from_db()
    assert fresh.stripe_account_id


def test_it_is_done_by_posting_only(at_stripe):
    """A link must not open one's dashboard by being followed."""
    client = Client()
    client.force_login(make_creator().user)
    assert client.get(BANK).status_code == 405
