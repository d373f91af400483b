"""Payments on Stripe's sandbox, driven by Stripe's own library and as Stripe.js does. SB-1, SB-2, SB-4."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import stripe

from tests.contract.stripe_tools import RETURN_URL, Stripe, eventually

DECLINES = [
    ("4000000000000002", "card_declined", "generic_decline"),
    ("4000000000009995", "card_declined", "insufficient_funds"),
    ("4000000000009987", "card_declined", "lost_card"),
    ("4000000000000069", "expired_card", "expired_card"),
    ("4000000000000127", "incorrect_cvc", "incorrect_cvc"),
    ("4000000000000119", "processing_error", "processing_error"),
]


@pytest.fixture
def platform(stripe_sandbox):
    return Stripe(stripe_sandbox)


def test_a_destination_charge_moves_every_cent(platform):
    """SB-1: 100.00 EUR with a fee of 18.20 leaves 81.80 on the account; the platform pays Stripe's 1.75."""
    account = platform.account()
    intent = platform.paid(**platform.destination(account.id), metadata={"booking": "7"})
    charge = intent.latest_charge
    assert (intent.status, intent.amount_received, intent.metadata["booking"]) == ("succeeded", 10_000, "7")
    assert (platform.available(account.id), platform.available()) == (8_180, 1_820 - 175)

    transaction = platform.get(f"/v1/balance_transactions/{charge.balance_transaction}")
    assert (transaction["amount"], transaction["fee"], transaction["net"]) == (10_000, 175, 9_825)
    assert sum(each["amount"] for each in transaction["fee_details"]) == transaction["fee"]
    assert transaction["fee_details"][0]["type"] == "stripe_fee"

    transfer = platform.api.transfers.retrieve(
        charge.transfer, {"expand": ["destination_payment.balance_transaction"]}
    )
    assert (transfer.amount, transfer.destination) == (10_000, account.id)
    assert transfer.destination_payment.id.startswith("py_")
    received = transfer.destination_payment.balance_transaction
    assert (received.type, received.amount, received.fee, received.net) == ("payment", 10_000, 1_820, 8_180)

    fee = platform.api.application_fees.retrieve(charge.application_fee)
    assert (fee.amount, fee.account, fee.originating_transaction) == (1_820, account.id, charge.id)
    ours = platform.get("/v1/balance_transactions", limit=100)["data"]
    assert sum(each["net"] for each in ours) == platform.available()


def test_the_books_follow_the_success(platform):
    """SB-1: with automatic_async the charge's transaction, transfer and fee come after payment_intent.succeeded."""
    account = platform.account()
    intent = platform.confirm(platform.intent(**platform.destination(account.id)))
    charge = platform.api.charges.retrieve(intent.latest_charge)
    assert (charge.balance_transaction, charge.transfer, charge.application_fee) == (None, None, None)
    updated = eventually(lambda: platform.get("/v1/events", type="charge.updated")["data"])[0]
    assert updated["data"]["previous_attributes"]["balance_transaction"] is None
    assert updated["data"]["object"]["balance_transaction"].startswith("txn_")
    types = platform.types()
    assert (
        types.index("payment_intent.succeeded")
        < types.index("transfer.created")
        < types.index("charge.updated")
    )


def test_ordinary_money_is_pending_for_two_days(platform):
    account = platform.account()
    platform.paid(method="pm_card_visa", **platform.destination(account.id))
    assert (platform.available(account.id), platform.pending(account.id)) == (0, 8_180)
    platform.sandbox.control("POST", "clock", {"advance": 4 * 24 * 3600})
    assert (platform.available(account.id), platform.pending(account.id)) == (8_180, 0)


def test_a_synchronous_capture_is_booked_at_once(platform):
    intent = platform.confirm(platform.intent(capture_method="automatic"), expand=["latest_charge"])
    assert intent.latest_charge.balance_transaction.startswith("txn_")


@pytest.mark.parametrize(("number", "code", "decline_code"), DECLINES)
def test_a_declined_card_says_why(platform, number, code, decline_code):
    """SB-1: 402, the reason, the whole intent, back to requires_payment_method, payable again."""
    intent = platform.intent()
    answer = platform.browser_confirm(intent, number)
    error = answer.json()["error"]
    assert (answer.status_code, error["type"]) == (402, "card_error")
    assert (error["code"], error["decline_code"]) == (code, decline_code)
    assert error["payment_intent"]["status"] == "requires_payment_method"
    assert error["payment_intent"]["last_payment_error"]["decline_code"] == decline_code
    assert "metadata" not in error["payment_intent"]
    kept = platform.api.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]})
    assert (kept.latest_charge.status, kept.latest_charge.id) == ("failed", error["charge"])
    assert platform.types()[-2:] == ["charge.failed", "payment_intent.payment_failed"]
    assert platform.browser_confirm(intent, "5555555555554444").json()["status"] == "succeeded"


