"""Bank accounts that payouts go to: read, changed, replaced, by the API or by their owner. SB-1, SB-2, SB-3, PO-5."""

import re

import httpx
import pytest
import stripe
from playwright.sync_api import expect

from tests.contract.stripe_people import PHONE, accessibility_problems
from tests.contract.stripe_shapes import problems
from tests.contract.stripe_tools import Stripe

GOOD, CLOSED = "DE89370400440532013000", "DE89370400440532013002"
PERSON = {"dob": {"day": 1, "month": 1, "year": 1901}, "address": {"line1": "address_full_match"}}
LOOKS = [
    {"locale": "en-US", "color_scheme": "light"},
    {"locale": "fr-FR", "color_scheme": "dark", **PHONE},
]


@pytest.fixture
def platform(stripe_sandbox):
    return Stripe(stripe_sandbox)


@pytest.fixture
def custom(platform):
    """An account whose bank accounts the platform looks after; it has the good one."""
    return platform.account(
        onboarded=False,
        type="custom",
        country="DE",
        individual=PERSON,
        tos_acceptance={"date": 1_700_000_000, "ip": "127.0.0.1"},
        external_account=_bank(GOOD),
    )


def _bank(iban, **more):
    return {
        "object": "bank_account",
        "country": iban[:2],
        "currency": "eur",
        "account_number": iban,
        **more,
    }


def _fail_a_payout(platform, account):
    platform.paid(**platform.destination(account.id))
    payout = platform.api.payouts.create({"amount": 1_000, "currency": "eur"}, {"stripe_account": account.id})
    platform.sandbox.control("POST", f"payouts/{payout.id}/fail", {"failure_code": "account_closed"})
    return payout


def _banks(platform, account):
    listed = platform.get(f"/v1/accounts/{account.id}/external_accounts")["data"]
    return [(each["last4"], each["default_for_currency"], each["status"]) for each in listed]


def test_a_bank_account_is_mended(platform, custom):
    """A payout failed to it; Stripe takes it into use again after any update."""
    payout = _fail_a_payout(platform, custom)
    found = platform.get(f"/v1/accounts/{custom.id}/external_accounts/{payout.destination}")
    assert (found["status"], problems(found)) == ("errored", [])
    update = platform.api.accounts.external_accounts.update
    changed = update(custom.id, payout.destination, {"account_holder_name": "Ada", "metadata": {"a": "1"}})
    assert (changed.status, changed.account_holder_name, changed.metadata["a"]) == ("new", "Ada", "1")
    assert platform.types(custom.id)[-1] == "account.external_account.updated"
    again = platform.api.payouts.create({"amount": 1_000, "currency": "eur"}, {"stripe_account": custom.id})
    assert again.destination == payout.destination


def test_another_becomes_the_default_and_the_old_one_goes(platform, custom):
    banks = platform.api.accounts.external_accounts
    old = banks.list(custom.id).data[0]
    with pytest.raises(stripe.InvalidRequestError) as caught:
        banks.delete(custom.id, old.id)
    assert "default_for_currency" in caught.value.user_message
    new = banks.create(custom.id, {"external_account": _bank(CLOSED)})
    with pytest.raises(stripe.InvalidRequestError):
        banks.delete(custom.id, old.id)
    assert _banks(platform, custom) == [("3002", False, "new"), ("3000", True, "new")]
    banks.update(custom.id, new.id, {"default_for_currency": True})
    assert banks.delete(custom.id, old.id).to_dict() == {
        "id": old.id,
        "object": "bank_account",
        "currency": "eur",
        "deleted": True,
    }
    assert _banks(platform, custom) == [("3002", True, "new")]
    assert platform.types(custom.id)[-1] == "account.external_account.deleted"
    for ask in (banks.retrieve, banks.delete):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            ask(custom.id, old.id)
        assert caught.value.code == "resource_missing"


def test_an_account_given_another_bank_account_has_only_that(platform, custom):
    """`external_account` replaces the default one of its currency."""
    platform.api.accounts.update(custom.id, {"external_account": _bank(CLOSED)})
    assert _banks(platform, custom) == [("3002", True, "new")]


