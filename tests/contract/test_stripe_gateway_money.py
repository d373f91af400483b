"""What the product reads of money at Stripe and does with it, against the sandbox.

PA-1, PW-1, PW-2, RE-1, RE-2, RE-4, PO-2, PO-5, LE-3. Every request and answer is held against Stripe's own library.
"""

from datetime import UTC, datetime, timedelta

import pytest
import stripe

from callastar.core.errors import ProviderError, ProviderTrouble
from callastar.providers.stripe import client, disputes, gateway, lists, money, payouts
from callastar.providers.stripe.errors import (
    ALREADY_REFUNDED,
    BALANCE_INSUFFICIENT,
    BANK_ACCOUNT_UNUSABLE,
    CHARGE_DISPUTED,
    NO_ACCOUNT,
    PAYOUTS_NOT_ALLOWED,
)
from callastar.providers.stripe.money_types import BalanceSnapshot
from tests.contract import protocol_stripe
from tests.contract.stripe_tools import Stripe
from tests.contract.validating_proxy import ValidatingProxy

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
SHARE = 8_180  # of 100.00: less 18.20


@pytest.fixture(autouse=True)
def wire(at_stripe, settings):
    """A proxy between product and sandbox: neither may do what Stripe's library does not declare."""
    proxy = ValidatingProxy(at_stripe.url, protocol_stripe.violations)
    settings.STRIPE_API_BASE = proxy.url
    yield proxy
    proxy.close()
    assert proxy.violations == []


@pytest.fixture
def platform(at_stripe):
    """The platform through Stripe's own library; the product speaks to the same sandbox."""
    return Stripe(at_stripe)


@pytest.fixture
def account(platform):
    """A creator's account that takes money."""
    return platform.account().id


@pytest.fixture
def paid(platform, account):
    """A paid and settled intent over 100.00 EUR of which 18.20 are our fee."""
    return platform.paid(**platform.destination(account))


def read(intent):
    return money.charge_money(charge_id=intent.latest_charge.id)


def refund(intent, amount, key, **how):
    return gateway.create_refund(
        intent_id=intent.id, amount=amount, metadata={"refund": key}, idempotency_key=key, **how
    )


def reverse(transfer, amount, key):
    return money.create_reversal(
        transfer_id=transfer.id, amount=amount, metadata={"debt": "7"}, idempotency_key=key
    )


