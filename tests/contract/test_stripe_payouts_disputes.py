"""Payouts and disputes: by themselves within seconds, or by control. SB-1, SB-2, SB-4."""

import httpx
import pytest
import stripe

from tests.contract.stripe_shapes import problems
from tests.contract.stripe_tools import Stripe, eventually

FAILING = [
    ("DE62370400440532013001", "no_account"),
    ("DE89370400440532013002", "account_closed"),
    ("DE89370400440532013003", "insufficient_funds"),
    ("DE89370400440532013004", "debit_not_authorized"),
    ("DE89370400440532013005", "invalid_currency"),
]


@pytest.fixture
def platform(stripe_sandbox):
    return Stripe(stripe_sandbox)


def _earning(platform, iban="DE89370400440532013000"):
    """An account with a bank account of the given number and 81.80 available."""
    account = platform.account()
    bank = {"object": "bank_account", "country": "DE", "currency": "eur", "account_number": iban}
    platform.api.accounts.external_accounts.create(
        account.id, {"external_account": bank, "default_for_currency": True}
    )
    platform.paid(**platform.destination(account.id))
    return account


def _pay_out(platform, account, amount=8_000, **params):
    return platform.api.payouts.create(
        {"amount": amount, "currency": "eur", **params}, {"stripe_account": account.id}
    )


def _status(platform, account, payout):
    return platform.get(f"/v1/payouts/{payout.id}", account.id)["status"]


def test_a_payout_arrives_by_itself(platform, receiver):
    """SB-4: about ten seconds; payout events carry the account and go to Connect endpoints."""
    platform.api.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"], "connect": True})
    account = _earning(platform)
    payout = _pay_out(platform, account, metadata={"run": "3"})
    assert (payout.status, payout.automatic, payout.metadata["run"]) == ("pending", False, "3")
    assert platform.available(account.id) == 180
    platform.sandbox.control("POST", "clock", {"advance": 4})
    eventually(lambda: _status(platform, account, payout) == "in_transit")
    platform.sandbox.control("POST", "clock", {"advance": 6})
    received = receiver.wait_for_types("payout.created", "payout.updated", "payout.paid")
    paid = next(each.json for each in received if each.json["type"] == "payout.paid")
    assert (paid["account"], paid["data"]["object"]["status"]) == (account.id, "paid")
    transaction = platform.get(f"/v1/balance_transactions/{payout.balance_transaction}", account.id)
    assert (transaction["type"], transaction["net"], transaction["source"]) == ("payout", -8_000, payout.id)
    assert "payout.paid" not in platform.types()


@pytest.mark.parametrize(("iban", "code"), FAILING)
def test_a_bank_account_that_fails(platform, iban, code):
    account = _earning(platform, iban)
    payout = _pay_out(platform, account)
    platform.sandbox.control("POST", "clock", {"advance": 4})
    eventually(lambda: _status(platform, account, payout) == "in_transit")
    platform.sandbox.control("POST", "clock", {"advance": 6})
    eventually(lambda: _status(platform, account, payout) == "failed")
    failed = platform.get(f"/v1/payouts/{payout.id}", account.id)
    assert (failed["failure_code"], bool(failed["failure_message"])) == (code, True)
    assert failed["failure_balance_transaction"].startswith("txn_")
    assert platform.available(account.id) == 8_180
    if code in ("no_account", "account_closed"):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            _pay_out(platform, account)
        assert caught.value.code == "bank_account_unusable"


def test_payouts_by_control(platform):
    """SB-2"""
    account = _earning(platform)
    paid, failed = _pay_out(platform, account, 1_000), _pay_out(platform, account, 2_000)
    assert platform.sandbox.control("POST", f"payouts/{paid.id}/pay")["status"] == "paid"
    answer = platform.sandbox.control("POST", f"payouts/{failed.id}/fail", {"failure_code": "account_closed"})
    assert (answer["status"], answer["failure_code"]) == ("failed", "account_closed")
    for id in (paid.id, failed.id):
        with pytest.raises(httpx.HTTPStatusError):
            platform.sandbox.control("POST", f"payouts/{id}/pay")
    assert platform.available(account.id) == 7_180
    assert platform.types(account.id)[-3:] == [
        "payout.paid",
        "account.external_account.updated",
        "payout.failed",
    ]


