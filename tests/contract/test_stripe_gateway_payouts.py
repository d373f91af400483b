"""Disputes, payouts and bank accounts as the product reads and makes them, against the sandbox.

RE-4, PO-2, PO-4, PO-5, PO-6, PW-1, PW-2. Every request and answer is held against Stripe's own library.
"""

from datetime import timedelta

import pytest

from callastar.core.errors import ProviderError, ProviderTrouble
from callastar.providers.stripe import accounts, disputes, money, payouts
from callastar.providers.stripe.errors import (
    BALANCE_INSUFFICIENT,
    BANK_ACCOUNT_UNUSABLE,
    CHARGE_DISPUTED,
    NO_ACCOUNT,
    PAYOUTS_NOT_ALLOWED,
)
from tests.contract.product_money import (  # noqa: F401 - fixtures
    LONG_AGO,
    SHARE,
    account_fixture,
    paid_fixture,
    pay_out,
    platform_fixture,
    read,
    refund,
    wire_fixture,
)


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


def test_an_account_that_is_not_ours(wire):
    """PW-2: a code that says so, for whatever is asked on its behalf."""
    for ask in (
        lambda: money.balance(account="acct_1Nobody"),
        lambda: pay_out("acct_1Nobody", 100),
        lambda: payouts.get_payout(account="acct_1Nobody", payout_id="po_1"),
    ):
        with pytest.raises(ProviderError) as caught:
            ask()
        assert (caught.value.code in NO_ACCOUNT, caught.value.kind) == (True, ProviderTrouble.PERMANENT)


def test_the_door_to_the_dashboard_at_stripe(platform, account):
    """PO-6: for an account that has been opened to its end, and no other."""
    assert accounts.create_login_link(account_id=account).startswith("http")
    with pytest.raises(ProviderError) as caught:
        accounts.create_login_link(account_id=platform.account(onboarded=False).id)
    assert caught.value.kind == ProviderTrouble.PERMANENT
