"""Creators' accounts at Stripe's sandbox: opened once whatever crashes, kept in step (PE-2, PA-3, PW-1)."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from callastar.audit.models import LogEntry
from callastar.core import clock
from callastar.core.errors import ProviderError
from callastar.core.money import Currency
from callastar.creators.models import Creator
from callastar.creators.operations import (
    apply_account_update,
    creator_currency,
    creator_currency_by_account,
    reconcile_accounts,
    refresh_account,
    start_onboarding,
)
from callastar.creators.refusals import AccountRefusedError, StripeUnavailableError
from callastar.providers.stripe import accounts
from tests.contract.sandbox_program import SandboxProgram
from tests.contract.stripe_tools import Stripe
from tests.factories import make_creator

pytestmark = pytest.mark.django_db

URLS = {"return_url": "http://site.example/return", "refresh_url": "http://site.example/refresh"}
CREATE = "POST /v1/accounts"


@pytest.fixture
def platform(stripe_sandbox: SandboxProgram, settings: Settings) -> Stripe:
    """Stripe as the product reaches it, and as the test looks into it."""
    settings.STRIPE_API_BASE = stripe_sandbox.url
    settings.STRIPE_SECRET_KEY = stripe_sandbox.keys["secret_key"]
    settings.PROVIDER_TIMEOUT_SECONDS = 2
    return Stripe(stripe_sandbox)


@pytest.fixture
def creator() -> Creator:
    return make_creator(payable=False, stripe_country="CH", currency="CHF")


def _fault(platform: Stripe, kind: str, times: int = 1, match: str = CREATE) -> None:
    platform.sandbox.control("POST", "faults", {"match": match, "kind": kind, "times": times})


def _accounts(platform: Stripe) -> list[Any]:
    return platform.api.accounts.list({"limit": 100}).data


def test_an_account_is_opened_once_with_what_we_know(platform: Stripe, creator: Creator) -> None:
    """PE-2, PA-4: express, both capabilities, paid out by nobody but us."""
    links = {start_onboarding(creator=creator, **URLS) for _ in range(2)}
    assert len(links) == 2
    [account] = _accounts(platform)
    assert (account.type, account.country, account.default_currency) == ("express", "CH", "chf")
    assert account.email == creator.user.email
    assert account.metadata["creator"] == str(creator.pk)
    assert set(account.capabilities.to_dict()) == {"card_payments", "transfers"}
    assert account.settings.payouts.schedule.interval == "manual"
    creator.refresh_from_db()
    assert creator.stripe_account_id == account.id
    assert not creator.charges_enabled


@pytest.mark.parametrize(("kind", "times"), [("drop_after", 3), ("500", 3), ("drop_before", 3)])
def test_a_call_that_failed_is_made_again_with_one_effect(
    platform: Stripe, creator: Creator, kind: str, times: int
) -> None:
    """PW-1: the claim is kept, its key used again."""
    _fault(platform, kind, times)
    with pytest.raises(StripeUnavailableError):
        start_onboarding(creator=creator, **URLS)
    creator.refresh_from_db()
    claim = creator.account_claim
    assert (creator.stripe_account_id, claim["country"]) == ("", "CH")
    start_onboarding(creator=Creator.objects.get(pk=creator.pk), **URLS)
    creator.refresh_from_db()
    assert creator.account_claim == claim
    assert [account.id for account in _accounts(platform)] == [creator.stripe_account_id]


def test_long_after_a_crash_the_account_is_found_again(platform: Stripe, creator: Creator) -> None:
    """PW-1: Stripe forgets idempotency keys after a day, our metadata not."""
    _fault(platform, "drop_after", 3)
    with pytest.raises(StripeUnavailableError):
        start_onboarding(creator=creator, **URLS)
    platform.sandbox.control("POST", "clock", {"advance": 172_800})
    with clock.shifted(timedelta(days=2)):
        start_onboarding(creator=Creator.objects.get(pk=creator.pk), **URLS)
    assert len(_accounts(platform)) == 1


def test_what_stripe_never_takes_can_be_mended(platform: Stripe, creator: Creator) -> None:
    """PW-2: a permanent refusal frees the claim and is logged."""
    Creator.objects.update(stripe_country="ZZ")
    creator.refresh_from_db()
    with pytest.raises(AccountRefusedError):
        start_onboarding(creator=creator, **URLS)
    creator.refresh_from_db()
    assert creator.account_claim == {}
    assert LogEntry.objects.filter(type="CREATOR_ONBOARDING_FAILED").exists()


def test_onboarding_makes_a_creator_payable(platform: Stripe, creator: Creator) -> None:
    """PE-2: what Stripe requires is shown until it is done."""
    start_onboarding(creator=creator, **URLS)
    refresh_account(creator=creator)
    assert "external_account" in creator.stripe_requirements
    assert not creator.is_stripe_onboarded
    platform.sandbox.control("POST", f"accounts/{creator.stripe_account_id}/onboard")
    apply_account_update(account_id=creator.stripe_account_id, now=clock.now())
    creator.refresh_from_db()
    assert (creator.charges_enabled, creator.payouts_enabled, creator.details_submitted) == (True,) * 3
    assert creator.is_stripe_onboarded
    assert creator.stripe_requirements == []
    assert list(Creator.objects.payable()) == [creator]
    assert LogEntry.objects.filter(type="CREATOR_ACCOUNT_CHANGED").count() == 1


def test_an_older_answer_changes_nothing(platform: Stripe, creator: Creator) -> None:
    """WH-1: order does not matter."""
    start_onboarding(creator=creator, **URLS)
    platform.sandbox.control("POST", f"accounts/{creator.stripe_account_id}/onboard")
    Creator.objects.update(account_seen_at=clock.now() + timedelta(minutes=1))
    apply_account_update(account_id=creator.stripe_account_id, now=clock.now())
    creator.refresh_from_db()
    assert not creator.charges_enabled


def test_an_account_that_is_gone_takes_no_money(platform: Stripe) -> None:
    """PE-2: the creator disappears from the lists."""
    creator = make_creator(stripe_account_id="acct_gone0000000001")
    apply_account_update(account_id="acct_gone0000000001", now=clock.now())
    creator.refresh_from_db()
    assert not creator.charges_enabled
    assert not creator.is_stripe_onboarded


def test_an_unknown_account_is_no_business_of_ours(platform: Stripe) -> None:
    """WH-3."""
    apply_account_update(account_id="acct_somebody_else", now=clock.now())


def test_the_currency_is_the_stored_one(platform: Stripe) -> None:
    """PA-3: without asking Stripe."""
    assert creator_currency(make_creator(currency="GBP")) is Currency.GBP


def test_an_unknown_currency_is_asked_for_and_stored(platform: Stripe, creator: Creator) -> None:
    """PA-3: Stripe's account, stored."""
    start_onboarding(creator=creator, **URLS)
    Creator.objects.update(currency="")
    creator.refresh_from_db()
    assert creator_currency(creator) is Currency.CHF
    creator.refresh_from_db()
    assert creator.currency == "CHF"


