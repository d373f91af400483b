"""Charges, refunds, reversals, transfers and balances as the product reads and makes them, against the sandbox.

PA-1, PA-4, PW-1, PW-2, RE-1, RE-2, RE-3, LE-3. Every request and answer is held against Stripe's own library.
"""

import json
from datetime import UTC, datetime, timedelta

import pytest
import stripe

from callastar.core.errors import ProviderError, ProviderTrouble
from callastar.providers.stripe import client, lists, money, payouts
from callastar.providers.stripe.errors import ALREADY_REFUNDED, BALANCE_INSUFFICIENT
from callastar.providers.stripe.money_types import BalanceSnapshot
from tests.contract.product_money import (  # noqa: F401 - fixtures
    LONG_AGO,
    SHARE,
    account_fixture,
    paid_fixture,
    pay_out,
    platform_fixture,
    read,
    refund,
    reverse,
    wire_fixture,
)


def test_a_paid_charge(platform, account, paid):
    """PA-1, PA-4: amount, Stripe's real fee, our fee, and where the money went."""
    before = datetime.now(UTC) - timedelta(minutes=5)
    found = read(paid)
    assert (found.payment_intent, found.amount, found.currency) == (paid.id, 10_000, "EUR")
    assert (found.fee, found.fee_currency) == (175, "EUR")
    assert found.balance_transaction.startswith("txn_")
    assert (found.paid, found.disputed, found.amount_refunded) == (True, False, 0)
    assert (found.refunds, found.disputes) == ((), ())
    assert found.created > before
    assert (found.transfer.destination, found.transfer.amount, found.transfer.currency) == (
        account,
        10_000,
        "EUR",
    )
    assert found.transfer.source_transaction == found.id
    assert (found.transfer.amount_reversed, found.transfer.reversals) == (0, ())
    assert (found.application_fee.amount, found.application_fee.refunds) == (1_820, ())


def test_a_charge_that_is_not_settled_yet(platform, account):
    """PA-4: fee, transfer and application fee come moments after the payment."""
    intent = platform.confirm(platform.intent(**platform.destination(account)), "pm_card_visa")
    found = money.charge_money(charge_id=intent.latest_charge)
    assert (found.paid, found.fee, found.fee_currency) == (True, None, "")
    assert (found.transfer, found.application_fee, found.balance_transaction) == (None, None, "")


def test_a_declined_charge(platform, account):
    intent = platform.intent(**platform.destination(account))
    with pytest.raises(stripe.CardError):
        platform.confirm(intent, "pm_card_chargeDeclined")
    declined = platform.api.payment_intents.retrieve(intent.id).latest_charge
    assert money.charge_money(charge_id=declined).paid is False


def test_partial_refunds(paid):
    """RE-1: the charge shows each refund with its reversal and the fee that went back, oldest first."""
    refund(paid, 2_500, "first")
    refund(paid, 7_500, "second")
    found = read(paid)
    assert found.amount_refunded == 10_000
    assert [(each.amount, each.metadata["refund"], each.currency) for each in found.refunds] == [
        (2_500, "first", "EUR"),
        (7_500, "second", "EUR"),
    ]
    assert [each.transfer_reversal for each in found.refunds] == [
        each.id for each in found.transfer.reversals
    ]
    assert [each.source_refund for each in found.transfer.reversals] == [each.id for each in found.refunds]
    assert [each.amount for each in found.transfer.reversals] == [2_500, 7_500]
    assert (found.transfer.amount_reversed, found.application_fee.amount_refunded) == (10_000, 1_820)
    assert [each.amount for each in found.application_fee.refunds] == [455, 1_365]
    assert {each.fee for each in found.application_fee.refunds} == {found.application_fee.id}
    with pytest.raises(ProviderError) as caught:
        refund(paid, 1, "third")
    assert (caught.value.code, caught.value.kind) == (ALREADY_REFUNDED, ProviderTrouble.PERMANENT)


def test_a_refund_that_failed(at_stripe, paid):
    """RE-1: the money came back to the platform."""
    made = refund(paid, 2_500, "first")
    assert (made.status, made.failure_balance_transaction) == ("succeeded", "")
    at_stripe.control("POST", f"refunds/{made.id}/fail")
    found = read(paid)
    assert [each.status for each in found.refunds] == ["failed"]
    assert found.refunds[0].failure_balance_transaction.startswith("txn_")
    assert (found.amount_refunded, found.transfer.amount_reversed) == (0, 2_500)


