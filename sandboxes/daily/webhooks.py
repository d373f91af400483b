"""Webhook endpoints: their REST life, the test post and the circuit breaker."""

from __future__ import annotations

import base64
import binascii
import secrets
import uuid
from typing import Any

import httpx

from sandboxes.daily import parameters
from sandboxes.daily.errors import invalid_request, not_found
from sandboxes.daily.events import ENDPOINT_KIND, EVENT_TYPES, basic_auth
from sandboxes.daily.rooms import iso
from sandboxes.daily.service import Service
from sandboxes.kit.webhooks import Result

TEST_BODY = b'{"test":"test"}'
TEST_TIMEOUT_SECONDS = 5
FAILURES_BEFORE_STOP = 3


def public_view(endpoint: dict[str, Any]) -> dict[str, Any]:
    """The webhook as the API shows it."""
    return {name: value for name, value in endpoint.items() if name != "id"}


def get_webhook(service: Service, uuid_: str) -> dict[str, Any]:
    """The webhook, 404 when there is none."""
    endpoint = service.store.get(ENDPOINT_KIND, uuid_)
    if endpoint is None:
        raise not_found(f"webhook {uuid_} not found")
    return endpoint


async def create_webhook(service: Service, *, body: dict[str, Any]) -> dict[str, Any]:
    """``POST /webhooks``: the address must answer a test post with 200 first."""
    _check(schema="PostWebhook", body=body)
    identifier = str(uuid.uuid4())
    moment = iso(service.now())
    endpoint = {
        "id": identifier,
        "uuid": identifier,
        "url": body["url"],
        "hmac": body.get("hmac") or base64.b64encode(secrets.token_bytes(32)).decode(),
        "basicAuth": body.get("basicAuth"),
        "retryType": body.get("retryType", "circuit-breaker"),
        "eventTypes": body.get("eventTypes", list(EVENT_TYPES)),
        "state": "ACTIVE",
        "failedCount": 0,
        "lastMomentPushed": None,
        "domainId": service.domain_id,
        "createdAt": moment,
        "updatedAt": moment,
    }
    await _test(endpoint)
    service.store.put(ENDPOINT_KIND, identifier, endpoint)
    return endpoint


async def change_webhook(service: Service, uuid_: str, *, body: dict[str, Any]) -> dict[str, Any]:
    """``POST /webhooks/:uuid``: changes it, tests it, and makes a stopped one active again."""
    _check(schema="UpdateWebhook", body=body)
    revived = {"state": "ACTIVE", "failedCount": 0, "updatedAt": iso(service.now())}
    endpoint = get_webhook(service, uuid_) | body | revived
    await _test(endpoint)
    get_webhook(service, uuid_)  # it may have been deleted while the test ran
    service.store.put(ENDPOINT_KIND, uuid_, endpoint)
    return endpoint


def delete_webhook(service: Service, uuid_: str) -> dict[str, Any]:
    """``DELETE /webhooks/:uuid``; what waits for it is not sent."""
    get_webhook(service, uuid_)
    service.store.delete(ENDPOINT_KIND, uuid_)
    service.deliveries.cancel(uuid_)
    return {"deleted": True, "uuid": uuid_}


def record_result(service: Service, result: Result) -> None:
    """Count consecutive failures; a circuit-breaker webhook stops at the third."""
    endpoint = service.store.get(ENDPOINT_KIND, result.endpoint["id"])
    if endpoint is None:
        return
    endpoint["failedCount"] = 0 if result.ok else endpoint["failedCount"] + 1
    if result.ok:
        endpoint["lastMomentPushed"] = iso(service.now())
    if endpoint["retryType"] == "circuit-breaker" and endpoint["failedCount"] >= FAILURES_BEFORE_STOP:
        endpoint["state"] = "FAILED"
        service.deliveries.cancel(endpoint["id"])
    service.store.put(ENDPOINT_KIND, endpoint["id"], endpoint)


def _check(*, schema: str, body: dict[str, Any]) -> None:
    parameters.check(schema=schema, body=body)
    if "url" in body:
        _check_url(body["url"])
    if "hmac" in body:
        _check_secret(body["hmac"])
    if "eventTypes" in body:
        _check_event_types(body["eventTypes"])


def _check_url(text: str) -> None:
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in ("http", "https") or not url.host:
        raise invalid_request(f"url was '{text}', expected an http or https address")


def _check_secret(text: str) -> None:
    try:
        secret = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if not secret:
        raise invalid_request("hmac must be a base64 encoded secret")


def _check_event_types(types: list[str]) -> None:
    if not types:
        raise invalid_request("eventTypes must not be empty")
    for type_ in types:
        if type_ not in EVENT_TYPES:
            raise invalid_request(f"eventTypes has '{type_}', which is not an event type")


async def _test(endpoint: dict[str, Any]) -> None:
    """Post the test body, unsigned as nobody knows the secret yet, and want a 200."""
    headers = {"Content-Type": "application/json", **basic_auth(endpoint)}
    try:
        async with httpx.AsyncClient(timeout=TEST_TIMEOUT_SECONDS, trust_env=False) as client:
            answer = await client.post(endpoint["url"], content=TEST_BODY, headers=headers)
    except httpx.HTTPError:
        raise invalid_request("non-200 status code returned from webhook endpoint, received none") from None
    if answer.status_code != 200:
        raise invalid_request(
            f"non-200 status code returned from webhook endpoint, received {answer.status_code}"
        )
