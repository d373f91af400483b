"""Keys, errors, lists, expansion, idempotency, faults, restarts. SB-1, SB-2."""

import threading

import httpx
import pytest
import stripe

from tests.contract.stripe_tools import Stripe, eventually

INTENT = {"amount": "1000", "currency": "eur"}


@pytest.fixture
def platform(stripe_sandbox):
    return Stripe(stripe_sandbox)


def test_keys(platform):
    url = f"{platform.url}/v1/balance"
    for headers in ({}, {"Authorization": "Bearer sk_test_wrong"}, {"Authorization": "Basic !"}):
        answer = httpx.get(url, headers=headers)
        assert (answer.status_code, answer.json()["error"]["type"]) == (401, "invalid_request_error")
        assert answer.headers["request-id"].startswith("req_")
    secret = platform.keys["secret_key"]
    assert httpx.get(url, headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    assert httpx.get(url, auth=(secret, "")).headers["stripe-version"] == "2026-10-28.endive"
    with pytest.raises(stripe.AuthenticationError):
        stripe.StripeClient("sk_test_other", base_addresses={"api": platform.url}).v1.balance.retrieve()


def test_addresses_and_objects_that_are_not_there(platform):
    answer = platform.request("POST", "/v1/charges")
    assert answer.status_code == 404
    assert answer.json()["error"]["message"].startswith("Unrecognized request URL (POST: /v1/charges)")
    for path, param in (
        ("payment_intents/pi_x", "intent"),
        ("charges/ch_x", "id"),
        ("transfers/tr_x", "transfer"),
    ):
        error = platform.request("GET", f"/v1/{path}").json()["error"]
        assert (error["code"], error["param"], error["type"]) == (
            "resource_missing",
            param,
            "invalid_request_error",
        )
        assert error["doc_url"].endswith("resource-missing")
    assert platform.request("GET", "/v1/balance", headers={"Stripe-Version": "2014-01-01"}).status_code == 400


def test_lists_are_cut_into_pages(platform):
    made = [platform.intent(1_000 + number).id for number in range(5)][::-1]
    first = platform.get("/v1/payment_intents", limit=2)
    assert (first["object"], first["url"], first["has_more"]) == ("list", "/v1/payment_intents", True)
    assert [each["id"] for each in first["data"]] == made[:2]
    assert [each.id for each in platform.api.payment_intents.list({"limit": 2}).auto_paging_iter()] == made
    back = platform.get("/v1/payment_intents", ending_before=made[3], limit=2)
    assert ([each["id"] for each in back["data"]], back["has_more"]) == (made[1:3], True)
    refused = [
        ({"limit": 0}, "parameter_invalid_integer"),
        ({"limit": 101}, "parameter_invalid_integer"),
        ({"starting_after": "pi_x"}, "resource_missing"),
        ({"page": 1}, "parameter_unknown"),
    ]
    for params, code in refused:
        answer = platform.request("GET", "/v1/payment_intents", params=params)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


def test_expansion(platform):
    account = platform.account()
    intent = platform.paid(**platform.destination(account.id))
    seen = platform.api.payment_intents.retrieve(
        intent.id,
        {"expand": ["latest_charge.transfer.destination", "transfer_data.destination", "payment_method"]},
    )
    assert seen.latest_charge.transfer.destination.id == account.id
    assert (seen.transfer_data.destination.id, seen.payment_method.card.brand) == (account.id, "visa")
    charges = platform.api.charges.list({"expand": ["data.balance_transaction", "data.payment_intent"]}).data
    assert charges[0].balance_transaction.net == 9_825
    assert charges[0].payment_intent.id == intent.id
    source = (
        platform.api.balance_transactions.list({"type": "transfer", "expand": ["data.source"]}).data[0].source
    )
    assert source.object == "transfer"
    for paths in (["nothing"], ["latest_charge.nothing"], ["amount"], ["a.b.c.d.e"]):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            platform.api.payment_intents.retrieve(intent.id, {"expand": paths})
        assert caught.value.http_status == 400


def test_a_key_used_again_gives_the_same_bytes(platform):
    """SB-1: replays, also of a decline; other parameters are refused."""
    headers = {"Idempotency-Key": "booking-7"}
    first = platform.request("POST", "/v1/payment_intents", data=INTENT, headers=headers)
    again = platform.request("POST", "/v1/payment_intents", data=INTENT, headers=headers)
    assert first.content == again.content
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["original-request"] == first.headers["request-id"]
    assert "idempotent-replayed" not in first.headers
    other = platform.request("POST", "/v1/payment_intents", data=INTENT | {"amount": "1100"}, headers=headers)
    assert (other.status_code, other.json()["error"]["type"]) == (400, "idempotency_error")

    confirm = f"/v1/payment_intents/{first.json()['id']}/confirm"
    data = {"payment_method": "pm_card_chargeDeclined", "return_url": "https://shop.example"}
    declined = [
        platform.request("POST", confirm, data=data, headers={"Idempotency-Key": "pay"}) for _ in "12"
    ]
    assert [each.status_code for each in declined] == [402, 402]
    assert declined[0].content == declined[1].content
    assert platform.types().count("charge.failed") == 1


def test_a_key_may_be_used_again_after_a_mistake(platform):
    """What never began is not kept: parameters that fail their checks."""
    headers = {"Idempotency-Key": "k"}
    bad = platform.request("POST", "/v1/payment_intents", data={"amount": "x"}, headers=headers)
    assert bad.status_code == 400
    good = platform.request("POST", "/v1/payment_intents", data=INTENT, headers=headers)
    assert good.status_code == 200
    assert platform.request(
        "POST", "/v1/payment_intents", data=INTENT, headers={"Idempotency-Key": "k" * 256}
    ).is_error


def test_a_key_in_use(platform):
    platform.sandbox.control("POST", "latency", {"seconds": 0.5})
    statuses: list[int] = []

    def post() -> None:
        headers = {"Idempotency-Key": "same"}
        answer = platform.request("POST", "/v1/payment_intents", data=INTENT, headers=headers)
        statuses.append(answer.status_code)
        if answer.status_code == 409:
            assert answer.json()["error"]["code"] == "idempotency_key_in_use"

    threads = [threading.Thread(target=post) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 409, 409]
    assert len(platform.api.payment_intents.list().data) == 1


def test_a_lost_answer_has_one_effect(stripe_sandbox):
    """SB-2: drop_after, then the library's own retry with the same key."""
    platform = Stripe(stripe_sandbox, retries=2)
    intent = platform.paid()
    platform.sandbox.control(
        "POST", "faults", {"match": "POST /v1/refunds", "kind": "drop_after", "times": 1}
    )
    refund = platform.api.refunds.create({"payment_intent": intent.id, "amount": 100})
    assert [each.id for each in platform.api.refunds.list().data] == [refund.id]
    platform.sandbox.control("POST", "faults", {"match": "POST /v1/refunds", "kind": "500", "times": 1})
    platform.api.refunds.create({"payment_intent": intent.id, "amount": 200})
    assert len(platform.api.refunds.list().data) == 2


@pytest.mark.parametrize(("kind", "status", "type", "code"), [
    ("500", 500, "api_error", None), ("429", 429, "invalid_request_error", "rate_limit")])  # fmt: skip
def test_bad_days(platform, kind, status, type, code):
    platform.sandbox.control("POST", "faults", {"match": "GET /v1/balance", "kind": kind})
    answer = platform.request("GET", "/v1/balance")
    assert (answer.status_code, answer.json()["error"]["type"]) == (status, type)
    assert answer.json()["error"].get("code") == code
    assert platform.request("GET", "/v1/balance").status_code == 200


def test_nothing_is_lost_in_a_crash(platform):
    """SB-1: state survives kill -9, and what was due happens after the start."""
    account = platform.account()
    intent = platform.confirm(platform.intent(**platform.destination(account.id)))
    platform.sandbox.kill()
    platform.sandbox.start()
    charge = eventually(lambda: _booked(platform, intent.latest_charge))
    assert charge["transfer"].startswith("tr_")
    assert platform.pending(account.id) == 8_180
    assert platform.types().count("charge.updated") == 1


def _booked(platform, id):
    charge = platform.get(f"/v1/charges/{id}")
    return charge if charge["balance_transaction"] else None
