"""The platform and its customers, for the tests of what people see of Stripe's sandbox."""

import json
import re
import time
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Frame, FrameLocator, Page, expect

from tests.contract.merchant_site import MerchantSite
from tests.contract.sandbox_program import SandboxProgram

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
Json = dict[str, Any]


class Platform:
    """The merchant's server, with its secret key."""

    def __init__(self, sandbox: SandboxProgram) -> None:
        self.sandbox = sandbox
        self._client = httpx.Client(
            base_url=f"{sandbox.url}/v1", auth=(sandbox.keys["secret_key"], ""), timeout=10, trust_env=False
        )

    def raw(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Any request."""
        return self._client.request(method, path, **options)

    def post(self, path: str, *, on: str | None = None, **params: Any) -> Json:
        """A write that must succeed, ``on`` a connected account or the platform; nested names have brackets."""
        return self._json(self._client.post(path, data=params, headers=_acting_on(on)))

    def get(self, path: str, *, on: str | None = None, **params: Any) -> Json:
        """A read that must succeed."""
        return self._json(self._client.get(path, params=params, headers=_acting_on(on)))

    def intent(self, amount: int = 2500, **params: Any) -> Json:
        """A payment intent over euros, by card alone unless told otherwise."""
        types = params.pop("types", ["card"])
        listed = {f"allowed_payment_method_types[{index}]": each for index, each in enumerate(types)}
        return self.post("/payment_intents", amount=amount, currency="eur", **listed, **params)

    def paid(self, **params: Any) -> Json:
        """A payment intent that a card has paid."""
        here: Json = {
            "automatic_payment_methods[enabled]": "true",
            "automatic_payment_methods[allow_redirects]": "never",
        }
        return self.intent(payment_method="pm_card_bypassPending", confirm="true", **here, **params)

    def account(self, **params: Any) -> Json:
        """A creator's account that nobody has onboarded."""
        wishes = {
            "capabilities[transfers][requested]": "true",
            "capabilities[card_payments][requested]": "true",
        }
        return self.post("/accounts", type="express", country="FR", **wishes, **params)

    def status(self, intent: Json) -> str:
        """How the intent stands."""
        return str(self.get(f"/payment_intents/{intent['id']}")["status"])

    def wait_for_status(self, path: str, status: str, *, on: str | None = None) -> None:
        """Wait until what a click causes has happened."""
        wait_until(lambda: self.get(path, on=on)["status"] == status)

    @staticmethod
    def _json(answer: httpx.Response) -> Json:
        assert answer.status_code == 200, answer.text
        body: Json = answer.json()
        return body


def _acting_on(account: str | None) -> dict[str, str]:
    return {"Stripe-Account": account} if account else {}


class Checkout:
    """A customer in front of the shop's payment page."""

    def __init__(self, page: Page, site: MerchantSite) -> None:
        self.page = page
        self._site = site

    @property
    def fields(self) -> FrameLocator:
        """Inside the Payment Element."""
        return self.page.frame_locator("#payment iframe")

    @property
    def frame(self) -> Frame:
        """The same as a frame, to run scripts in."""
        return next(each for each in self.page.frames if each.url.endswith("/v3/frames/payment"))

    def open(self, intent: Json, **options: str) -> "Checkout":
        """Go to the page that pays the intent."""
        self.page.goto(self._site.checkout(intent["client_secret"], **options))
        expect(self.page.locator("body")).to_have_attribute("data-ready", "yes")
        return self

    def card(self, number: str, *, expiry: str = "1234", cvc: str = "123") -> "Checkout":
        """Type a card: the caret moves on by itself."""
        self.fields.locator("#field-number").press_sequentially(number)
        expect(self.fields.locator("#field-expiry")).to_be_focused()
        self.page.keyboard.type(expiry)
        expect(self.fields.locator("#field-cvc")).to_be_focused()
        self.page.keyboard.type(cvc)
        return self

    def submit(self) -> "Checkout":
        """Press the shop's button: what it said before is forgotten."""
        self.page.locator("#result").evaluate("shown => { shown.textContent = ''; }")
        self.page.get_by_role("button", name="Pay", exact=True).click()
        return self

    def result(self) -> Json:
        """What confirmPayment resolved with."""
        expect(self.page.locator("#result")).to_have_text(re.compile(r"^\{.*\}$", re.S))
        found: Json = json.loads(self.page.locator("#result").inner_text())
        return found

    def error(self) -> Json:
        """The error confirmPayment resolved with."""
        found: Json = self.result()["error"]
        return found

    def events(self, name: str) -> list[Json]:
        """What the element has told the shop."""
        return [details for event, details in self.page.evaluate("window.seen") if event == name]

    def call(self, script: str) -> Any:
        """Use the shop's `stripe`, `elements` and `payment`."""
        return self.page.evaluate(
            f"async () => {{ const {{stripe, elements, payment}} = window.shop; return {script} }}"
        )


def accessibility_problems(frame: Page | Frame, *, behind: str = "") -> list[str]:
    """What axe finds in a page or frame as it is now; ``behind`` is the colour under a see-through frame."""
    frame.evaluate("color => { document.documentElement.style.backgroundColor = color; }", behind)
    frame.evaluate(AXE.read_text("utf-8"))
    found = frame.evaluate("async () => (await axe.run()).violations")
    return [f"{each['id']}: {[node['html'][:160] for node in each['nodes']]}" for each in found]


def wait_until(condition: Any, seconds: float = 20) -> None:
    """Wait for something that happens by itself."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)