def pay_out(account, amount, key="payout-1", **params):
    return payouts.create_payout(
        account=account,
        amount=amount,
        currency="EUR",
        metadata={"payout": key},
        idempotency_key=key,
        **params,
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


def test_what_stripe_shows_in_part_is_read_to_its_end(monkeypatch, platform, account, paid):
    """LE-3: many reversals, payments and payouts are all there, page by page."""
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


@pytest.mark.parametrize("status", ["won", "lost"])
def test_a_dispute(at_stripe, paid, status):
    """RE-4: read with the charge, with what it took from the platform and gave back."""
    opened = at_stripe.control("POST", "disputes", {"charge": paid.latest_charge.id})
    found = read(paid)
    (dispute,) = found.disputes
    assert found.disputed
    assert dispute == disputes.get_dispute(dispute_id=opened["id"])
    assert (dispute.id, dispute.charge, dispute.payment_intent) == (opened["id"], found.id, paid.id)
    assert (dispute.amount, dispute.currency, dispute.status, dispute.reason) == (
        10_000,
        "EUR",
        "needs_response",
        "fraudulent",
    )
    assert dispute.evidence_due_by - dispute.created == timedelta(days=7)
    assert (dispute.has_evidence, dispute.submission_count, dispute.is_charge_refundable) == (False, 0, False)
    (withdrawn,) = dispute.transactions
    assert (withdrawn.amount, withdrawn.fee, withdrawn.net) == (-10_000, 2_000, -12_000)
    assert (withdrawn.currency, withdrawn.type, withdrawn.reporting_category) == (
        "EUR",
        "adjustment",
        "dispute",
    )
    with pytest.raises(ProviderError) as caught:
        refund(paid, 100, "first")
    assert caught.value.code == CHARGE_DISPUTED
    at_stripe.control("POST", f"disputes/{dispute.id}/close", {"status": status})
    (closed,) = read(paid).disputes
    assert closed.status == status
    booked = [(each.amount, each.reporting_category) for each in closed.transactions]
    back = [(10_000, "dispute_reversal")] if status == "won" else []
    assert booked == [(-10_000, "dispute"), *back]


def test_no_dispute_is_asked_for_without_need(at_stripe, wire, paid):
    """PW-2: one request reads an undisputed charge; Stripe's trouble with disputes does not touch it."""
    at_stripe.control("POST", "faults", {"match": "GET /v1/disputes", "kind": "500", "times": 9})
    assert read(paid).disputes == ()
    assert [each.path for each in wire.exchanges] == [f"/v1/charges/{paid.latest_charge.id}"]
    with pytest.raises(ProviderError) as caught:
        money.charge_money(charge_id=paid.latest_charge.id, with_disputes=True)
    assert caught.value.kind == ProviderTrouble.TEMPORARY


def test_evidence(at_stripe, paid):
    """RE-4: kept as a draft, then sent to the bank."""
    id = at_stripe.control("POST", "disputes", {"charge": paid.latest_charge.id})["id"]
    draft = disputes.submit_evidence(
        dispute_id=id, evidence={"customer_name": "Ada"}, submit=False, idempotency_key="evidence-1"
    )
    assert (draft.status, draft.has_evidence, draft.submission_count) == ("needs_response", True, 0)
    text = {"uncategorized_text": "They met for half an hour."}
    for _ in range(2):
        sent = disputes.submit_evidence(
            dispute_id=id, evidence=text, submit=True, idempotency_key="evidence-2"
        )
        assert (sent.status, sent.submission_count) == ("under_review", 1)


def test_giving_in(at_stripe, paid):
    """RE-4: once or twice, the dispute is lost."""
    id = at_stripe.control("POST", "disputes", {"charge": paid.latest_charge.id})["id"]
    assert disputes.accept_dispute(dispute_id=id).status == "lost"
    assert disputes.accept_dispute(dispute_id=id).status == "lost"


def test_a_payout_arrives(at_stripe, account, paid):
    """PO-4: created on the creator's account, and paid."""
    made = pay_out(account, 8_000, statement_descriptor="CALL A STAR")
    assert (made.account, made.amount, made.currency, made.status) == (account, 8_000, "EUR", "pending")
    assert (made.automatic, made.metadata) == (False, {"payout": "payout-1"})
    assert made.created < made.arrival_date
    assert made.balance_transaction.startswith("txn_")
    bank = payouts.default_bank_account(account=account, currency="EUR")
    assert (made.destination, bank.currency, bank.default_for_currency) == (bank.id, "EUR", True)
    at_stripe.control("POST", f"payouts/{made.id}/pay")
    found = payouts.get_payout(account=account, payout_id=made.id)
    assert (found.status, found.failure_code, found.failure_balance_transaction) == ("paid", "", "")
    assert money.balance(account=account).available == {"EUR": SHARE - 8_000}


def test_a_payout_fails(at_stripe, account, paid):
    """PO-5: with Stripe's reason, the money back in the account, and a bank account that must be mended."""
    made = pay_out(account, 8_000)
    at_stripe.control("POST", f"payouts/{made.id}/fail", {"failure_code": "account_closed"})
    found = payouts.get_payout(account=account, payout_id=made.id)
    assert (found.status, found.failure_code) == ("failed", "account_closed")
    assert found.failure_message
    assert found.failure_balance_transaction.startswith("txn_")
    assert money.balance(account=account).available == {"EUR": SHARE}
    assert payouts.default_bank_account(account=account, currency="EUR").status == "errored"
    with pytest.raises(ProviderError) as caught:
        pay_out(account, 8_000, "payout-2")
    assert (caught.value.code, caught.value.kind) == (BANK_ACCOUNT_UNUSABLE, ProviderTrouble.PERMANENT)


def test_payouts_that_are_refused(at_stripe, account, paid):
    """PO-2, PO-6: never more than there is, not from an account that may not, and nothing moved."""
    with pytest.raises(ProviderError) as caught:
        pay_out(account, SHARE + 1, "payout-1")
    assert caught.value.code == BALANCE_INSUFFICIENT
    at_stripe.control("POST", f"accounts/{account}/restrict")
    with pytest.raises(ProviderError) as caught:
        pay_out(account, 100, "payout-2")
    assert caught.value.code == PAYOUTS_NOT_ALLOWED
    assert list(payouts.list_payouts(account=account, since=LONG_AGO)) == []
    assert payouts.default_bank_account(account=account, currency="CHF") is None


def test_an_account_that_is_not_ours(at_stripe):
    """PW-2: a code that says so, for whatever is asked on its behalf."""
    for ask in (
        lambda: money.balance(account="acct_1Nobody"),
        lambda: pay_out("acct_1Nobody", 100),
        lambda: payouts.get_payout(account="acct_1Nobody", payout_id="po_1"),
    ):
        with pytest.raises(ProviderError) as caught:
            ask()
        assert (caught.value.code in NO_ACCOUNT, caught.value.kind) == (True, ProviderTrouble.PERMANENT)


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