def test_a_payout_is_canceled_while_it_waits(platform):
    account = _earning(platform)
    payout = _pay_out(platform, account)
    canceled = platform.api.payouts.cancel(payout.id, {}, {"stripe_account": account.id})
    assert (canceled.status, platform.available(account.id)) == ("canceled", 8_180)
    assert platform.types(account.id)[-1] == "payout.canceled"
    with pytest.raises(stripe.InvalidRequestError):
        platform.api.payouts.cancel(payout.id, {}, {"stripe_account": account.id})


def test_never_more_than_is_available(platform):
    account = _earning(platform)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        _pay_out(platform, account, 8_181)
    assert caught.value.code == "balance_insufficient"
    with pytest.raises(stripe.InvalidRequestError) as caught:
        platform.api.payouts.create({"amount": 10, "currency": "usd"}, {"stripe_account": account.id})
    assert caught.value.param == "currency"
    platform.sandbox.control("POST", f"accounts/{account.id}/restrict")
    with pytest.raises(stripe.InvalidRequestError) as caught:
        _pay_out(platform, account)
    assert caught.value.code == "payouts_not_allowed"
    assert platform.get("/v1/payouts", account.id)["data"] == []


def test_paid_and_failed_all_the_same(platform):
    """A bank may send back what Stripe called paid: failed, and the money is back; after that it is over."""
    account = _earning(platform)
    payout = _pay_out(platform, account)
    platform.sandbox.control("POST", f"payouts/{payout.id}/pay")
    failed = platform.sandbox.control("POST", f"payouts/{payout.id}/fail", {"failure_code": "account_closed"})
    assert (failed["status"], failed["failure_code"]) == ("failed", "account_closed")
    transaction = platform.get(
        f"/v1/balance_transactions/{failed['failure_balance_transaction']}", account.id
    )
    assert (transaction["type"], transaction["net"]) == ("payout_failure", 8_000)
    assert platform.available(account.id) == 8_180
    assert [each for each in platform.types(account.id) if each.startswith("payout.")] == [
        "payout.created",
        "payout.paid",
        "payout.failed",
    ]
    for action in ("pay", "fail"):
        with pytest.raises(httpx.HTTPStatusError):
            platform.sandbox.control("POST", f"payouts/{payout.id}/{action}")
    assert platform.available(account.id) == 8_180


def test_a_payout_of_the_platform(platform, receiver):
    """It has a bank account from the start; its events carry no account and go to the platform's endpoints."""
    platform.api.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})
    platform.paid()
    with pytest.raises(stripe.InvalidRequestError) as caught:
        platform.api.payouts.create({"amount": 9_826, "currency": "eur"})
    assert caught.value.code == "balance_insufficient"
    first = platform.api.payouts.create({"amount": 9_000, "currency": "eur"})
    second = platform.api.payouts.create({"amount": 825, "currency": "eur"})
    assert first.destination == second.destination
    platform.sandbox.control("POST", f"payouts/{first.id}/pay")
    paid = next(
        each.json for each in receiver.wait_for_types("payout.paid") if each.json["type"] == "payout.paid"
    )
    assert ("account" in paid, paid["data"]["object"]["id"], platform.available()) == (False, first.id, 0)


def test_adjustments_by_stripe(platform):
    """SB-2: a balance differs from what the platform knows."""
    account = _earning(platform)
    adjust = {"account": account.id, "currency": "eur", "amount": -500}
    booked = platform.sandbox.control("POST", "balance", adjust)
    assert problems(booked) == []
    assert (booked["type"], booked["net"], booked["source"]) == ("adjustment", -500, None)
    assert booked["reporting_category"] == "other_adjustment"
    platform.sandbox.control("POST", "balance", {"account": None, "currency": "eur", "amount": 70})
    assert (platform.available(account.id), platform.available()) == (8_180 - 500, 1_645 + 70)
    listed = platform.get("/v1/balance_transactions", account.id, type="adjustment")["data"]
    assert [each["id"] for each in listed] == [booked["id"]]
    for wrong in (
        {"account": "acct_1Nobody"},
        {"amount": 0},
        {"amount": "5"},
        {"amount": 1.5},
        {"currency": "xxx"},
    ):
        with pytest.raises(httpx.HTTPStatusError):
            platform.sandbox.control("POST", "balance", adjust | wrong)
    assert platform.available(account.id) == 8_180 - 500


