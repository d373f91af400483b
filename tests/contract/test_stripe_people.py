"""The Payment Element in a shop of another origin under a strict content policy (SB-3, UI-5)."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.contract.merchant_site import MerchantSite
from tests.contract.sandbox_program import SandboxProgram
from tests.contract.stripe_people import PHONE, Checkout, Platform, accessibility_problems, wait_until

SEPA = ["card", "sepa_debit"]
THREE_D_SECURE = "4000000000003220"


@pytest.fixture
def platform(stripe_sandbox: SandboxProgram) -> Platform:
    return Platform(stripe_sandbox)


@pytest.fixture
def site(stripe_sandbox: SandboxProgram) -> Iterator[MerchantSite]:
    site = MerchantSite(sandbox=stripe_sandbox.url, key=stripe_sandbox.keys["publishable_key"])
    yield site
    site.close()


@pytest.fixture
def checkout(chromium_with_camera: Browser, site: MerchantSite) -> Iterator[Checkout]:
    """A customer; no script of any page may fail and no content policy be violated."""
    yield from _customer(chromium_with_camera, site)


@pytest.fixture
def phone_checkout(chromium_with_camera: Browser, site: MerchantSite) -> Iterator[Checkout]:
    yield from _customer(chromium_with_camera, site, color_scheme="dark", **PHONE)


def _customer(browser: Browser, site: MerchantSite, **options: Any) -> Iterator[Checkout]:
    context = browser.new_context(**{"locale": "en-US", **options})
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "console", lambda line: problems.append(line.text) if "Content Security Policy" in line.text else None
    )
    yield Checkout(page, site)
    context.close()
    assert problems == []


class TestCard:
    """SB-3: paying by card."""

    def test_pays_and_resolves(self, platform: Platform, checkout: Checkout) -> None:
        """confirmPayment with redirect "if_required" resolves with the intent the publishable key may see."""
        intent = platform.intent()
        paid = checkout.open(intent).card("4242424242424242").submit().result()["paymentIntent"]
        assert (paid["id"], paid["status"], paid["amount"]) == (intent["id"], "succeeded", 2500)
        assert "metadata" not in paid
        assert platform.status(intent) == "succeeded"
        charge = platform.get("/charges", payment_intent=intent["id"])["data"][0]
        assert charge["billing_details"]["address"]["country"] == "FR"
        assert charge["payment_method_details"]["card"]["exp_year"] == 2034

    def test_returns_to_the_merchant(self, platform: Platform, checkout: Checkout) -> None:
        """redirect "always" (the default) leaves for return_url with Stripe's three parameters."""
        intent = platform.intent()
        checkout.open(intent, redirect="always").card("4242424242424242").submit()
        checkout.page.wait_for_url("**/thanks?*")
        for part in ("order=7", f"payment_intent={intent['id']}", "redirect_status=succeeded"):
            assert part in checkout.page.url
        assert f"payment_intent_client_secret={intent['client_secret']}" in checkout.page.url

    @pytest.mark.parametrize(
        ("number", "locale", "decline", "message"),
        [
            ("4000000000000002", "en", "generic_decline", "Your card was declined."),
            ("4000000000000002", "fr", "generic_decline", "Votre carte a été refusée."),
            (
                "4000000000009995",
                "fr",
                "insufficient_funds",
                "Votre carte ne dispose pas de fonds suffisants.",
            ),
            ("4000000000000069", "en", "expired_card", "Your card has expired."),
        ],
    )
    def test_declined(
        self, platform: Platform, checkout: Checkout, number: str, locale: str, decline: str, message: str
    ) -> None:
        """The error has Stripe's shape, in the page's language, and stands next to the field; another card pays."""
        intent = platform.intent()
        error = checkout.open(intent, locale=locale).card(number).submit().error()
        assert (error["type"], error["decline_code"]) == ("card_error", decline)
        assert error["message"].startswith(message)
        assert error["payment_intent"]["status"] == "requires_payment_method"
        expect(checkout.fields.get_by_role("alert").filter(visible=True)).to_have_text(error["message"])
        typed = checkout.fields.locator("#field-number")
        typed.fill("")
        typed.press_sequentially("4242424242424242")
        expect(typed).to_have_value("4242 4242 4242 4242")
        assert checkout.submit().result()["paymentIntent"]["status"] == "succeeded"

    def test_a_button_stays_under_the_pointer(self, platform: Platform, checkout: Checkout) -> None:
        """A message that goes when its field is left takes no click away, however long the button is pressed."""
        intent = platform.intent()
        checkout.open(intent).card("4000000000000069").submit().error()
        checkout.fields.locator("#field-number").fill("4242424242424242")
        checkout.fields.locator("#field-expiry").focus()
        button = checkout.page.get_by_role("button", name="Pay", exact=True)
        before = button.bounding_box()
        button.hover()
        checkout.page.mouse.down()
        expect(checkout.fields.get_by_role("alert").filter(visible=True)).to_have_count(0)
        checkout.page.wait_for_timeout(200)
        assert button.bounding_box() == before
        checkout.page.locator("#result").evaluate("shown => { shown.textContent = ''; }")
        checkout.page.mouse.up()
        assert checkout.result()["paymentIntent"]["status"] == "succeeded"
        assert button.bounding_box() != before

    def test_fields_check_and_format(self, platform: Platform, checkout: Checkout) -> None:
        """Formatting, brands, Luhn, past dates, missing parts: told in place, nothing is sent."""
        intent = platform.intent()
        checkout.open(intent)
        number, expiry, cvc = (
            checkout.fields.locator(f"#field-{name}") for name in ("number", "expiry", "cvc")
        )
        assert checkout.submit().error() == {
            "type": "validation_error",
            "code": "incomplete_number",
            "message": "Your card number is incomplete.",
        }
        expect(number).to_be_focused()
        expect(number).to_have_attribute("aria-invalid", "true")
        number.press_sequentially("4242424242424241")
        expect(number).to_have_value("4242 4242 4242 4241")
        expect(checkout.fields.locator("#error-number")).to_have_text("Your card number is invalid.")
        expiry.press_sequentially("120")
        expect(expiry).to_have_value("12 / 0")
        expiry.fill("1220")
        expect(checkout.fields.locator("#error-expiry")).to_have_text(
            "Your card’s expiration year is in the past."
        )
        expiry.fill("9/2034")
        expect(expiry).to_have_value("09 / 34")
        number.fill("378282246310005")
        expect(number).to_have_value("3782 822463 10005")
        expect(checkout.fields.locator("[data-brand]").filter(visible=True)).to_have_count(1)
        cvc.fill("12345")
        expect(cvc).to_have_value("1234")
        assert platform.status(intent) == "requires_payment_method"
        assert checkout.submit().result()["paymentIntent"]["status"] == "succeeded"

    def test_american_cards_need_a_postal_code(self, platform: Platform, checkout: Checkout) -> None:
        checkout.open(platform.intent()).card("4242424242424242")
        checkout.fields.get_by_label("Country").select_option("US")
        assert checkout.submit().error()["code"] == "incomplete_zip"
        checkout.fields.get_by_label("ZIP code").fill("94107")
        assert checkout.submit().result()["paymentIntent"]["status"] == "succeeded"

    def test_backspace_crosses_separators(self, platform: Platform, checkout: Checkout) -> None:
        expiry = checkout.open(platform.intent()).fields.locator("#field-expiry")
        expiry.press_sequentially("5")
        expect(expiry).to_have_value("05 / ")
        for _ in range(5):
            expiry.press("Backspace")
        expect(expiry).to_have_value("")

    def test_lost_connection(
        self, platform: Platform, checkout: Checkout, stripe_sandbox: SandboxProgram
    ) -> None:
        """SB-2: a dropped connection is an api_connection_error, a failure keeps its shape, a lost answer is found."""
        intent = platform.intent()
        checkout.open(intent).card("4242424242424242")
        match = "POST /v1/payment_intents"
        dropped = {"match": match, "times": 20}  # a browser tries again on every connection it has kept
        stripe_sandbox.control("POST", "faults", {**dropped, "kind": "drop_before"})
        assert checkout.submit().error()["type"] == "api_connection_error"
        stripe_sandbox.control("DELETE", "faults")
        stripe_sandbox.control("POST", "faults", {"match": match, "kind": "500"})
        assert checkout.submit().error()["type"] == "api_error"
        stripe_sandbox.control("POST", "faults", {**dropped, "kind": "drop_after"})
        assert checkout.submit().error()["type"] == "api_connection_error"
        assert platform.status(intent) == "succeeded"
        stripe_sandbox.control("DELETE", "faults")
        assert checkout.submit().result()["paymentIntent"]["status"] == "succeeded"


