"""Transfers the platform makes itself, what refunds reverse, reading it all in one call. SB-1, SB-2, RE-1, RE-4."""

import httpx
import pytest
import stripe

from tests.contract.stripe_shapes import problems
from tests.contract.stripe_tools import Stripe

BOTH = {"reverse_transfer": True, "refund_application_fee": True}


@pytest.fixture
def platform(stripe_sandbox):
    return Stripe(stripe_sandbox)


@pytest.fixture
def account(platform):
    return platform.account()


@pytest.fixture
def payment(platform, account):
    """100.00 of which the account has 81.80, and the platform 18.20 less Stripe's 1.75."""
    return platform.paid(**platform.destination(account.id))


def _send(platform, account, amount=3_000, **params):
    asked = {"amount": amount, "currency": "eur", "destination": account.id, **params}
    return platform.api.transfers.create(asked)


def _refund(platform, payment, amount, **flags):
    return platform.api.refunds.create({"charge": payment.latest_charge.id, "amount": amount, **flags})


def _shares(platform, payment):
    """What has been taken back from the account, and of the fee."""
    charge = platform.api.charges.retrieve(
        payment.latest_charge.id, {"expand": ["transfer", "application_fee"]}
    )
    return charge.transfer.amount_reversed, charge.application_fee.amount_refunded


def test_a_transfer_from_the_balance(platform, account):
    """At once with the account, as a payment of its own, booked on both sides."""
    platform.paid()
    sent = _send(
        platform, account, transfer_group="booking-7", description="won", metadata={"restitution": "9"}
    )
    assert (sent.amount, sent.currency, sent.destination, sent.reversed) == (3_000, "eur", account.id, False)
    assert (sent.source_transaction, sent.transfer_group, sent.description) == (None, "booking-7", "won")
    assert (sent.metadata["restitution"], sent.reversals.data) == ("9", [])
    assert problems(platform.get(f"/v1/transfers/{sent.id}")) == []
    assert (platform.available(), platform.available(account.id)) == (9_825 - 3_000, 3_000)
    ours = platform.get(f"/v1/balance_transactions/{sent.balance_transaction}")
    assert (ours["type"], ours["net"], ours["source"], ours["status"]) == (
        "transfer",
        -3_000,
        sent.id,
        "available",
    )
    received = platform.get(f"/v1/charges/{sent.destination_payment}", account.id)
    assert problems(received) == []
    assert (received["amount"], received["source_transfer"], received["application_fee"]) == (
        3_000,
        sent.id,
        None,
    )
    theirs = platform.get(f"/v1/balance_transactions/{received['balance_transaction']}", account.id)
    assert (theirs["type"], theirs["net"], theirs["source"]) == ("payment", 3_000, received["id"])
    assert platform.types()[-1] == "transfer.created"
    changed = platform.api.transfers.update(sent.id, {"metadata": {"seen": "1"}})
    assert changed.metadata.to_dict() == {"restitution": "9", "seen": "1"}
    assert [each.id for each in platform.api.transfers.list({"transfer_group": "booking-7"}).data] == [
        sent.id
    ]


def test_such_a_transfer_is_reversed(platform, account):
    """It has no charge and no fee; one of its reversals is read by itself."""
    platform.paid()
    sent = _send(platform, account)
    made = platform.api.transfers.reversals.create(
        sent.id, {"amount": 1_000, "refund_application_fee": True, "metadata": {"a": "1"}}
    )
    found = platform.api.transfers.reversals.retrieve(sent.id, made.id)
    assert (found.amount, found.source_refund, found.metadata["a"]) == (1_000, None, "1")
    assert problems(platform.get(f"/v1/transfers/{sent.id}/reversals/{made.id}")) == []
    platform.api.transfers.reversals.create(sent.id)
    assert platform.api.transfers.retrieve(sent.id).reversed
    assert (platform.available(), platform.available(account.id)) == (9_825, 0)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        platform.api.transfers.reversals.retrieve(sent.id, "trr_nothing")
    assert (caught.value.code, caught.value.http_status) == ("resource_missing", 404)


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({"amount": 9_826}, "balance_insufficient", None),
        ({"currency": "usd"}, "balance_insufficient", None),
        ({"destination": "acct_1Nobody"}, "resource_missing", "destination"),
        ({"amount": 0}, "parameter_invalid_integer", "amount"),
        ({"currency": "xxx"}, None, "currency"),
        ({"source_transaction": "ch_1"}, None, "source_transaction"),
        ({"surprise": "1"}, "parameter_unknown", "surprise"),
    ],
)
def test_transfers_that_are_refused(platform, account, params, code, param):
    platform.paid()
    asked = {"amount": 1_000, "currency": "eur", "destination": account.id, **params}
    with pytest.raises(stripe.InvalidRequestError) as caught:
        platform.api.transfers.create(asked)
    assert (caught.value.http_status, caught.value.code, caught.value.param) == (400, code, param)
    assert (platform.available(), platform.available(account.id)) == (9_825, 0)


