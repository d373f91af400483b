"""The product's money at Stripe: it speaks to the sandbox through a proxy that knows Stripe's own library."""

from datetime import UTC, datetime

import pytest

from callastar.providers.stripe import gateway, money, payouts
from tests.contract import protocol_stripe
from tests.contract.stripe_tools import Stripe
from tests.contract.validating_proxy import ValidatingProxy

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
SHARE = 8_180  # of 100.00: less 18.20


@pytest.fixture(name="wire")
def wire_fixture(at_stripe, settings):
    """A proxy between product and sandbox: neither may do what Stripe's library does not declare."""
    proxy = ValidatingProxy(at_stripe.url, protocol_stripe.violations)
    settings.STRIPE_API_BASE = proxy.url
    yield proxy
    proxy.close()
    assert proxy.violations == []


@pytest.fixture(name="platform")
def platform_fixture(wire, at_stripe):
    """The platform through Stripe's own library; the product speaks to the same sandbox."""
    return Stripe(at_stripe)


@pytest.fixture(name="account")
def account_fixture(platform):
    """A creator's account that takes money."""
    return platform.account().id


@pytest.fixture(name="paid")
def paid_fixture(platform, account):
    """A paid and settled intent over 100.00 EUR of which 18.20 are our fee."""
    return platform.paid(**platform.destination(account))


def read(intent):
    """All about the intent's charge."""
    return money.charge_money(charge_id=intent.latest_charge.id)


def refund(intent, amount, key, **how):
    """Give a part back."""
    return gateway.create_refund(
        intent_id=intent.id, amount=amount, metadata={"refund": key}, idempotency_key=key, **how
    )


def reverse(transfer, amount, key):
    """Take a part back from the account."""
    return money.create_reversal(
        transfer_id=transfer.id, amount=amount, metadata={"debt": "7"}, idempotency_key=key
    )


def pay_out(account, amount, key="payout-1", **params):
    """Send a part to the account's bank."""
    return payouts.create_payout(
        account=account,
        amount=amount,
        currency="EUR",
        metadata={"payout": key},
        idempotency_key=key,
        **params,
    )