def test_a_disputed_card(platform):
    """SB-4: the test card is disputed by itself; the money and a fee are taken from the platform."""
    intent = platform.paid(method="pm_card_createDispute")
    before = platform.available() + platform.pending()
    platform.sandbox.control("POST", "clock", {"advance": 3})
    dispute = eventually(lambda: platform.api.disputes.list({"payment_intent": intent.id}).data)[0]
    assert (dispute.status, dispute.reason, dispute.amount) == ("needs_response", "fraudulent", 10_000)
    assert dispute.evidence_details.submission_count == 0
    assert platform.available() + platform.pending() == before - 10_000 - 2_000
    assert platform.api.charges.retrieve(intent.latest_charge.id).disputed
    types = platform.types()
    assert types[-2:] == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]


@pytest.mark.parametrize(
    ("text", "status", "types"),
    [
        ("winning_evidence", "won", ["charge.dispute.funds_reinstated", "charge.dispute.closed"]),
        ("losing_evidence", "lost", ["charge.dispute.updated", "charge.dispute.closed"]),
    ],
)
def test_evidence_decides(platform, text, status, types):
    dispute = _dispute(platform)
    draft = platform.api.disputes.update(
        dispute["id"], {"evidence": {"customer_name": "Ada"}, "submit": False, "metadata": {"a": "1"}}
    )
    assert (draft.status, draft.evidence_details.has_evidence) == ("needs_response", True)
    sent = platform.api.disputes.update(dispute["id"], {"evidence": {"uncategorized_text": text}})
    assert (sent.status, sent.evidence_details.submission_count) == ("under_review", 1)
    platform.sandbox.control("POST", "clock", {"advance": 10})
    eventually(lambda: platform.api.disputes.retrieve(dispute["id"]).status == status)
    assert platform.types()[-2:] == types
    assert platform.available() == (9_825 if status == "won" else -2_175)


def test_disputes_by_control_and_by_giving_in(platform):
    """SB-2"""
    dispute = _dispute(platform, amount=4_000, reason="product_not_received")
    assert (dispute["amount"], dispute["reason"]) == (4_000, "product_not_received")
    assert (
        platform.sandbox.control("POST", f"disputes/{dispute['id']}/close", {"status": "won"})["status"]
        == "won"
    )
    other = _dispute(platform)
    assert platform.api.disputes.close(other["id"]).status == "lost"
    with pytest.raises(stripe.InvalidRequestError):
        platform.api.disputes.close(other["id"])
    with pytest.raises(stripe.InvalidRequestError):
        platform.api.disputes.update(other["id"], {"evidence": {"customer_name": "Ada"}})


def test_what_a_dispute_takes_and_gives_back(platform):
    """RE-4: the dispute's own balance transactions add up to what the balance lost, of a part of the charge too."""
    before = 9_825
    dispute = _dispute(platform, amount=4_000)
    (taken,) = dispute["balance_transactions"]
    assert (taken["amount"], taken["fee"], taken["net"]) == (-4_000, 2_000, -6_000)
    assert [each["amount"] for each in taken["fee_details"]] == [2_000]
    assert platform.available() == before - 6_000
    won = platform.sandbox.control("POST", f"disputes/{dispute['id']}/close", {"status": "won"})
    assert [each["net"] for each in won["balance_transactions"]] == [-6_000, 6_000]
    assert platform.available() == before


def test_refunds_during_and_after_a_dispute(platform):
    """While it is open and when it is lost there is nothing to refund; what was won can be."""
    for status, refundable in (("won", True), ("lost", False)):
        intent = platform.paid()
        dispute = platform.sandbox.control("POST", "disputes", {"charge": intent.latest_charge.id})
        assert not dispute["is_charge_refundable"]
        with pytest.raises(stripe.InvalidRequestError) as caught:
            platform.api.refunds.create({"payment_intent": intent.id})
        assert caught.value.code == "charge_disputed"
        closed = platform.sandbox.control("POST", f"disputes/{dispute['id']}/close", {"status": status})
        assert (closed["status"], closed["is_charge_refundable"]) == (status, refundable)
        if refundable:
            assert platform.api.refunds.create({"payment_intent": intent.id}).amount == 10_000
            continue
        with pytest.raises(stripe.InvalidRequestError) as caught:
            platform.api.refunds.create({"payment_intent": intent.id})
        assert caught.value.code == "charge_disputed"