def test_only_what_is_available_is_sent(platform, account):
    """A payment that is still pending cannot be sent on."""
    platform.paid(method="pm_card_visa")
    assert platform.pending() == 9_825
    with pytest.raises(stripe.InvalidRequestError) as caught:
        _send(platform, account, 1)
    assert caught.value.code == "balance_insufficient"
    assert "insufficient available funds" in caught.value.user_message


def test_accounts_that_may_not_receive(platform, account):
    platform.paid()
    platform.sandbox.control("POST", f"accounts/{account.id}/restrict")
    for destination in (account.id, platform.account(onboarded=False).id):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            platform.api.transfers.create({"amount": 10, "currency": "eur", "destination": destination})
        assert caught.value.code == "insufficient_capabilities_for_transfer"
        assert caught.value.param == "destination"
    abroad = platform.account(country="US")
    with pytest.raises(stripe.InvalidRequestError) as caught:
        platform.api.transfers.create({"amount": 10, "currency": "eur", "destination": abroad.id})
    assert caught.value.code == "transfers_not_allowed"
    assert platform.get("/v1/transfers")["data"] == []


def test_everything_about_a_charge_in_one_call(platform, payment):
    refund = _refund(platform, payment, 2_500, metadata={"refund": "5"}, **BOTH)
    platform.api.transfers.reversals.create(
        payment.latest_charge.transfer, {"amount": 100, "metadata": {"debt": "7"}}
    )
    names = ["balance_transaction", "transfer", "application_fee", "refunds"]
    intent = platform.api.payment_intents.retrieve(
        payment.id, {"expand": [f"latest_charge.{name}" for name in names]}
    )
    charge = platform.api.charges.retrieve(payment.latest_charge.id, {"expand": names})
    assert intent.latest_charge.to_dict() == charge.to_dict()
    assert (charge.balance_transaction.fee, charge.refunds.data[0].id) == (175, refund.id)
    assert [(each.amount, each.source_refund, each.metadata.to_dict()) for each in charge.transfer.reversals.data] == [
        (100, None, {"debt": "7"}),
        (2_500, refund.id, {}),
    ]  # fmt: skip
    assert [each.amount for each in charge.application_fee.refunds.data] == [455]
    assert problems(charge.to_dict()) == []
    with pytest.raises(stripe.InvalidRequestError):
        platform.api.charges.retrieve(charge.id, {"expand": ["transfers"]})


def test_what_was_given_back_of_a_fee(platform, payment):
    for _ in range(3):
        _refund(platform, payment, 1_000, **BOTH)
    fee = payment.latest_charge.application_fee
    first = platform.api.application_fees.refunds.list(fee, {"limit": 2})
    assert ([each.amount for each in first.data], first.has_more) == ([182, 182], True)
    every = list(first.auto_paging_iter())
    assert ({each.fee for each in every}, len(every)) == ({fee}, 3)
    found = platform.get(f"/v1/application_fees/{fee}/refunds/{every[0].id}")
    assert (found["id"], problems(found)) == (every[0].id, [])


def test_lists_inside_objects_show_their_head(platform, payment):
    """Stripe shows ten; the rest is at the list's own address."""
    for _ in range(11):
        _refund(platform, payment, 100, **BOTH)
    charge = platform.api.charges.retrieve(
        payment.latest_charge.id, {"expand": ["refunds", "transfer", "application_fee"]}
    )
    for inside in (charge.refunds, charge.transfer.reversals, charge.application_fee.refunds):
        assert (len(inside.data), inside.has_more) == (10, True)
    assert len(platform.api.transfers.reversals.list(charge.transfer.id, {"limit": 100}).data) == 11


