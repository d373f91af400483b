"""Connected accounts: onboarding, bank accounts, restrictions. SB-1, SB-2, SB-3."""

import pytest
import stripe

from tests.contract.stripe_tools import Stripe

IBAN = "DE89370400440532013000"
MANUAL = {"payouts": {"schedule": {"interval": "manual"}}}


@pytest.fixture
def platform(stripe_sandbox):
    return Stripe(stripe_sandbox)


def _bank(iban=IBAN):
    return {"object": "bank_account", "country": "DE", "currency": "eur", "account_number": iban}


def test_an_express_account_from_nothing_to_ready(platform, receiver):
    platform.api.webhook_endpoints.create(
        {"url": receiver.url, "enabled_events": ["account.updated"], "connect": True}
    )
    account = platform.account(
        onboarded=False, email="star@example.com", settings=MANUAL, metadata={"creator": "1"}
    )
    assert (account.type, account.country, account.default_currency) == ("express", "FR", "eur")
    enabled = (account.charges_enabled, account.payouts_enabled, account.details_submitted)
    assert enabled == (False, False, False)
    assert account.capabilities.to_dict() == {"card_payments": "inactive", "transfers": "inactive"}
    assert account.requirements.disabled_reason == "requirements.past_due"
    assert account.settings.payouts.schedule.interval == "manual"

    platform.sandbox.control("POST", f"accounts/{account.id}/onboard")
    ready = platform.api.accounts.retrieve(account.id)
    assert ready.charges_enabled
    assert ready.payouts_enabled
    assert ready.details_submitted
    assert ready.capabilities.transfers == "active"
    assert (ready.requirements.currently_due, ready.requirements.disabled_reason) == ([], None)
    assert ready.external_accounts.data[0].last4 == "2606"

    event = receiver.wait_for_types("account.updated")[0].json
    assert event["account"] == account.id
    assert event["data"]["previous_attributes"]["charges_enabled"] is False
    assert event["data"]["previous_attributes"]["capabilities"] == {
        "card_payments": "inactive",
        "transfers": "inactive",
    }


def test_an_account_by_its_controller(platform):
    controller = {
        "fees": {"payer": "application"},
        "losses": {"payments": "application"},
        "stripe_dashboard": {"type": "express"},
        "requirement_collection": "stripe",
    }
    account = platform.api.accounts.create({"controller": controller})
    assert (account.type, account.controller.stripe_dashboard.type) == ("express", "express")
    assert account.controller.losses.payments == "application"
    with pytest.raises(stripe.InvalidRequestError) as caught:
        platform.api.accounts.create({"controller": controller, "type": "express"})
    assert caught.value.param == "controller"
    with pytest.raises(stripe.InvalidRequestError):
        platform.api.accounts.create({"controller": {"losses": {"payments": "application"}}})


def test_a_custom_account_verifies_at_once(platform):
    """The birth date, address and terms that Stripe names for tests."""
    account = platform.account(
        onboarded=False,
        type="custom",
        country="DE",
        individual={"dob": {"day": 1, "month": 1, "year": 1901}, "address": {"line1": "address_full_match"}},
        tos_acceptance={"date": 1_700_000_000, "ip": "127.0.0.1"},
    )
    assert account.requirements.currently_due == ["external_account"]
    platform.api.accounts.external_accounts.create(account.id, {"external_account": _bank()})
    assert platform.types(account.id) == ["account.external_account.created", "account.updated"]
    ready = platform.api.accounts.retrieve(account.id)
    assert (ready.charges_enabled, ready.payouts_enabled) == (True, True)
    other = platform.account(
        onboarded=False,
        type="custom",
        external_account=_bank(),
        individual={"dob": {"day": 2, "month": 2, "year": 1990}, "address": {"line1": "1 rue Neuve"}},
        tos_acceptance={"date": 1_700_000_000, "ip": "127.0.0.1"},
    )
    assert other.requirements.disabled_reason == "requirements.pending_verification"