def test_a_refund_that_the_platform_pays(account, paid):
    """RE-2: the account cannot give it back, so transfer and fee stay and the fan is refunded all the same."""
    pay_out(account, SHARE)
    with pytest.raises(ProviderError) as caught:
        refund(paid, 10_000, "first")
    assert (caught.value.code, caught.value.kind) == (BALANCE_INSUFFICIENT, ProviderTrouble.PERMANENT)
    assert read(paid).refunds == ()
    before = money.balance().total("EUR")
    made = refund(paid, 10_000, "second", from_platform=True)
    found = read(paid)
    assert (made.status, made.transfer_reversal) == ("succeeded", "")
    assert (found.amount_refunded, found.transfer.reversals, found.application_fee.refunds) == (
        10_000,
        (),
        (),
    )
    assert (money.balance().total("EUR"), money.balance(account=account).total("EUR")) == (before - 10_000, 0)


def test_reversals(account, paid):
    """RE-3: taken from the transfer without a refund; the fee stays."""
    transfer = read(paid).transfer
    made = reverse(transfer, 1_000, "reversal-1")
    second = reverse(transfer, 500, "reversal-2")
    assert (made.amount, made.transfer, made.source_refund, made.metadata) == (
        1_000,
        transfer.id,
        "",
        {"debt": "7"},
    )
    assert money.reversals_of(transfer.id) == (made, second)
    found = read(paid)
    assert found.transfer == money.get_transfer(transfer_id=transfer.id)
    assert (found.transfer.amount_reversed, found.transfer.reversals) == (1_500, (made, second))
    assert (found.amount_refunded, found.application_fee.amount_refunded) == (0, 0)
    assert money.balance(account=account).available == {"EUR": SHARE - 1_500}


def test_a_reversal_that_the_account_cannot_pay(account, paid):
    """RE-2: refused as what it is, and nothing moved."""
    transfer = read(paid).transfer
    pay_out(account, SHARE)
    with pytest.raises(ProviderError) as caught:
        reverse(transfer, 1, "reversal-1")
    assert (caught.value.code, caught.value.kind) == (BALANCE_INSUFFICIENT, ProviderTrouble.PERMANENT)
    assert money.reversals_of(transfer.id) == ()


def test_lists_longer_than_a_page(monkeypatch, account, paid):
    """LE-3: many reversals and payouts are all there, page by page."""
    monkeypatch.setattr(client, "PAGE", 2)
    transfer = read(paid).transfer
    made = tuple(reverse(transfer, 10, f"reversal-{number}") for number in range(5))
    assert money.reversals_of(transfer.id) == made
    sent = [pay_out(account, 100, f"payout-{number}").id for number in range(5)]
    listed = payouts.list_payouts(account=account, since=LONG_AGO)
    assert [each.id for each in listed] == sent[::-1]
    found = payouts.find_payout(
        account=account, since=LONG_AGO, metadata_key="payout", metadata_value="payout-0"
    )
    assert found.id == sent[0]


def test_no_dispute_is_asked_for_without_need(at_stripe, wire, paid):
    """PW-2: one request reads an undisputed charge; Stripe's trouble with disputes does not touch it."""
    at_stripe.control("POST", "faults", {"match": "GET /v1/disputes", "kind": "500", "times": 9})
    assert read(paid).disputes == ()
    assert [each.path for each in wire.exchanges] == [f"/v1/charges/{paid.latest_charge.id}"]
    with pytest.raises(ProviderError) as caught:
        money.charge_money(charge_id=paid.latest_charge.id, with_disputes=True)
    assert caught.value.kind == ProviderTrouble.TEMPORARY


def test_balances(platform, account, paid):
    """LE-3: what has come and what is still on its way, of the platform and of an account."""
    assert money.balance(account=account) == BalanceSnapshot(available={"EUR": SHARE}, pending={"EUR": 0})
    assert money.balance().available == {"EUR": 1_820 - 175}
    platform.paid(5_000, method="pm_card_visa", **platform.destination(account, fee=1_000))
    both = money.balance(account=account)
    assert (both.available, both.pending, both.total("EUR")) == (
        {"EUR": SHARE},
        {"EUR": 4_000},
        SHARE + 4_000,
    )
    assert both.total("CHF") == 0