def test_the_library_raises_a_card_error(platform):
    with pytest.raises(stripe.CardError) as caught:
        platform.confirm(platform.intent(), "pm_card_chargeDeclinedInsufficientFunds")
    error = caught.value.error
    assert (caught.value.http_status, error.decline_code) == (402, "insufficient_funds")
    assert error.payment_intent.last_payment_error.payment_method.card.last4 == "9995"


@pytest.mark.parametrize(
    ("typed", "code", "param"),
    [
        ({"payment_method_data[card][number]": "4242424242424241"}, "incorrect_number", "number"),
        ({"payment_method_data[card][exp_year]": "19"}, "invalid_expiry_year", "exp_year"),
        ({"payment_method_data[card][exp_month]": "13"}, "invalid_expiry_month", "exp_month"),
        ({"payment_method_data[card][cvc]": "12"}, "invalid_cvc", "cvc"),
    ],
)
def test_a_mistyped_card_leaves_no_trace(platform, typed, code, param):
    intent = platform.intent()
    error = platform.browser_confirm(intent, "4242424242424242", **typed).json()["error"]
    assert (error["type"], error["code"], error["param"]) == ("card_error", code, param)
    kept = platform.api.payment_intents.retrieve(intent.id)
    assert (kept.status, kept.latest_charge, kept.last_payment_error) == (
        "requires_payment_method",
        None,
        None,
    )


def test_a_bank_challenge_passed(platform):
    """SB-3: requires_action with a page of the bank, then back to the shop, paid."""
    intent = platform.confirm(platform.intent(), "pm_card_threeDSecure2Required")
    assert (intent.status, intent.next_action.type) == ("requires_action", "redirect_to_url")
    assert intent.next_action.redirect_to_url.return_url == RETURN_URL
    assert intent.next_action.redirect_to_url.url == f"{platform.url}/3ds/{intent.id}"
    query = _answer(platform, intent, "complete")
    assert query["redirect_status"] == ["succeeded"]
    assert query["payment_intent_client_secret"] == [intent.client_secret]
    assert query["booking"] == ["7"]
    paid = platform.api.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]})
    assert (paid.status, paid.next_action) == ("succeeded", None)
    assert paid.latest_charge.payment_method_details.card.three_d_secure.result == "authenticated"
    assert "payment_intent.requires_action" in platform.types()


def test_a_bank_challenge_failed(platform):
    intent = platform.intent()
    shown = platform.browser_confirm(intent, "4000002760003184", use_stripe_sdk="true").json()
    assert shown["next_action"]["type"] == "use_stripe_sdk"
    assert _answer(platform, intent, "fail")["redirect_status"] == ["failed"]
    failed = platform.api.payment_intents.retrieve(intent.id)
    assert failed.last_payment_error.code == "payment_intent_authentication_failure"
    assert (failed.status, failed.payment_method) == ("requires_payment_method", None)
    assert platform.confirm(intent).status == "succeeded"


def test_a_challenge_passed_and_declined_all_the_same(platform):
    intent = platform.confirm(platform.intent(), "pm_card_threeDSecureRequiredChargeDeclined")
    assert _answer(platform, intent, "complete")["redirect_status"] == ["failed"]
    failed = platform.api.payment_intents.retrieve(intent.id)
    assert failed.last_payment_error.decline_code == "generic_decline"


@pytest.mark.parametrize(
    ("iban", "end"),
    [("AT611904300234573201", "succeeded"), ("AT861904300235473202", "requires_payment_method")],
)
def test_a_direct_debit_takes_its_time(platform, iban, end):
    """SB-4: processing, then success or failure after seconds."""
    intent = platform.intent()
    assert intent.payment_method_types == ["card", "sepa_debit"]
    processing = _debit(platform, intent, iban)
    assert processing.get("status") == "processing", processing
    assert platform.types()[-2:] == ["charge.pending", "payment_intent.processing"]
    with pytest.raises(stripe.InvalidRequestError) as caught:
        platform.api.payment_intents.cancel(intent.id)
    assert caught.value.code == "payment_intent_unexpected_state"
    platform.sandbox.control("POST", "clock", {"advance": 6})
    eventually(lambda: platform.api.payment_intents.retrieve(intent.id).status == end)


@pytest.mark.parametrize(("control", "end"), [("succeed", "succeeded"), ("fail", "requires_payment_method")])
def test_a_direct_debit_settled_by_control(platform, control, end):
    """SB-2"""
    intent = platform.intent()
    _debit(platform, intent, "DE89370400440532013000")
    assert platform.sandbox.control("POST", f"payment_intents/{intent.id}/{control}")["status"] == end
    with pytest.raises(httpx.HTTPStatusError):
        platform.sandbox.control("POST", f"payment_intents/{intent.id}/{control}")


