"""Hosted onboarding and the dashboard of Stripe's sandbox, by clicks (SB-3)."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.contract.sandbox_program import Receiver, SandboxProgram
from tests.contract.stripe_people import PHONE, Json, Platform, accessibility_problems, wait_until

Opener = Callable[..., Page]
LOOKS = [
    {"locale": "en-US", "color_scheme": "light"},
    {"locale": "fr-FR", "color_scheme": "dark", **PHONE},
]


@pytest.fixture
def platform(stripe_sandbox: SandboxProgram) -> Platform:
    return Platform(stripe_sandbox)


@pytest.fixture
def window(chromium_with_camera: Browser, stripe_sandbox: SandboxProgram) -> Iterator[Opener]:
    """Opens windows on the sandbox; no script may fail in any."""
    contexts, problems = [], []

    def open_window(**options: Any) -> Page:
        context = chromium_with_camera.new_context(
            **{"locale": "en-US", "base_url": stripe_sandbox.url, **options}
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert problems == []


class TestOnboarding:
    """SB-3, CR: the pages behind an account link."""

    def test_by_clicks(self, platform: Platform, window: Opener) -> None:
        """Test data, four steps, back at return_url with an account that can be paid."""
        account, page = platform.account(), window()
        page.goto(_link(platform, account)["url"])
        page.get_by_role("radio", name=re.compile("^Company")).check()
        page.get_by_role("button", name="Continue").click()
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_text("Please fill in this field.")).to_have_count(7)
        _fill_and_continue(page)
        page.get_by_label("IBAN").fill("FR00 1234")
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_text("This IBAN is not valid.")).to_be_visible()
        page.get_by_label("IBAN").fill("DE62 3704 0044 0532 0130 01")
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("definition").filter(has_text="Jenny")).to_be_visible()
        page.get_by_role("button", name="Agree and submit").click()
        page.wait_for_url("**/events?back=return")
        found = platform.get(f"/accounts/{account['id']}")
        assert (found["charges_enabled"], found["payouts_enabled"], found["details_submitted"]) == (
            True,
            True,
            True,
        )
        assert found["business_type"] == "company"
        assert found["external_accounts"]["data"][0]["last4"] == "3001"

    def test_leaving_returns_unfinished(self, platform: Platform, window: Opener) -> None:
        account, page = platform.account(), window(locale="fr-FR")
        page.goto(_link(platform, account)["url"])
        page.get_by_role("button", name="Quitter et terminer plus tard").click()
        page.wait_for_url("**/events?back=return")
        assert platform.get(f"/accounts/{account['id']}")["details_submitted"] is False

    def test_used_and_old_links_lead_to_refresh_url(
        self, platform: Platform, window: Opener, stripe_sandbox: SandboxProgram
    ) -> None:
        account, page = platform.account(), window()
        used, old = _link(platform, account), _link(platform, account)
        page.goto(used["url"])
        page.goto(used["url"])
        page.wait_for_url("**/events?back=refresh")
        stripe_sandbox.control("POST", "clock", {"advance": 3600})
        page.goto(old["url"])
        page.wait_for_url("**/events?back=refresh")

    def test_unknown_link(self, window: Opener) -> None:
        page = window()
        answer = page.goto("/onboarding/nothing")
        assert answer is not None
        assert answer.status == 404
        assert accessibility_problems(page) == []

    @pytest.mark.parametrize("look", LOOKS)
    def test_accessible(self, platform: Platform, window: Opener, look: Json) -> None:
        """UI-7: every step, in both languages, light and dark, wide and narrow."""
        page = window(**look)
        page.goto(_link(platform, platform.account())["url"])
        _is_in_order(page, look)
        for step in ("business", "person", "bank"):
            _press(page, "next")
            _is_in_order(page, look)
            if step == "bank":
                return
            _press(page, "next")
            expect(page.get_by_role("alert")).to_be_visible()
            _is_in_order(page, look)
            _press(page, "fill")


class TestDashboard:
    """SB-3: lists, search, buttons."""

    def test_refund_and_dispute(self, platform: Platform, window: Opener) -> None:
        """A refund takes its share back from the creator; a dispute is opened and won."""
        account = platform.account()
        platform.sandbox.control("POST", f"accounts/{account['id']}/onboard")
        paid = platform.paid(
            **{
                "transfer_data[destination]": account["id"],
                "application_fee_amount": "500",
                "metadata[booking]": "b-77",
            }
        )
        page = window()
        page.goto("/")
        page.get_by_label("Search").fill("b-77")
        page.keyboard.press("Enter")
        page.get_by_role("link", name=paid["id"]).click()
        page.get_by_label("Amount to refund (EUR)").fill("10,00")
        page.get_by_role("button", name="Refund").click()
        expect(page.get_by_role("status")).to_have_text("The refund has been made.")
        refund = platform.get("/refunds", payment_intent=paid["id"])["data"][0]
        assert (refund["amount"], bool(refund["transfer_reversal"])) == (1000, True)
        assert platform.get("/application_fees")["data"][0]["amount_refunded"] == 200
        page.get_by_label("Amount to refund").fill("99")
        page.get_by_role("button", name="Refund").click()
        expect(page.get_by_role("status")).to_contain_text("greater than unrefunded amount")
        page.get_by_role("button", name="Open a dispute").click()
        wait_until(lambda: platform.get("/disputes", payment_intent=paid["id"])["data"])
        dispute = platform.get("/disputes", payment_intent=paid["id"])["data"][0]
        assert dispute["status"] == "needs_response"
        page.goto("/disputes")
        page.get_by_role("link", name=dispute["id"]).click()
        page.get_by_role("button", name="Close as won").click()
        platform.wait_for_status(f"/disputes/{dispute['id']}", "won")
        expect(page.get_by_role("button", name="Close as won")).to_have_count(0)

    def test_accounts_and_payouts(self, platform: Platform, window: Opener) -> None:
        account, page = platform.account(email="star@example.com"), window()
        page.goto("/accounts?q=star@")
        page.get_by_role("link", name=account["id"]).click()
        page.get_by_role("button", name="Complete onboarding").click()
        wait_until(lambda: platform.get(f"/accounts/{account['id']}")["payouts_enabled"] is True)
        platform.paid(**{"transfer_data[destination]": account["id"]})
        wait_until(lambda: platform.get("/balance", on=account["id"])["available"][0]["amount"] >= 2000)
        for button, status in (("Fail the payout", "failed"), ("Mark as paid", "paid")):
            payout = platform.post("/payouts", on=account["id"], amount="1000", currency="eur")
            page.goto(f"/objects/{payout['id']}")
            page.get_by_role("button", name=button).click()
            platform.wait_for_status(f"/payouts/{payout['id']}", status, on=account["id"])

    def test_reversals_inquiries_and_money_that_comes_back(self, platform: Platform, window: Opener) -> None:
        """SB-2: part of a transfer is reversed, an inquiry escalates, a refund and a paid payout fail."""
        account, page = platform.account(), window()
        platform.sandbox.control("POST", f"accounts/{account['id']}/onboard")
        paid = platform.paid(**{"transfer_data[destination]": account["id"]})
        wait_until(lambda: platform.get("/transfers")["data"])
        transfer = platform.get("/transfers")["data"][0]
        page.goto("/transfers")
        page.get_by_role("link", name=transfer["id"]).click()
        page.get_by_label("Amount to reverse (EUR)").fill("5.00")
        page.get_by_role("button", name="Reverse").click()
        expect(page.get_by_role("status")).to_have_text("The transfer has been reversed.")
        reversal = platform.get(f"/transfers/{transfer['id']}/reversals")["data"][0]
        assert reversal["amount"] == 500
        page.get_by_role("link", name=reversal["id"]).click()
        expect(page.get_by_role("heading", name="€5.00")).to_be_visible()
        refund = platform.post("/refunds", payment_intent=paid["id"], amount="100")
        page.goto(f"/objects/{refund['id']}")
        page.get_by_role("button", name="Fail the refund").click()
        platform.wait_for_status(f"/refunds/{refund['id']}", "failed")
        page.goto(f"/objects/{paid['id']}")
        page.get_by_role("button", name="Open an inquiry").click()
        wait_until(lambda: platform.get("/disputes", payment_intent=paid["id"])["data"])
        dispute = platform.get("/disputes", payment_intent=paid["id"])["data"][0]
        expect(page.get_by_role("button", name="Open a dispute")).to_have_count(0)
        page.goto(f"/objects/{dispute['id']}")
        expect(page.get_by_role("button", name="Close as lost")).to_have_count(0)
        page.get_by_role("button", name="Escalate to a dispute").click()
        platform.wait_for_status(f"/disputes/{dispute['id']}", "needs_response")
        payout = platform.post("/payouts", on=account["id"], amount="1000", currency="eur")
        page.goto(f"/objects/{payout['id']}")
        page.get_by_role("button", name="Mark as paid").click()
        page.get_by_role("button", name="Fail the payout").click()
        platform.wait_for_status(f"/payouts/{payout['id']}", "failed", on=account["id"])

    def test_processing_payment_is_settled(self, platform: Platform, window: Opener) -> None:
        page = window(locale="fr-FR")
        for button, status in (
            ("Régler maintenant", "succeeded"),
            ("Faire échouer", "requires_payment_method"),
        ):
            debit = _debit(platform)
            page.goto(f"/objects/{debit['id']}")
            page.get_by_role("button", name=button).click()
            platform.wait_for_status(f"/payment_intents/{debit['id']}", status)

    def test_event_is_sent_again(self, platform: Platform, window: Opener, receiver: Receiver) -> None:
        """The same event id, delivered once more."""
        platform.post(
            "/webhook_endpoints", url=receiver.url, **{"enabled_events[0]": "payment_intent.created"}
        )
        platform.intent()
        event = receiver.wait_for_types("payment_intent.created")[0].json
        page = window()
        page.goto("/events")
        page.get_by_role("link", name=event["id"]).click()
        page.get_by_role("button", name="Send again").click()
        receiver.wait_for(lambda received: len(received) == 2)
        assert {each.json["id"] for each in receiver.received} == {event["id"]}
        expect(page.get_by_text(receiver.url)).to_have_count(2)

    def test_pages_and_news(self, platform: Platform, window: Opener) -> None:
        """25 to a page; what happens meanwhile shows up by itself."""
        intents = [platform.intent() for _ in range(27)]
        page = window()
        page.goto("/")
        expect(page.get_by_role("row")).to_have_count(26)
        page.get_by_role("link", name="Older").click()
        expect(page.get_by_role("link", name=intents[0]["id"])).to_be_visible()
        page.get_by_role("link", name="Newer").click()
        page.locator("body").click(position={"x": 2, "y": 400})
        newest = platform.intent()
        expect(page.get_by_role("link", name=newest["id"])).to_be_visible()

    def test_other_sites_cannot_press_buttons(self, platform: Platform) -> None:
        """SB-2: buttons are controls: for this machine, and not for pages of other sites."""
        paid = platform.paid()
        path = f"{platform.sandbox.url}/objects/{paid['id']}/dispute"
        answer = platform.raw("POST", path, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403
        assert platform.get("/disputes")["data"] == []

    def test_unknown_object(self, window: Opener) -> None:
        answer = window().goto("/objects/pi_nothing")
        assert answer is not None
        assert answer.status == 404

    @pytest.mark.parametrize("look", LOOKS)
    def test_accessible(self, platform: Platform, window: Opener, look: Json) -> None:
        """UI-7: lists, empty lists and objects, in both languages, light and dark, wide and narrow."""
        account = platform.account(email="star@example.com")
        platform.sandbox.control("POST", f"accounts/{account['id']}/onboard")
        paid = platform.paid(**{"transfer_data[destination]": account["id"], "metadata[booking]": "b-1"})
        platform.sandbox.control("POST", "disputes", {"payment_intent": paid["id"]})
        wait_until(lambda: platform.get("/transfers")["data"])
        page = window(**look)
        sections = ("payments", "accounts", "transfers", "refunds", "payouts", "disputes", "events")
        event = platform.get("/events")["data"][0]
        for path in (
            *sections,
            f"objects/{paid['id']}",
            f"objects/{event['id']}",
            f"objects/{account['id']}",
        ):
            page.goto(f"/{path}")
            _is_in_order(page, look)


def _link(platform: Platform, account: Json) -> Json:
    """An onboarding link that comes back to a page of the sandbox itself."""
    base = platform.sandbox.url
    return platform.post(
        "/account_links",
        account=account["id"],
        type="account_onboarding",
        return_url=f"{base}/events?back=return",
        refresh_url=f"{base}/events?back=refresh",
    )


def _fill_and_continue(page: Page) -> None:
    page.get_by_role("button", name="Use test data").click()
    page.get_by_role("button", name="Continue").click()


def _press(page: Page, action: str) -> None:
    """A button of the wizard; the next page has the same address, so wait for it."""
    with page.expect_navigation():
        page.locator(f"button[value={action}]").click()


def _debit(platform: Platform) -> Json:
    """A direct debit on its way."""
    details: Json = {
        "payment_method_data[type]": "sepa_debit",
        "payment_method_data[sepa_debit][iban]": "DE89370400440532013000",
        "payment_method_data[billing_details][name]": "Anne Fan",
        "payment_method_data[billing_details][email]": "fan@example.com",
        "mandate_data[customer_acceptance][type]": "offline",
        "return_url": "https://shop.example/",
    }
    return platform.intent(types=["sepa_debit"], confirm="true", **details)


def _is_in_order(page: Page, look: Json) -> None:
    """Accessible, in the right language, nothing sticking out."""
    assert accessibility_problems(page) == [], page.url
    assert page.locator("html").get_attribute("lang") == look["locale"][:2]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    assert not re.search(r"\{\{|Undefined|None\b", page.locator("main").inner_text())