def test_what_is_reconciled(at_stripe, account, paid):
    """LE-3: everything since a time, and nothing from before it."""
    made = refund(paid, 2_500, "first")
    sent = pay_out(account, 1_000)
    opened = at_stripe.control("POST", "disputes", {"charge": paid.latest_charge.id})
    (charge,) = lists.charges_since(LONG_AGO)
    whole = read(paid)
    assert (charge.id, charge.amount, charge.amount_refunded, charge.currency) == (
        whole.id,
        10_000,
        2_500,
        "EUR",
    )
    assert (charge.created, charge.paid, charge.disputed, charge.fee) == (whole.created, True, True, 175)
    assert (charge.transfer, charge.application_fee, charge.balance_transaction) == (
        whole.transfer.id,
        whole.application_fee.id,
        whole.balance_transaction,
    )
    assert [each.id for each in lists.refunds_since(LONG_AGO)] == [made.id]
    assert list(lists.transfers_since(LONG_AGO)) == [whole.transfer]
    assert [each.id for each in lists.disputes_since(LONG_AGO)] == [opened["id"]]
    assert list(lists.payouts_since(LONG_AGO, account=account)) == [sent]
    assert list(lists.payouts_since(LONG_AGO)) == []
    later = datetime.now(UTC) + timedelta(days=1)
    for since in (lists.charges_since, lists.refunds_since, lists.transfers_since, lists.disputes_since):
        assert list(since(later)) == []


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "500"])
def test_a_lost_answer_has_one_effect(at_stripe, account, paid, fault):
    """PW-1: the product's library asks again with the same key, and so does a later run of ours."""
    transfer = read(paid).transfer
    for path in ("refunds", "transfers", "payouts"):
        at_stripe.control("POST", "faults", {"match": f"POST /v1/{path}", "kind": fault, "times": 1})
    for _ in range(2):
        refund(paid, 1_000, "refund-1")
        reverse(transfer, 500, "reversal-1")
        pay_out(account, 2_000)
    found = read(paid)
    assert [each.amount for each in found.refunds] == [1_000]
    assert [each.amount for each in found.transfer.reversals] == [1_000, 500]
    assert [each.amount for each in payouts.list_payouts(account=account, since=LONG_AGO)] == [2_000]
    assert money.balance(account=account).available == {"EUR": SHARE - 1_000 + 182 - 500 - 2_000}


def test_answers_lost_until_we_give_up(at_stripe, account, paid):
    """PW-1, PW-2: temporary trouble; the effect may be there, and is found by what we wrote on it."""
    at_stripe.control("POST", "faults", {"match": "POST /v1/payouts", "kind": "drop_after", "times": 3})
    with pytest.raises(ProviderError) as caught:
        pay_out(account, 2_000)
    assert caught.value.kind == ProviderTrouble.TEMPORARY
    found = payouts.find_payout(
        account=account, since=LONG_AGO, metadata_key="payout", metadata_value="payout-1"
    )
    assert pay_out(account, 2_000) == found
    other = {"metadata_key": "payout", "metadata_value": "payout-2"}
    assert payouts.find_payout(account=account, since=LONG_AGO, **other) is None


def test_what_stripe_shows_only_the_head_of(wire, paid):
    """LE-3: Stripe puts ten reversals and refunds at most into what they belong to; the rest is asked for."""
    transfer = read(paid).transfer
    refund(paid, 1_000, "refund-1")
    refund(paid, 2_000, "refund-2")
    reverse(transfer, 10, "reversal-1")
    wire.after = show_the_newest_alone
    found = read(paid)
    wire.after = lambda _: None
    assert [each.amount for each in found.refunds] == [1_000, 2_000]
    assert [each.amount for each in found.transfer.reversals] == [1_000, 2_000, 10]
    assert [each.amount for each in found.application_fee.refunds] == [182, 364]


def show_the_newest_alone(exchange):
    """Cut the lists inside a charge as Stripe cuts longer ones."""
    if not exchange.path.startswith("/v1/charges/"):
        return
    body = exchange.response_json
    for inside in (body["refunds"], body["transfer"]["reversals"], body["application_fee"]["refunds"]):
        inside.update(data=inside["data"][:1], has_more=True)
    exchange.response_body = json.dumps(body).encode()


def test_a_transfer_of_our_own(account, paid):
    """RE-4: what a won dispute gives back; made once, found by what we wrote on it."""
    for _ in range(2):
        made = money.create_transfer(
            amount=500,
            currency="EUR",
            destination=account,
            metadata={"restitution": "7"},
            idempotency_key="restitution-7",
        )
    assert (made.amount, made.currency, made.destination, made.source_transaction) == (
        500,
        "EUR",
        account,
        "",
    )
    assert made == money.get_transfer(transfer_id=made.id)
    assert money.balance(account=account).available == {"EUR": SHARE + 500}
    asked = {"destination": account, "since": LONG_AGO, "metadata_key": "restitution"}
    assert money.find_transfer(**asked, metadata_value="7") == made
    assert money.find_transfer(**asked, metadata_value="8") is None
    assert money.find_transfer(**asked | {"destination": "acct_other"}, metadata_value="7") is None


def test_a_transfer_that_the_platform_cannot_pay(account, paid):
    """RE-4: refused as what it is, and nothing moved."""
    with pytest.raises(ProviderError) as caught:
        money.create_transfer(
            amount=1_820, currency="EUR", destination=account, metadata={}, idempotency_key="restitution-7"
        )
    assert (caught.value.code, caught.value.kind) == (BALANCE_INSUFFICIENT, ProviderTrouble.PERMANENT)
    assert money.balance(account=account).available == {"EUR": SHARE}
