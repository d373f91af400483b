"""Every object that Stripe's sandbox gives has every key the real service never leaves out. SB-1."""

from typing import Any

import pytest

from tests.contract.stripe_shapes import ALWAYS_PRESENT, CLASSES, problems
from tests.contract.stripe_tools import RETURN_URL, Stripe, eventually

LISTS = ("charges", "refunds", "transfers", "application_fees", "balance_transactions", "payouts", "disputes",
         "payment_intents", "accounts", "webhook_endpoints", "events")  # fmt: skip


@pytest.fixture
def platform(stripe_sandbox):
    return Stripe(stripe_sandbox)


def objects_in(value: Any) -> list[dict[str, Any]]:
    """Every object inside some JSON."""
    if isinstance(value, list):
        return [each for item in value for each in objects_in(item)]
    if not isinstance(value, dict):
        return []
    kind = value.get("object")
    here = [value] if isinstance(kind, str) and kind in CLASSES else []
    return here + [each for item in value.values() for each in objects_in(item)]


def test_a_whole_story_in_right_shapes(platform, receiver):
    """Payment, decline, challenge, debit, refund, reversal, payout, dispute: all that comes out of them."""
    seen = [
        platform.request(
            "POST", "/v1/webhook_endpoints", data={"url": receiver.url, "enabled_events[]": "*"}
        ).json()
    ]
    account = platform.account()
    _live_through(platform, account, seen)
    for name in LISTS:
        for owner in (None, account.id):
            seen.append(platform.get(f"/v1/{name}", owner, limit=100))
    seen += [platform.get("/v1/balance", owner) for owner in (None, account.id)]
    objects = objects_in(seen)
    assert {problem for each in objects for problem in problems(each)} == set()
    kinds = {"".join(word.capitalize() for word in each["object"].split("_")) for each in objects}
    assert {name for name in ALWAYS_PRESENT if "." not in name} <= kinds


def test_the_check_notices_what_is_wrong(platform):
    """The control of the test above."""
    intent = platform.request("GET", f"/v1/payment_intents/{platform.intent().id}").json()
    assert problems(intent) == []
    assert problems({name: each for name, each in intent.items() if name != "customer"})
    assert problems(intent | {"amount": "1000"})
    assert problems(intent | {"status": "thinking"})
    assert problems(intent | {"automatic_payment_methods": {}})


def _live_through(platform, account, seen):
    intent = platform.paid(**platform.destination(account.id))
    platform.api.refunds.create(
        {
            "payment_intent": intent.id,
            "amount": 3_000,
            "reverse_transfer": True,
            "refund_application_fee": True,
        }
    )
    seen.append(platform.get(f"/v1/transfers/{intent.latest_charge.transfer}/reversals"))
    seen.append(platform.get(f"/v1/payment_methods/{intent.payment_method}"))
    declined = f"/v1/payment_intents/{platform.intent().id}/confirm"
    data = {"payment_method": "pm_card_chargeDeclined", "return_url": RETURN_URL}
    seen.append(platform.request("POST", declined, data=data).json())
    platform.confirm(platform.intent(), "pm_card_threeDSecure2Required")
    _debit(platform)
    platform.api.payouts.create({"amount": 100, "currency": "eur"}, {"stripe_account": account.id})
    failed = platform.api.payouts.create({"amount": 100, "currency": "eur"}, {"stripe_account": account.id})
    platform.sandbox.control("POST", f"payouts/{failed.id}/fail")
    disputed = platform.paid()
    dispute = platform.sandbox.control("POST", "disputes", {"charge": disputed.latest_charge.id})
    platform.api.disputes.update(dispute["id"], {"evidence": {"uncategorized_text": "winning_evidence"}})
    data = {
        "account": account.id,
        "type": "account_onboarding",
        "refresh_url": RETURN_URL,
        "return_url": RETURN_URL,
    }
    seen.append(platform.request("POST", "/v1/account_links", data=data).json())
    platform.sandbox.control("POST", "clock", {"advance": 11})
    eventually(lambda: {"payout.paid", "payout.failed"} <= set(platform.types(account.id)))
    eventually(lambda: {"charge.dispute.closed", "refund.updated"} <= set(platform.types()))


def _debit(platform):
    billing = {"name": "Ada", "email": "ada@example.com"}
    data = {
        "type": "sepa_debit",
        "sepa_debit": {"iban": "AT611904300234573201"},
        "billing_details": billing,
    }
    mandate = {"customer_acceptance": {"type": "offline"}}
    platform.api.payment_intents.confirm(
        platform.intent().id, {"payment_method_data": data, "mandate_data": mandate, "return_url": RETURN_URL}
    )
