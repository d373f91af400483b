"""What creators and fans do at Stripe, done through its API and the sandbox's controls."""

import stripe

from callastar.creators.models import Creator
from callastar.providers.stripe.client import call
from tests.contract.sandbox_program import SandboxProgram
from tests.factories import make_creator


def make_onboarded_creator(sandbox: SandboxProgram, *, country: str = "FR", **fields: object) -> Creator:
    """A creator whose account at the sandbox takes money."""
    account = call(
        lambda c: c.v1.accounts.create(
            {
                "type": "express",
                "country": country,
                "capabilities": {"card_payments": {"requested": True}, "transfers": {"requested": True}},
            }
        )
    )
    sandbox.control("POST", f"accounts/{account.id}/onboard")
    return make_creator(stripe_account_id=account.id, stripe_country=country, **fields)


def pay(intent_id: str, card: str = "pm_card_visa") -> str:
    """Confirm an intent as the fan's browser would; the status it then has, or the decline's code."""
    try:
        intent = call(
            lambda c: c.v1.payment_intents.confirm(
                intent_id, {"payment_method": card, "return_url": "https://callastar.example/return"}
            )
        )
    except Exception as error:
        return getattr(error, "code", str(error))
    return intent.status


def pay_slowly(intent_id: str) -> str:
    """Confirm an intent by a direct debit, which stays `processing` until it is settled; the status it then has."""
    return call(
        lambda c: c.v1.payment_intents.confirm(
            intent_id,
            {
                "payment_method_data": {
                    "type": "sepa_debit",
                    "sepa_debit": {"iban": "AT611904300234573201"},
                    "billing_details": {"name": "A Fan", "email": "fan@example.com"},
                },
                "mandate_data": {"customer_acceptance": {"type": "offline"}},
                "return_url": "https://callastar.example/return",
            },
        )
    ).status


def intents(sandbox: SandboxProgram) -> list[stripe.PaymentIntent]:
    """All intents that the sandbox knows."""
    return call(lambda c: c.v1.payment_intents.list({"limit": 100})).data


def refunds(sandbox: SandboxProgram) -> list[stripe.Refund]:
    """All refunds that the sandbox knows."""
    return call(lambda c: c.v1.refunds.list({"limit": 100})).data