class TestThreeDSecure:
    """SB-3: the bank's challenge."""

    @pytest.mark.parametrize(
        ("locale", "button"), [("en", "Complete authentication"), ("fr", "Réussir l’auth")]
    )
    def test_complete(self, platform: Platform, checkout: Checkout, locale: str, button: str) -> None:
        intent = platform.intent()
        checkout.open(intent, locale=locale).card(THREE_D_SECURE).submit()
        challenge = checkout.page.frame_locator("dialog iframe")
        expect(challenge.get_by_role("button", name=button)).to_be_focused()
        frame = next(each for each in checkout.page.frames if "/3ds/" in each.url)
        # The sheet's entrance ends: half faded in, its colours have no contrast yet.
        frame.evaluate("Promise.all(document.getAnimations().map((one) => one.finished)).then(() => {})")
        assert accessibility_problems(frame) == []
        assert platform.status(intent) == "requires_action"
        challenge.get_by_role("button", name=button).click()
        assert checkout.result()["paymentIntent"]["status"] == "succeeded"
        expect(checkout.page.locator("dialog")).to_have_count(0)

    def test_fail(self, platform: Platform, checkout: Checkout) -> None:
        intent = platform.intent()
        checkout.open(intent, locale="fr").card(THREE_D_SECURE).submit()
        checkout.page.frame_locator("dialog iframe").get_by_role("button", name="Faire échouer").click()
        error = checkout.error()
        assert error["code"] == "payment_intent_authentication_failure"
        assert error["message"].startswith("Nous ne sommes pas parvenus à authentifier")
        assert error["payment_intent"]["status"] == "requires_payment_method"

    def test_browser_closed_in_the_middle(self, platform: Platform, checkout: Checkout) -> None:
        """The intent waits, and handleNextAction takes it up again later."""
        intent = platform.intent()
        checkout.open(intent).card(THREE_D_SECURE).submit()
        expect(checkout.page.locator("dialog")).to_be_visible()
        checkout.page.goto("about:blank")
        assert platform.status(intent) == "requires_action"
        checkout.open(intent)
        checkout.page.evaluate(
            """secret => { window.later = window.shop.stripe.handleNextAction({ clientSecret: secret }); }""",
            intent["client_secret"],
        )
        checkout.page.frame_locator("dialog iframe").get_by_role("button", name="Complete").click()
        assert checkout.page.evaluate("window.later")["paymentIntent"]["status"] == "succeeded"

    @pytest.mark.parametrize(("button", "outcome"), [("Complete", "succeeded"), ("Fail", "failed")])
    def test_full_redirect(
        self, platform: Platform, checkout: Checkout, site: MerchantSite, button: str, outcome: str
    ) -> None:
        """redirect_to_url: the bank's page alone, without scripts, back to return_url."""
        intent = platform.intent(
            payment_method="pm_card_threeDSecure2Required", confirm="true", return_url=f"{site.url}/thanks"
        )
        checkout.page.goto(intent["next_action"]["redirect_to_url"]["url"])
        assert accessibility_problems(checkout.page) == []
        checkout.page.get_by_role("button", name=button).click()
        checkout.page.wait_for_url(f"**/thanks?*redirect_status={outcome}")