def test_a_direct_debit_needs_a_mandate_a_name_and_a_real_account(platform):
    data = {"type": "sepa_debit", "sepa_debit": {"iban": "AT611904300234573201"}}
    billing = {"billing_details": {"name": "Ada", "email": "ada@example.com"}}
    refused = [
        (data, {}, "payment_method_data[billing_details][name]"),
        ({**data, **billing}, {}, "mandate_data"),
        (
            {**data, **billing, "sepa_debit": {"iban": "AT001904300234573201"}},
            {},
            "payment_method_data[sepa_debit][iban]",
        ),
    ]
    for method_data, params, param in refused:
        with pytest.raises(stripe.InvalidRequestError) as caught:
            platform.api.payment_intents.confirm(
                platform.intent().id, {"payment_method_data": method_data, "return_url": RETURN_URL, **params}
            )
        assert caught.value.param == param


def test_only_euros_offer_direct_debits(platform):
    assert platform.intent(currency="usd").payment_method_types == ["card"]
    assert platform.intent(automatic_payment_methods={"enabled": False}).payment_method_types == ["card"]
    assert platform.intent(excluded_payment_method_types=["sepa_debit"]).payment_method_types == ["card"]


def test_reserved_money_is_captured_or_released(platform):
    reserved = platform.confirm(platform.intent(capture_method="manual"))
    assert (reserved.status, reserved.amount_capturable) == ("requires_capture", 10_000)
    captured = platform.api.payment_intents.capture(reserved.id, {"amount_to_capture": 6_000})
    assert (captured.status, captured.amount_received) == ("succeeded", 6_000)
    other = platform.confirm(platform.intent(capture_method="manual"))
    canceled = platform.api.payment_intents.cancel(other.id, {"cancellation_reason": "abandoned"})
    assert (canceled.status, canceled.cancellation_reason) == ("canceled", "abandoned")


def test_an_intent_is_canceled_once_and_never_after_success(platform):
    intent = platform.intent()
    assert platform.api.payment_intents.cancel(intent.id).status == "canceled"
    assert platform.types()[-1] == "payment_intent.canceled"
    paid = platform.confirm(platform.intent())
    for id in (intent.id, paid.id):
        for act in (platform.api.payment_intents.cancel, platform.api.payment_intents.confirm):
            with pytest.raises(stripe.InvalidRequestError) as caught:
                act(id)
            assert caught.value.code == "payment_intent_unexpected_state"
            assert caught.value.error.payment_intent.id == id


def test_an_intent_changes_until_it_is_paid(platform):
    intent = platform.intent(metadata={"a": "1", "b": "2"}, description="one")
    changed = platform.api.payment_intents.update(
        intent.id, {"amount": 5_000, "metadata": {"a": "", "c": "3"}, "description": "two"}
    )
    assert (changed.amount, changed.metadata.to_dict(), changed.description) == (
        5_000,
        {"b": "2", "c": "3"},
        "two",
    )
    platform.confirm(intent)
    assert platform.api.payment_intents.update(intent.id, {"metadata": {"d": "4"}}).metadata["d"] == "4"
    with pytest.raises(stripe.InvalidRequestError) as caught:
        platform.api.payment_intents.update(intent.id, {"amount": 6_000})
    assert (caught.value.code, caught.value.param) == ("payment_intent_unexpected_state", "amount")


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({"amount": 49}, "amount_too_small", "amount"),
        ({"amount": 29, "currency": "gbp"}, "amount_too_small", "amount"),
        ({"amount": 0}, "parameter_invalid_integer", "amount"),
        ({"amount": "12.5"}, "parameter_invalid_integer", "amount"),
        ({"amount": 10**8}, "amount_too_large", "amount"),
        ({"currency": "zzz"}, None, "currency"),
        ({"surprise": 1}, "parameter_unknown", "surprise"),
        ({"transfer_data": {"surprise": 1}}, "parameter_unknown", "transfer_data[surprise]"),
        ({"transfer_data": {"amount": 5}}, "parameter_missing", "transfer_data[destination]"),
        ({"transfer_data": {"destination": "acct_nobody"}}, "resource_missing", "transfer_data[destination]"),
        ({"application_fee_amount": 5}, None, "application_fee_amount"),
        (
            {"payment_method_types": ["card"]},
            "payment_method_types_no_longer_supported",
            "payment_method_types",
        ),
        ({"receipt_email": "nobody"}, "email_invalid", "receipt_email"),
        ({"statement_descriptor_suffix": "12345"}, None, "statement_descriptor_suffix"),
        ({"statement_descriptor_suffix": "ALICE*"}, None, "statement_descriptor_suffix"),
        ({"statement_descriptor_suffix": "A NAME OF 18 CHARS"}, None, "statement_descriptor_suffix"),
        ({"capture_method": "soon"}, None, "capture_method"),
        ({"metadata": {"k" * 41: "v"}}, None, "metadata"),
        ({"metadata": {"k": "v" * 501}}, None, "metadata[k]"),
        ({"description": ""}, "parameter_invalid_empty", "description"),
        ({"payment_method": "pm_nothing"}, "resource_missing", "payment_method"),
        ({"return_url": RETURN_URL}, None, "return_url"),
    ],
)
def test_what_stripe_refuses_is_refused(platform, params, code, param):
    """SB-1: what the sandbox accepts, the real service accepts."""
    with pytest.raises(stripe.InvalidRequestError) as caught:
        platform.intent(**params)
    assert (caught.value.http_status, caught.value.code, caught.value.param) == (400, code, param)
    assert platform.api.payment_intents.list().data == []