def test_without_an_account_or_an_answer_it_is_eur_with_a_warning(platform: Stripe) -> None:
    """PA-3."""
    assert creator_currency(make_creator(payable=False, currency="")) is Currency.EUR
    assert creator_currency(make_creator(currency="", stripe_account_id="acct_nowhere")) is Currency.EUR
    assert LogEntry.objects.filter(type="CREATOR_CURRENCY_UNKNOWN", level="WARNING").count() == 2


def test_by_account_a_divergence_is_stored_and_logged(platform: Stripe, creator: Creator) -> None:
    """PA-3: always Stripe's word."""
    start_onboarding(creator=creator, **URLS)
    Creator.objects.update(currency="EUR")
    assert creator_currency_by_account(creator.stripe_account_id) is Currency.CHF
    creator.refresh_from_db()
    assert creator.currency == "CHF"
    entry = LogEntry.objects.get(type="CREATOR_CURRENCY_DIVERGED")
    assert (entry.metadata["stored"], entry.metadata["stripe"]) == ("EUR", "CHF")


def test_by_account_it_never_falls_back(platform: Stripe) -> None:
    """PA-3: no answer is an error, and nothing is stored."""
    creator = make_creator(currency="GBP", stripe_account_id="acct_nowhere")
    with pytest.raises(ProviderError):
        creator_currency_by_account("acct_nowhere")
    platform.sandbox.kill()
    with pytest.raises(ProviderError):
        creator_currency_by_account("acct_nowhere")
    creator.refresh_from_db()
    assert creator.currency == "GBP"


def test_the_way_to_stripe_and_back(platform: Stripe, creator: Creator, client: Client) -> None:
    """PE-2: account link, refresh, return."""
    client.force_login(creator.user)
    studio = "/en/dashboard/creator"
    for answer in (client.post(f"{studio}/onboarding/start"), client.get(f"{studio}/onboarding/refresh")):
        assert answer.headers["Location"].startswith(platform.sandbox.url)
    creator.refresh_from_db()
    back = client.get(f"{studio}/onboarding/return", follow=True)
    assert "Stripe still needs something" in back.content.decode()
    platform.sandbox.control("POST", f"accounts/{creator.stripe_account_id}/onboard")
    back = client.get(f"{studio}/onboarding/return", follow=True)
    assert "fans can book you now" in back.content.decode()


def test_stripe_out_of_reach_is_told(platform: Stripe, creator: Creator, client: Client) -> None:
    """PW-2: nothing is lost, the person may try again."""
    client.force_login(creator.user)
    _fault(platform, "500", 9)
    page = client.post("/en/dashboard/creator/onboarding/start", follow=True)
    assert "Stripe does not answer at the moment" in page.content.decode()


def test_find_account_tells_creators_apart(platform: Stripe, creator: Creator) -> None:
    """PW-1."""
    start_onboarding(creator=creator, **URLS)
    since = clock.now() - timedelta(hours=1)
    found = accounts.find_account(creator_id=creator.pk, since=since)
    assert found is not None
    assert found.id == Creator.objects.get().stripe_account_id
    assert accounts.find_account(creator_id=creator.pk + 1, since=since) is None


def test_an_account_whose_news_was_lost_is_asked_about(platform: Stripe, creator: Creator) -> None:
    """WH-4, PE-2: events of connected accounts are in no list of the platform."""
    start_onboarding(creator=creator, **URLS)
    creator.refresh_from_db()
    platform.sandbox.control("POST", f"accounts/{creator.stripe_account_id}/onboard")
    now = clock.now()
    assert reconcile_accounts(now=now) == {"asked": 1, "failed": 0}
    creator.refresh_from_db()
    assert creator.charges_enabled
    assert reconcile_accounts(now=now + timedelta(minutes=11)) == {"asked": 0, "failed": 0}
    assert reconcile_accounts(now=now + timedelta(minutes=61)) == {"asked": 1, "failed": 0}