class TestSepa:
    """SB-3, PY: direct debits where the intent offers them."""

    def test_debit(self, platform: Platform, checkout: Checkout) -> None:
        intent = platform.intent(types=SEPA)
        checkout.open(intent, locale="fr")
        checkout.fields.get_by_role("tab", name="Carte").focus()
        checkout.page.keyboard.press("ArrowRight")
        expect(checkout.fields.get_by_role("tab", name="Prélèvement SEPA")).to_be_focused()
        assert checkout.submit().error()["code"] == "incomplete_email"
        checkout.fields.get_by_label("E-mail").fill("fan@example.com")
        checkout.fields.get_by_label("Nom complet").fill("Anne Fan")
        checkout.fields.get_by_label("IBAN").press_sequentially("DE89370400440532013001")
        expect(checkout.fields.locator("#error-iban")).to_have_text("L’IBAN saisi n’est pas valide.")
        checkout.fields.get_by_label("IBAN").fill("DE89370400440532013000")
        expect(checkout.fields.get_by_label("IBAN")).to_have_value("DE89 3704 0044 0532 0130 00")
        assert accessibility_problems(checkout.frame) == []
        assert checkout.submit().result()["paymentIntent"]["status"] == "processing"
        wait_until(lambda: platform.status(intent) == "succeeded")

    def test_no_tabs_where_there_is_no_choice(self, platform: Platform, checkout: Checkout) -> None:
        expect(checkout.open(platform.intent()).fields.get_by_role("tablist")).to_have_count(0)