def test_a_destination_must_be_able_to_receive(platform):
    half_done = platform.account(onboarded=False)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        platform.intent(**platform.destination(half_done.id))
    assert caught.value.code == "insufficient_capabilities_for_transfer"
    account = platform.account()
    with pytest.raises(stripe.InvalidRequestError) as caught:
        platform.intent(**platform.destination(account.id, fee=10_001))
    assert caught.value.param == "application_fee_amount"
    assert platform.intent(**platform.destination(account.id, fee=10_000)).id


def test_another_region_needs_on_behalf_of(platform):
    """PA-2: a destination charge across regions needs on_behalf_of."""
    account = platform.account(country="US")
    with pytest.raises(stripe.InvalidRequestError) as caught:
        platform.intent(currency="usd", **platform.destination(account.id))
    assert caught.value.param == "transfer_data[destination]"
    intent = platform.intent(currency="usd", on_behalf_of=account.id, **platform.destination(account.id))
    assert intent.on_behalf_of == account.id


def test_a_payment_method_pays_once(platform):
    first = platform.confirm(platform.intent())
    with pytest.raises(stripe.InvalidRequestError):
        platform.confirm(platform.intent(), first.payment_method)
    method = platform.api.payment_methods.retrieve(first.payment_method)
    assert (method.card.brand, method.card.last4) == ("visa", "4242")


def test_card_numbers_are_for_browsers_only(platform):
    with pytest.raises(stripe.StripeError):
        platform.api.payment_methods.create(
            {"type": "card", "card": {"number": "4242424242424242", "exp_month": 1, "exp_year": 2034}}
        )


def test_a_browser_needs_the_secret_of_the_intent_and_sees_little(platform):
    """SB-3"""
    intent = platform.intent(metadata={"fan": "42"})
    path = f"/v1/payment_intents/{intent.id}"
    assert platform.browser("GET", path).json()["error"]["param"] == "client_secret"
    assert (
        platform.browser("GET", path, client_secret="pi_x_secret_y").json()["error"]["param"]
        == "client_secret"
    )
    seen = platform.browser("GET", path, client_secret=intent.client_secret)
    assert seen.json()["status"] == "requires_payment_method"
    assert not {"metadata", "application_fee_amount", "transfer_data", "latest_charge"} & seen.json().keys()
    refused = platform.browser("GET", "/v1/charges")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "secret_key_required")


def test_browsers_of_any_site_may_call(platform):
    headers = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    preflight = httpx.options(f"{platform.url}/v1/payment_intents/pi_1/confirm", headers=headers)
    assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (200, "*")
    answer = httpx.get(f"{platform.url}/v1/payment_intents", headers={"Origin": "https://shop.example"})
    assert answer.headers["access-control-allow-origin"] == "*"


def _answer(platform, intent, outcome):
    """Click on the bank's page; the query of the address it leads to."""
    answer = httpx.post(f"{platform.url}/3ds/{intent.id}", data={"outcome": outcome})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("https://shop.example/return?")
    return parse_qs(urlsplit(answer.headers["location"]).query)


def _debit(platform, intent, iban):
    answer = platform.browser(
        "POST",
        f"/v1/payment_intents/{intent.id}/confirm",
        **{
            "client_secret": intent.client_secret,
            "payment_method_data[type]": "sepa_debit",
            "payment_method_data[sepa_debit][iban]": iban,
            "payment_method_data[billing_details][name]": "Ada Lovelace",
            "payment_method_data[billing_details][email]": "ada@example.com",
            "mandate_data[customer_acceptance][type]": "online",
            "mandate_data[customer_acceptance][online][infer_from_client]": "true",
            "return_url": RETURN_URL,
        },
    )
    return answer.json()