def test_an_inquiry_takes_no_money(platform):
    """The bank only asks: nothing is withdrawn, the charge can be refunded, the end is warning_closed."""
    inquiry = _dispute(platform, status="warning_needs_response")
    assert (inquiry["status"], inquiry["balance_transactions"]) == ("warning_needs_response", [])
    assert (inquiry["is_charge_refundable"], inquiry["amount"]) == (True, 10_000)
    assert problems(inquiry) == []
    assert platform.api.charges.retrieve(inquiry["charge"]).disputed
    with pytest.raises(stripe.InvalidRequestError):
        platform.api.disputes.close(inquiry["id"])
    sent = platform.api.disputes.update(inquiry["id"], {"evidence": {"uncategorized_text": "Here it is."}})
    assert (sent.status, sent.evidence_details.submission_count) == ("warning_under_review", 1)
    assert platform.types()[-2:] == ["charge.dispute.created", "charge.dispute.updated"]
    with pytest.raises(httpx.HTTPStatusError):
        platform.sandbox.control("POST", f"disputes/{inquiry['id']}/close", {"status": "lost"})
    closed = platform.sandbox.control("POST", f"disputes/{inquiry['id']}/close", {"status": "won"})
    assert closed["status"] == "warning_closed"
    assert platform.types()[-1] == "charge.dispute.closed"
    assert platform.available() == 9_825
    assert platform.api.refunds.create({"charge": inquiry["charge"]}).status == "succeeded"


def test_an_inquiry_becomes_a_dispute(platform):
    """SB-2: by control, or by Stripe's words in the evidence; then the money goes."""
    first = _dispute(platform, status="warning_needs_response")
    platform.sandbox.control("POST", f"disputes/{first['id']}/escalate")
    second = _dispute(platform, status="warning_needs_response")
    evidence = {"uncategorized_text": "escalate_inquiry_evidence"}
    platform.api.disputes.update(second["id"], {"evidence": evidence})
    platform.sandbox.control("POST", "clock", {"advance": 10})
    for id in (first["id"], second["id"]):
        eventually(lambda id=id: platform.api.disputes.retrieve(id).status == "needs_response")
        dispute = platform.get(f"/v1/disputes/{id}")
        assert ([each["net"] for each in dispute["balance_transactions"]], problems(dispute)) == (
            [-12_000],
            [],
        )
        assert not dispute["is_charge_refundable"]
        assert dispute["payment_method_details"]["card"]["case_type"] == "chargeback"
        with pytest.raises(httpx.HTTPStatusError):
            platform.sandbox.control("POST", f"disputes/{id}/escalate")
    assert platform.types()[-2:] == ["charge.dispute.updated", "charge.dispute.funds_withdrawn"]
    assert platform.api.disputes.close(first["id"]).status == "lost"


def test_a_card_that_is_asked_about(platform):
    """SB-4: by itself, as Stripe's test card says; an inquiry that nobody pursues is closed."""
    intent = platform.paid(method="pm_card_createDisputeInquiry")
    platform.sandbox.control("POST", "clock", {"advance": 3})
    found = eventually(lambda: platform.api.disputes.list({"charge": intent.latest_charge.id}).data)[0]
    assert found.status == "warning_needs_response"
    platform.sandbox.control("POST", "clock", {"advance": 121 * 24 * 3600})
    eventually(lambda: platform.api.disputes.retrieve(found.id).status == "warning_closed")
    assert platform.api.disputes.list({"charge": "ch_other"}).data == []


def test_silence_loses(platform):
    dispute = _dispute(platform)
    platform.sandbox.control("POST", "clock", {"advance": 8 * 24 * 3600})
    eventually(lambda: platform.api.disputes.retrieve(dispute["id"]).status == "lost")
    assert platform.api.disputes.retrieve(dispute["id"]).evidence_details.past_due


def _dispute(platform, **body):
    intent = platform.paid()
    return platform.sandbox.control("POST", "disputes", {"charge": intent.latest_charge.id, **body})
