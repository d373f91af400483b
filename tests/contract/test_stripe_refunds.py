"""Refunds, transfer reversals and what they do to the balances. SB-1, SB-2."""

import pytest
import stripe

from tests.contract.stripe_tools import Stripe, eventually

BOTH = {"reverse_transfer": True, "refund_application_fee": True}


@pytest.fixture
def platform(stripe_sandbox):
    return Stripe(stripe_sandbox)


@pytest.fixture
def account(platform):
    return platform.account()


@pytest.fixture
def payment(platform, account):
    return platform.paid(**platform.destination(account.id))


def test_a_full_refund_gives_everything_back(platform, account, payment):
    refund = platform.api.refunds.create(
        {"payment_intent": payment.id, "reason": "requested_by_customer", **BOTH}
    )
    assert (refund.status, refund.amount, refund.charge) == ("succeeded", 10_000, payment.latest_charge.id)
    assert (platform.available(account.id), platform.available()) == (0, -175)
    charge = platform.api.charges.retrieve(
        refund.charge, {"expand": ["transfer", "application_fee", "refunds"]}
    )
    assert (charge.refunded, charge.amount_refunded, charge.transfer.reversed) == (True, 10_000, True)
    assert (charge.application_fee.refunded, charge.application_fee.amount_refunded) == (True, 1_820)
    assert [each.id for each in charge.refunds.data] == [refund.id]
    assert charge.transfer.reversals.data[0].source_refund == refund.id
    expected = ["transfer.reversed", "application_fee.refunded", "refund.created", "charge.refunded"]
    assert platform.types()[-4:] == expected
    event = platform.get("/v1/events", type="charge.refunded")["data"][0]
    assert event["data"]["object"]["object"] == "charge"


def test_parts_add_up_to_the_whole(platform, account, payment):
    """The last part takes what rounding left over."""
    for amount in (3_333, 3_333, 3_334):
        platform.api.refunds.create({"charge": payment.latest_charge.id, "amount": amount, **BOTH})
        fee = platform.api.application_fees.retrieve(payment.latest_charge.application_fee)
        transfer = platform.api.transfers.retrieve(payment.latest_charge.transfer)
        sums = (
            sum(each.amount for each in fee.refunds.data),
            sum(each.amount for each in transfer.reversals.data),
        )
        assert sums == (fee.amount_refunded, transfer.amount_reversed)
        assert platform.available(account.id) == 8_180 - transfer.amount_reversed + fee.amount_refunded
    assert (fee.amount_refunded, transfer.amount_reversed, platform.available(account.id)) == (
        1_820,
        10_000,
        0,
    )
    books = platform.get("/v1/balance_transactions", account.id, limit=100)["data"]
    assert sum(each["net"] for each in books) == 0
    assert {each["type"] for each in books} == {"payment", "payment_refund"}


def test_without_the_flags_the_account_keeps_the_money(platform, account, payment):
    platform.api.refunds.create({"payment_intent": payment.id, "amount": 4_000})
    assert (platform.available(account.id), platform.available()) == (8_180, 1_645 - 4_000)


def test_the_fee_alone_goes_back_to_the_account(platform, account, payment):
    platform.api.refunds.create(
        {"payment_intent": payment.id, "amount": 5_000, "refund_application_fee": True}
    )
    assert (platform.available(account.id), platform.available()) == (8_180 + 910, 1_645 - 5_000 - 910)


def test_an_account_that_has_been_paid_out_cannot_give_back(platform, account, payment):
    """RE-2: the refund with reversal fails, the refund from the platform's balance works."""
    platform.api.payouts.create({"amount": 8_180, "currency": "eur"}, {"stripe_account": account.id})
    before = platform.get("/v1/balance_transactions", limit=100)["data"]
    with pytest.raises(stripe.InvalidRequestError) as caught:
        platform.api.refunds.create({"payment_intent": payment.id, **BOTH})
    assert caught.value.code == "balance_insufficient"
    with pytest.raises(stripe.InvalidRequestError) as caught:
        platform.api.transfers.reversals.create(payment.latest_charge.transfer)
    assert caught.value.code == "balance_insufficient"
    assert platform.get("/v1/balance_transactions", limit=100)["data"] == before
    assert platform.api.refunds.create({"payment_intent": payment.id}).status == "succeeded"