@pytest.mark.parametrize(
    ("fee", "parts"),
    [(1_820, [3_333, 3_333, 3_334]), (333, [1_005, 1_005, 1_005, 6_985]), (5, [4_000, 4_000, 2_000])],
)
def test_parts_are_rounded_in_sum(platform, account, fee, parts):
    """RE-1: after refunds of R of the amount A, round(fee × R / A) has gone back, half-up, whatever the parts."""
    payment = platform.paid(**platform.destination(account.id, fee))
    refunded = 0
    for amount in parts:
        _refund(platform, payment, amount, **BOTH)
        refunded += amount
        assert _shares(platform, payment) == (refunded, (2 * fee * refunded + 10_000) // 20_000)
    assert platform.available(account.id) == 0


def test_a_refund_reverses_its_own_share_only(platform, account, payment):
    """What an earlier refund left with the account stays there."""
    _refund(platform, payment, 4_000)
    _refund(platform, payment, 6_000, **BOTH)
    assert _shares(platform, payment) == (6_000, 1_092)
    assert platform.available(account.id) == 8_180 - 6_000 + 1_092


def test_never_more_than_is_left_of_the_transfer(platform, account, payment):
    """Parts reversed for other reasons are not taken twice."""
    platform.api.transfers.reversals.create(payment.latest_charge.transfer, {"amount": 1_000})
    _refund(platform, payment, 2_000, **BOTH)
    assert _shares(platform, payment) == (3_000, 364)
    _refund(platform, payment, 8_000, **BOTH)
    assert _shares(platform, payment) == (10_000, 1_820)
    assert platform.available(account.id) == 0


def test_nothing_left_to_reverse(platform, payment):
    platform.api.transfers.reversals.create(payment.latest_charge.transfer, {"refund_application_fee": True})
    with pytest.raises(stripe.InvalidRequestError) as caught:
        _refund(platform, payment, 5_000, **BOTH)
    assert caught.value.param == "reverse_transfer"
    assert platform.api.charges.retrieve(payment.latest_charge.id).amount_refunded == 0
    assert _refund(platform, payment, 5_000).status == "succeeded"


def test_a_failed_refund_leaves_its_reversal(platform, account, payment):
    """The next one takes what is left of the transfer and the fee, and no more."""
    failed = _refund(platform, payment, 5_000, **BOTH)
    platform.sandbox.control("POST", f"refunds/{failed.id}/fail")
    assert platform.types()[-1] == "refund.failed"
    assert _shares(platform, payment) == (5_000, 910)
    _refund(platform, payment, 10_000, **BOTH)
    assert _shares(platform, payment) == (10_000, 1_820)
    assert platform.available(account.id) == 0


def test_a_fee_goes_back_with_reversals_in_sum(platform, payment):
    transfer = payment.latest_charge.transfer
    for amount in (3_333, 3_333, 3_334):
        platform.api.transfers.reversals.create(transfer, {"amount": amount, "refund_application_fee": True})
    fee = platform.api.application_fees.retrieve(payment.latest_charge.application_fee)
    assert (fee.amount_refunded, fee.refunded) == (1_820, True)


@pytest.mark.parametrize("kind", ["drop_after", "drop_before", "500", "429"])
def test_faults_have_one_effect(stripe_sandbox, kind):
    """SB-2: asked again with the same key, also on behalf of an account; each account has keys of its own."""
    platform = Stripe(stripe_sandbox, retries=2)
    account = platform.account()
    platform.paid(**platform.destination(account.id))
    platform.paid()
    options = {"idempotency_key": "same-for-all"}
    on_behalf = {**options, "stripe_account": account.id}
    for match in ("POST /v1/transfers", "POST /v1/payouts", "GET /v1/balance"):
        platform.sandbox.control("POST", "faults", {"match": match, "kind": kind, "times": 1})
    transfer = {"amount": 1_000, "currency": "eur", "destination": account.id}
    payout = {"amount": 2_000, "currency": "eur"}
    for _ in range(2):
        if kind == "429":
            _once_limited(lambda: platform.api.transfers.create(transfer, options))
            _once_limited(lambda: platform.api.payouts.create(payout, on_behalf))
        else:
            platform.api.transfers.create(transfer, options)
            platform.api.payouts.create(payout, on_behalf)
    assert [each["amount"] for each in platform.get("/v1/payouts", account.id)["data"]] == [2_000]
    sent = [each for each in platform.get("/v1/transfers")["data"] if each["source_transaction"] is None]
    assert [each["amount"] for each in sent] == [1_000]
    platform.sandbox.control("DELETE", "faults")
    assert platform.available(account.id) == 8_180 + 1_000 - 2_000


def _once_limited(ask):
    """Ask again when there were too many requests; the library may have done so itself."""
    try:
        return ask()
    except stripe.RateLimitError:
        return ask()


def test_a_call_that_never_answers(platform, account):
    """SB-2: timeout, on behalf of an account: nothing has happened."""
    platform.paid(**platform.destination(account.id))
    platform.sandbox.control("POST", "faults", {"match": "POST /v1/payouts", "kind": "timeout"})
    asked = {"data": {"amount": "100", "currency": "eur"}, "headers": {"Stripe-Account": account.id}}
    with pytest.raises(httpx.TimeoutException):
        platform.request("POST", "/v1/payouts", timeout=0.5, **asked)
    assert platform.get("/v1/payouts", account.id)["data"] == []
    assert platform.request("POST", "/v1/payouts", **asked).status_code == 200