def test_changes_merge(platform):
    account = platform.account(metadata={"a": "1"}, settings=MANUAL, business_profile={"mcc": "7929"})
    changed = platform.api.accounts.update(
        account.id,
        {
            "metadata": {"b": "2"},
            "business_profile": {"url": "https://stars.example"},
            "email": "new@example.com",
        },
    )
    assert changed.metadata.to_dict() == {"a": "1", "b": "2"}
    assert (changed.business_profile.mcc, changed.business_profile.url) == ("7929", "https://stars.example")
    assert changed.settings.payouts.schedule.interval == "manual"
    weekly = platform.api.accounts.update(
        account.id, {"settings": {"payouts": {"schedule": {"interval": "weekly", "weekly_anchor": "monday"}}}}
    )
    assert weekly.settings.payouts.schedule.weekly_anchor == "monday"


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({"country": "ZZ"}, "country_unsupported", "country"),
        ({"type": "grand"}, None, "type"),
        ({"email": "nobody"}, "email_invalid", "email"),
        ({"surprise": 1}, "parameter_unknown", "surprise"),
        ({"capabilities": {"flying": {"requested": True}}}, "parameter_unknown", "capabilities[flying]"),
        ({"tos_acceptance": {"date": 1, "ip": "127.0.0.1"}}, None, "tos_acceptance"),
        (
            {"external_account": _bank("DE00370400440532013000")},
            "account_number_invalid",
            "external_account[account_number]",
        ),
        ({"business_profile": {"url": "nowhere"}}, "url_invalid", "business_profile[url]"),
    ],
)
def test_what_stripe_refuses_is_refused(platform, params, code, param):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        platform.api.accounts.create({"type": "express", **params})
    assert (caught.value.code, caught.value.param) == (code, param)


def test_an_account_that_is_not_ours(platform):
    for act in (
        lambda: platform.api.accounts.retrieve("acct_nobody"),
        lambda: platform.api.balance.retrieve({}, {"stripe_account": "acct_nobody"}),
    ):
        with pytest.raises(stripe.PermissionError) as caught:
            act()
        assert (caught.value.http_status, caught.value.error.code) == (403, "account_invalid")


def test_the_platform_has_an_account_too(platform):
    own = platform.get("/v1/account")
    assert (own["id"], own["charges_enabled"]) == (platform.keys["platform_account"], True)
    account = platform.account()
    assert platform.get("/v1/account", account.id)["id"] == account.id
    assert [each.id for each in platform.api.accounts.list().data] == [account.id]


def test_an_onboarding_link(platform):
    """SB-3: hosted onboarding, within five minutes."""
    account = platform.account(onboarded=False)
    params = {
        "account": account.id,
        "type": "account_onboarding",
        "refresh_url": "https://shop.example/again",
        "return_url": "https://shop.example/done",
    }
    link = platform.api.account_links.create(params)
    assert link.url.startswith(platform.url + "/onboarding/")
    assert link.expires_at - link.created == 300
    for change, param in (({"type": "account_update"}, "type"), ({"return_url": "x"}, "return_url")):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            platform.api.account_links.create({**params, **change})
        assert caught.value.param == param


def test_bank_accounts(platform):
    account = platform.account()
    bank = platform.api.accounts.external_accounts.create(
        account.id, {"external_account": _bank(), "default_for_currency": True}
    )
    assert (bank.last4, bank.currency, bank.default_for_currency) == ("3000", "eur", True)
    listed = platform.api.accounts.external_accounts.list(account.id).data
    assert [(each.last4, each.default_for_currency) for each in listed] == [("3000", True), ("2606", False)]


def test_stripe_may_ask_for_more(platform):
    """SB-2"""
    account = platform.account()
    platform.sandbox.control(
        "POST", f"accounts/{account.id}/restrict", {"requirements": ["individual.id_number"]}
    )
    stopped = platform.api.accounts.retrieve(account.id)
    assert (stopped.charges_enabled, stopped.payouts_enabled, stopped.details_submitted) == (
        False,
        False,
        True,
    )
    assert stopped.requirements.currently_due == ["individual.id_number"]
    platform.sandbox.control("POST", f"accounts/{account.id}/restrict", {"requirements": []})
    assert platform.api.accounts.retrieve(account.id).charges_enabled


def test_an_owner_leaves(platform, receiver):
    """SB-2: account.application.deauthorized, then no access."""
    platform.api.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"], "connect": True})
    account = platform.account()
    platform.sandbox.control("POST", f"accounts/{account.id}/deauthorize")
    event = receiver.wait_for_types("account.application.deauthorized")[-1].json
    assert (event["account"], event["data"]["object"]["object"]) == (account.id, "application")
    with pytest.raises(stripe.PermissionError):
        platform.api.accounts.retrieve(account.id)