def test_a_refund_right_after_the_payment(platform, account):
    """The books of the charge are made first, so that no cent is lost."""
    intent = platform.confirm(platform.intent(**platform.destination(account.id)))
    platform.api.refunds.create({"payment_intent": intent.id, **BOTH})
    assert (platform.pending(account.id), platform.pending()) == (0, -175)
    assert platform.types().count("charge.updated") == 1


def test_a_reversal_on_its_own(platform, account, payment):
    transfer = payment.latest_charge.transfer
    reversal = platform.api.transfers.reversals.create(
        transfer, {"amount": 1_000, "metadata": {"debt": "9"}, "refund_application_fee": True}
    )
    assert (reversal.transfer, reversal.amount, reversal.metadata["debt"]) == (transfer, 1_000, "9")
    assert (platform.available(account.id), platform.available()) == (
        8_180 - 1_000 + 182,
        1_645 + 1_000 - 182,
    )
    assert [each.id for each in platform.api.transfers.reversals.list(transfer).data] == [reversal.id]
    with pytest.raises(stripe.InvalidRequestError) as caught:
        platform.api.transfers.reversals.create(transfer, {"amount": 9_001})
    assert caught.value.param == "amount"


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({}, "parameter_missing", "payment_intent"),
        ({"charge": "ch_nothing"}, "resource_missing", "charge"),
        ({"payment_intent": "pi_nothing"}, "resource_missing", "payment_intent"),
        ({"charge": "ch_nothing", "surprise": 1}, "parameter_unknown", "surprise"),
        ({"charge": "ch_nothing", "reason": "because"}, None, "reason"),
    ],
)
def test_refunds_of_nothing(platform, params, code, param):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        platform.api.refunds.create(params)
    assert (caught.value.code, caught.value.param) == (code, param)


def test_what_cannot_be_refunded(platform, payment):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        platform.api.refunds.create({"payment_intent": payment.id, "amount": 10_001})
    assert caught.value.param == "amount"
    plain = platform.paid()
    with pytest.raises(stripe.InvalidRequestError) as caught:
        platform.api.refunds.create({"payment_intent": plain.id, "reverse_transfer": True})
    assert caught.value.param == "reverse_transfer"
    platform.api.refunds.create({"payment_intent": plain.id})
    with pytest.raises(stripe.InvalidRequestError) as caught:
        platform.api.refunds.create({"payment_intent": plain.id})
    assert caught.value.code == "charge_already_refunded"
    with pytest.raises(stripe.InvalidRequestError):
        platform.api.refunds.create({"payment_intent": platform.intent().id})


def test_a_disputed_charge_is_not_refunded(platform, payment):
    platform.sandbox.control("POST", "disputes", {"charge": payment.latest_charge.id})
    with pytest.raises(stripe.InvalidRequestError) as caught:
        platform.api.refunds.create({"payment_intent": payment.id})
    assert caught.value.code == "charge_disputed"


@pytest.mark.parametrize(
    ("method", "first", "last"),
    [("pm_card_pendingRefund", "pending", "succeeded"), ("pm_card_refundFail", "succeeded", "failed")],
)
def test_refunds_that_take_their_time(platform, method, first, last):
    intent = platform.paid(method=method)
    refund = platform.api.refunds.create({"payment_intent": intent.id})
    assert refund.status == first
    platform.sandbox.control("POST", "clock", {"advance": 6})
    eventually(lambda: platform.api.refunds.retrieve(refund.id).status == last)
    assert "refund.updated" in platform.types()
    if last == "failed":
        assert "refund.failed" in platform.types()
        assert platform.api.charges.retrieve(refund.charge).amount_refunded == 0


def test_a_refund_failed_by_control(platform, payment):
    """SB-2"""
    refund = platform.api.refunds.create({"payment_intent": payment.id})
    failed = platform.sandbox.control("POST", f"refunds/{refund.id}/fail")
    assert (failed["status"], failed["failure_reason"]) == ("failed", "expired_or_canceled_card")
    assert platform.available() == 1_645
    assert platform.api.refunds.update(refund.id, {"metadata": {"a": "1"}}).metadata["a"] == "1"
    listed = platform.api.refunds.list({"payment_intent": payment.id}).data
    assert [each.id for each in listed] == [refund.id]
    assert platform.api.refunds.list({"charge": "ch_other"}).data == []
