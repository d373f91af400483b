"""The sandbox through Stripe's own library, and the few steps most tests begin with."""

import time
from collections.abc import Callable
from typing import Any

import httpx
import stripe
from stripe import StripeClient

from tests.contract.sandbox_program import CLIENT, SandboxProgram

RETURN_URL = "https://shop.example/return?booking=7"
CARD = {"exp_month": "12", "exp_year": "34", "cvc": "123"}


class Stripe:
    """A platform on the sandbox: the library's client, the browser's side, what the tests do again and again."""

    def __init__(self, sandbox: SandboxProgram, *, retries: int = 0) -> None:
        self.sandbox = sandbox
        self.url = sandbox.url
        self.keys = sandbox.keys
        self.api = client_of(sandbox, retries=retries).v1

    def account(self, *, onboarded: bool = True, **params: Any) -> Any:
        """A connected account, ready for transfers unless told."""
        capabilities = {"card_payments": {"requested": True}, "transfers": {"requested": True}}
        defaults = {"type": "express", "country": "FR", "capabilities": capabilities}
        account = self.api.accounts.create({**defaults, **params})
        if onboarded:
            self.sandbox.control("POST", f"accounts/{account.id}/onboard")
            account = self.api.accounts.retrieve(account.id)
        return account

    def intent(self, amount: int = 10_000, **params: Any) -> Any:
        """An intent in euros."""
        return self.api.payment_intents.create({"amount": amount, "currency": "eur", **params})

    def destination(self, account: str, fee: int = 1820) -> dict[str, Any]:
        """What makes an intent a destination charge."""
        return {"transfer_data": {"destination": account}, "application_fee_amount": fee}

    def confirm(self, intent: Any, method: str = "pm_card_visa", **params: Any) -> Any:
        """Pay on the server's side."""
        given = {"payment_method": method, "return_url": RETURN_URL, **params}
        return self.api.payment_intents.confirm(intent.id, given)

    def paid(self, amount: int = 10_000, method: str = "pm_card_bypassPending", **params: Any) -> Any:
        """A succeeded intent whose money is booked, with its charge expanded."""
        intent = self.confirm(self.intent(amount, **params), method)
        return eventually(lambda: self._booked(intent.id))

    def browser(self, method: str, path: str, **form: str) -> httpx.Response:
        """A request as Stripe.js sends it, with the publishable key in the form."""
        values = {"key": self.keys["publishable_key"], **form}
        if method == "GET":
            return CLIENT.get(self.url + path, params=values)
        return CLIENT.post(self.url + path, data=values)

    def browser_confirm(self, intent: Any, number: str, **form: str) -> httpx.Response:
        """Confirm with a card typed into the page."""
        card = {
            f"payment_method_data[card][{name}]": value for name, value in {"number": number, **CARD}.items()
        }
        fixed = {
            "client_secret": intent.client_secret,
            "payment_method_data[type]": "card",
            "return_url": RETURN_URL,
        }
        return self.browser("POST", f"/v1/payment_intents/{intent.id}/confirm", **{**fixed, **card, **form})

    def get(self, path: str, account: str | None = None, **params: Any) -> Any:
        """The bare JSON of a GET."""
        headers = {"Stripe-Account": account} if account else {}
        return self.request("GET", path, headers=headers, params=params).json()

    def request(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        """A bare request with the secret key."""
        return CLIENT.request(method, self.url + path, auth=(self.keys["secret_key"], ""), **kwargs)

    def types(self, account: str | None = None) -> list[str]:
        """The types of all events so far, oldest first."""
        return [each["type"] for each in reversed(self.get("/v1/events", account, limit=100)["data"])]

    def available(self, account: str | None = None, currency: str = "eur") -> int:
        """The available balance."""
        return _amount(self.get("/v1/balance", account)["available"], currency)

    def pending(self, account: str | None = None, currency: str = "eur") -> int:
        """The pending balance."""
        return _amount(self.get("/v1/balance", account)["pending"], currency)

    def _booked(self, id: str) -> Any:
        intent = self.api.payment_intents.retrieve(id, {"expand": ["latest_charge"]})
        return intent if intent.latest_charge.balance_transaction else None


def client_of(sandbox: SandboxProgram, *, retries: int = 0) -> StripeClient:
    """Stripe's library, pointed at the sandbox."""
    return StripeClient(
        sandbox.keys["secret_key"],
        base_addresses={"api": sandbox.url},
        max_network_retries=retries,
        http_client=stripe.HTTPXClient(allow_sync_methods=True),
    )


def eventually(look: Callable[[], Any], seconds: float = 30) -> Any:
    """What ``look`` gives once it gives something."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)
    return found


def _amount(entries: list[dict[str, Any]], currency: str) -> int:
    return sum(each["amount"] for each in entries if each["currency"] == currency)