def test_owners_of_express_accounts_do_it_themselves(platform):
    account = platform.account()
    bank = platform.api.accounts.external_accounts.list(account.id).data[0]
    assert platform.api.accounts.external_accounts.retrieve(account.id, bank.id).last4 == bank.last4
    for ask in (
        lambda: platform.api.accounts.external_accounts.update(account.id, bank.id, {"metadata": {"a": "1"}}),
        lambda: platform.api.accounts.external_accounts.delete(account.id, bank.id),
    ):
        with pytest.raises(stripe.PermissionError):
            ask()
    assert _banks(platform, account) == [(bank.last4, True, "new")]


def test_a_bank_account_replaced_by_control(platform):
    """SB-2: as its owner would, after a payout failed."""
    account = platform.account()
    _fail_a_payout(platform, account)
    assert _banks(platform, account) == [("2606", True, "errored")]
    with pytest.raises(stripe.InvalidRequestError):
        platform.api.payouts.create({"amount": 1_000, "currency": "eur"}, {"stripe_account": account.id})
    control = f"accounts/{account.id}/bank_account"
    answer = platform.sandbox.control("POST", control, {"account_number": "DE89 3704 0044 0532 0130 00"})
    assert (answer["last4"], answer["default_for_currency"], problems(answer)) == ("3000", True, [])
    assert _banks(platform, account) == [("3000", True, "new")]
    assert (
        platform.api.payouts.create(
            {"amount": 1_000, "currency": "eur"}, {"stripe_account": account.id}
        ).destination
        == (answer["id"])
    )
    with pytest.raises(httpx.HTTPStatusError):
        platform.sandbox.control("POST", control, {"account_number": "DE00"})
    assert _banks(platform, account) == [("3000", True, "new")]


def test_login_links(platform):
    """For Express accounts that have finished onboarding; each works once, for five minutes."""
    account = platform.account()
    link = platform.api.accounts.login_links.create(account.id)
    assert (link.object, type(link.created), link.url.startswith(platform.url)) == ("login_link", int, True)
    assert set(link.to_dict()) == {"object", "created", "url"}
    assert httpx.get(link.url).status_code == 303
    assert httpx.get(link.url).status_code == 404
    old = platform.api.accounts.login_links.create(account.id)
    platform.sandbox.control("POST", "clock", {"advance": 301})
    assert httpx.get(old.url).status_code == 404
    assert httpx.get(f"{platform.url}/express/home/nothing").status_code == 404
    for other, words in (
        (platform.account(type="custom"), "not an Express account"),
        (platform.account(onboarded=False), "not completed onboarding"),
    ):
        with pytest.raises(stripe.InvalidRequestError, match=words):
            platform.api.accounts.login_links.create(other.id)
    with pytest.raises(stripe.PermissionError):
        platform.api.accounts.login_links.create("acct_1Nobody")


@pytest.mark.parametrize("look", LOOKS)
def test_the_owner_replaces_a_bank_account(platform, chromium_with_camera, look):
    """SB-3, UI-7: balance, payouts and the form, in both languages, light and dark, wide and narrow."""
    account = platform.account()
    _fail_a_payout(platform, account)
    context = chromium_with_camera.new_context(**look)
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(platform.api.accounts.login_links.create(account.id).url)
    french = look["locale"] == "fr-FR"
    expect(page.get_by_text(re.compile(r"^81,80\s€$" if french else r"^€81\.80$"))).to_be_visible()
    expect(
        page.get_by_role("cell").filter(has_text="Compte fermé" if french else "Account closed")
    ).to_be_visible()
    iban, button = page.locator("#iban"), page.get_by_role("button")
    iban.fill("FR00")
    button.click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert accessibility_problems(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert _banks(platform, account) == [("2606", True, "errored")]
    iban.fill(GOOD)
    button.click()
    expect(page.get_by_role("status")).to_be_visible()
    page.locator("summary").click()
    assert accessibility_problems(page) == []
    assert page.locator("html").get_attribute("lang") == look["locale"][:2]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert _banks(platform, account) == [("3000", True, "new")]
    context.close()
    assert errors == []