class TestInterface:
    """SB-3: the calls and events of Stripe.js."""

    def test_events_and_methods(self, platform: Platform, checkout: Checkout) -> None:
        intent = platform.intent(types=SEPA)
        checkout.open(intent)
        assert checkout.events("ready") == [{"elementType": "payment"}]
        assert checkout.call("elements.getElement('payment') === payment")
        checkout.call("payment.focus()")
        expect(checkout.fields.locator("#field-number")).to_be_focused()
        checkout.card("4242424242424242")
        wait_until(lambda: checkout.events("change")[-1]["complete"])
        assert checkout.events("change")[-1]["value"] == {"type": "card"}
        assert checkout.call("elements.submit()") == {"selectedPaymentMethod": "card"}
        found = checkout.call(f"stripe.retrievePaymentIntent('{intent['client_secret']}')")
        assert found["paymentIntent"]["id"] == intent["id"]
        assert checkout.call("elements.fetchUpdates()") == {}
        checkout.page.keyboard.press("Escape")
        wait_until(lambda: checkout.events("escape") != [])
        checkout.call("payment.blur()")
        wait_until(lambda: checkout.events("blur") != [])
        checkout.call("payment.collapse()")
        wait_until(lambda: checkout.events("change")[-1]["collapsed"])
        checkout.call("elements.update({ locale: 'fr' })")
        expect(checkout.fields.get_by_role("tab", name="Carte")).to_be_visible()
        checkout.call("payment.destroy()")
        expect(checkout.page.locator("#payment iframe")).to_have_count(0)
        assert checkout.call("elements.getElement('payment')") is None

    def test_mistakes_of_the_integration_are_thrown(self, platform: Platform, checkout: Checkout) -> None:
        """A sandbox accepts what the real service accepts (SB-1)."""
        checkout.open(platform.intent())
        for script, words in {
            "Stripe('sk_test_1')": "secret key",
            "stripe.elements({})": "clientSecret or mode",
            "stripe.elements({ clientSecret: 'x' })": "client secret of the form",
            "elements.create('payment')": "only create one Element",
            "await stripe.confirmPayment({ elements })": "return_url",
            "payment.mount('#nowhere')": "no DOM elements",
        }.items():
            told = checkout.call(
                f"await (async () => {script})().then(() => '', (error) => `${{error.name}}: ${{error.message}}`)"
            )
            assert told.startswith("IntegrationError: "), script
            assert words in told

    def test_wrong_secret_and_finished_intents_cannot_be_loaded(
        self, platform: Platform, checkout: Checkout, site: MerchantSite
    ) -> None:
        paid = platform.paid()
        checkout.page.goto(site.checkout(paid["client_secret"]))
        assert checkout.error()["code"] == "payment_intent_unexpected_state"
        checkout.page.goto(site.checkout(platform.intent()["client_secret"] + "x"))
        assert checkout.error()["type"] == "invalid_request_error"
        assert [each["error"]["type"] for each in checkout.events("loaderror")] == ["invalid_request_error"]

    def test_card_data_stays_in_the_frame(self, platform: Platform, checkout: Checkout) -> None:
        """The fields are of another origin: the shop cannot read them."""
        checkout.open(platform.intent()).card("4242424242424242")
        assert checkout.page.evaluate("document.querySelector('#payment iframe').contentDocument") is None
        assert "4242 4242" not in checkout.page.content()


class TestLook:
    """SB-3, UI-7: languages, themes, sizes, accessibility."""

    @pytest.mark.parametrize("theme", ["stripe", "night", "flat"])
    def test_accessible(self, platform: Platform, checkout: Checkout, theme: str) -> None:
        checkout.open(platform.intent(types=SEPA), theme=theme, locale="fr")
        assert checkout.frame.evaluate("document.documentElement.lang") == "fr"
        behind = checkout.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert accessibility_problems(checkout.frame, behind=behind) == []
        checkout.submit().error()
        assert accessibility_problems(checkout.frame, behind=behind) == []

    def test_a_small_dark_phone(self, platform: Platform, phone_checkout: Checkout) -> None:
        """360 px: nothing scrolls inside, nothing sticks out, the frame is as high as its content."""
        phone_checkout.open(platform.intent(types=SEPA), theme="night").submit().error()
        frame = phone_checkout.page.locator("#payment iframe")
        assert phone_checkout.frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
        wait_until(lambda: _height(phone_checkout) == frame.evaluate("node => node.clientHeight"))
        assert phone_checkout.page.evaluate("document.documentElement.scrollWidth") <= 360

    def test_appearance(self, platform: Platform, checkout: Checkout) -> None:
        """Variables and rules reach the fields; what is unknown or harmful is passed over."""
        checkout.open(platform.intent())
        checkout.call("""elements.update({ appearance: {
            variables: { borderRadius: "12px", colorBackground: "#101010", nonsense: "1" },
            rules: {
                ".Input": { padding: "20px", backgroundImage: "url(https://evil.example/x)" },
                "body": { color: "red" },
            },
        } })""")
        number = checkout.fields.locator("#field-number")
        expect(number).to_have_css("border-radius", "12px")
        expect(number).to_have_css("padding-left", "20px")
        expect(number).to_have_css("background-image", "none")
        expect(checkout.page.locator("#payment iframe")).to_have_css("color-scheme", "dark")


def _height(checkout: Checkout) -> Any:
    return checkout.frame.evaluate("Math.ceil(document.querySelector('main').getBoundingClientRect().height)")
