"""Webhook endpoints, signatures, and the list of events. SB-1, SB-2, SB-4."""

import json

import pytest
import stripe

from tests.contract.stripe_tools import Stripe, eventually


@pytest.fixture
def platform(stripe_sandbox):
    return Stripe(stripe_sandbox)


def _endpoint(platform, receiver, **params):
    return platform.api.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"], **params})


def test_an_endpoint_tells_its_secret_once(platform, receiver):
    endpoint = _endpoint(platform, receiver, description="ours", metadata={"a": "1"})
    assert endpoint.secret.startswith("whsec_")
    kept = platform.api.webhook_endpoints.retrieve(endpoint.id)
    assert (kept.url, kept.status, kept.description) == (receiver.url, "enabled", "ours")
    assert "secret" not in kept
    changed = platform.api.webhook_endpoints.update(
        endpoint.id, {"enabled_events": ["charge.refunded"], "disabled": True}
    )
    assert (changed.enabled_events, changed.status) == (["charge.refunded"], "disabled")
    assert [each.id for each in platform.api.webhook_endpoints.list().data] == [endpoint.id]
    assert platform.api.webhook_endpoints.delete(endpoint.id).deleted
    with pytest.raises(stripe.InvalidRequestError) as caught:
        platform.api.webhook_endpoints.retrieve(endpoint.id)
    assert (caught.value.http_status, caught.value.code) == (404, "resource_missing")


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"url": "nowhere"}, "url"),
        ({"enabled_events": ["no.such"]}, "enabled_events[0]"),
        ({"enabled_events": []}, "enabled_events"),
    ],
)
def test_endpoints_stripe_refuses(platform, receiver, params, param):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        _endpoint(platform, receiver, **params)
    assert caught.value.param == param


def test_deliveries_are_signed_as_stripe_signs(platform, receiver):
    endpoint = _endpoint(platform, receiver)
    intent = platform.intent()
    delivery = receiver.wait_for_types("payment_intent.created")[0]
    event = stripe.Webhook.construct_event(
        delivery.body, delivery.headers["stripe-signature"], endpoint.secret
    )
    assert (event.data.object.id, event.livemode) == (intent.id, False)
    assert event.request.id.startswith("req_")
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(
            delivery.body + b" ", delivery.headers["stripe-signature"], endpoint.secret
        )
    listed = platform.get(f"/v1/events/{event.id}")
    assert listed == json.loads(delivery.body)


def test_a_failed_delivery_comes_again_with_the_same_id(platform, receiver):
    """SB-4: after one second, then two."""
    endpoint = _endpoint(platform, receiver)
    receiver.answer_next(500, 500)
    platform.intent()
    tries = receiver.wait_for(lambda received: received if len(received) == 3 else None)
    assert len({each.json["id"] for each in tries}) == 1
    assert 0.9 <= tries[1].at - tries[0].at <= 2.5
    assert len({each.headers["stripe-signature"] for each in tries}) == 3
    for each in tries:
        stripe.Webhook.construct_event(each.body, each.headers["stripe-signature"], endpoint.secret)


def test_platform_and_connect_endpoints_hear_different_things(platform, receiver):
    _endpoint(platform, receiver, enabled_events=["payment_intent.created", "account.updated"])
    account = platform.account()
    platform.intent()
    receiver.wait_for_types("payment_intent.created")
    assert [each.json["type"] for each in receiver.received] == ["payment_intent.created"]
    _endpoint(platform, receiver, enabled_events=["account.updated"], connect=True)
    platform.api.accounts.update(account.id, {"email": "new@example.com"})
    event = receiver.wait_for_types("account.updated")[-1].json
    assert (event["account"], event["data"]["previous_attributes"]) == (account.id, {"email": None})
    assert event["data"]["object"]["id"] == account.id
    assert "account.updated" in platform.types(account.id)
    assert "account.updated" not in platform.types()


def test_webhooks_held_and_doubled(platform, receiver):
    """SB-2"""
    _endpoint(platform, receiver)
    platform.sandbox.control("POST", "webhooks", {"mode": "hold"})
    platform.intent()
    platform.sandbox.control("POST", "webhooks", {"mode": "duplicate"})
    platform.intent(900)
    received = receiver.wait_for(lambda received: received if len(received) >= 2 else None)
    assert {each.json["data"]["object"]["amount"] for each in received} == {900}
    platform.sandbox.control("POST", "webhooks/release")
    receiver.wait_for(
        lambda received: any(each.json["data"]["object"]["amount"] == 10_000 for each in received)
    )


def test_events_are_found_by_type_and_time(platform):
    """WH-4: what was missed is found in the list."""
    platform.confirm(platform.intent())
    eventually(lambda: "charge.updated" in platform.types())
    assert len(platform.api.events.list({"type": "payment_intent.succeeded"}).data) == 1
    family = {each.type for each in platform.api.events.list({"type": "charge.*"}).data}
    assert family == {"charge.succeeded", "charge.updated"}
    two = platform.api.events.list({"types": ["payment_intent.created", "charge.updated"]}).data
    assert [each.type for each in two] == ["charge.updated", "payment_intent.created"]
    first, last = two[-1].created, two[0].created
    assert len(platform.api.events.list({"created": {"gte": first, "lte": last}}).data) == 4
    assert platform.api.events.list({"created": {"gt": last}}).data == []
