"""Events: kept per account, delivered to the endpoints that want them, signed as Stripe signs."""

import hashlib
import hmac
from collections.abc import Mapping

from sandboxes.kit.webhooks import Attempt
from sandboxes.stripe import render, repo
from sandboxes.stripe.context import API_VERSION, Context, Json
from sandboxes.stripe.wire import lists
from sandboxes.stripe.wire.call import Call
from sandboxes.stripe.wire.ids import new_id


def emit(ctx: Context, account: str, type: str, document: Json, previous: Json | None = None) -> Json:
    """Record that something happened to an object of the account, and queue its webhooks.

    ``previous`` are the values an ``*.updated`` event replaced.
    """
    endpoints = [
        each for each in repo.every(ctx, ctx.platform, "webhook_endpoint") if _wants(ctx, each, account, type)
    ]
    data: Json = {"object": render.shown(ctx, document)}
    if previous is not None:
        data["previous_attributes"] = previous
    event: Json = {
        "id": new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": ctx.now(),
        "data": data,
        "livemode": False,
        "pending_webhooks": len(endpoints),
        "request": dict(ctx.origin),
        "type": type,
    }
    if account != ctx.platform:
        event["account"] = account
    repo.save(ctx, account, event)
    for endpoint in endpoints:
        ctx.deliveries.enqueue(endpoint, event)
    return event


def save_and_emit(ctx: Context, account: str, type: str, before: Json, after: Json) -> Json:
    """Store a changed object and emit an event that says what changed; gives the object back."""
    repo.save(ctx, account, after)
    emit(ctx, account, type, after, differences(render.shown(ctx, before), render.shown(ctx, after)))
    return after


def differences(before: Json, after: Json) -> Json:
    """The values of ``before`` that ``after`` no longer has, nested objects likewise."""
    changed: Json = {}
    for name in before.keys() | after.keys():
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        both = isinstance(old, dict) and isinstance(new, dict) and old.get("object") != "list"
        changed[name] = differences(old, new) if both else old  # type: ignore[arg-type]
    return changed


def signature(endpoint: Json, body: bytes, attempt: Attempt) -> Mapping[str, str]:
    """The headers of a delivery: ``t`` is new on every try."""
    signed = f"{attempt.timestamp}.".encode() + body
    digest = hmac.new(endpoint["_secret"].encode(), signed, hashlib.sha256).hexdigest()
    return {
        "Stripe-Signature": f"t={attempt.timestamp},v1={digest}",
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
    }


def retrieve(ctx: Context, call: Call) -> Json:
    """GET /v1/events/:id"""
    return repo.get(ctx, call.account, "event", call.id)


def listed(ctx: Context, call: Call) -> Json:
    """GET /v1/events, of a ``type`` (``charge.*`` for a family) or of ``types``."""
    params = call.params
    wanted = [params["type"]] if "type" in params else params.get("types", [])
    found = repo.every(ctx, call.account, "event")
    found = [each for each in found if not wanted or any(_is(each["type"], name) for name in wanted)]
    return lists.page(found, params, "/v1/events")


def _is(type: str, wanted: str) -> bool:
    return type == wanted or (wanted.endswith("*") and type.startswith(wanted[:-1]))


def _wants(ctx: Context, endpoint: Json, account: str, type: str) -> bool:
    if endpoint["status"] != "enabled" or endpoint["_connect"] != (account != ctx.platform):
        return False
    return type in endpoint["enabled_events"] or "*" in endpoint["enabled_events"]
