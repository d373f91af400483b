"""Webhook endpoints; the secret is told once, when they are made."""

from sandboxes.stripe import repo
from sandboxes.stripe.context import Context, Json
from sandboxes.stripe.params.rules import check_url, merged_metadata
from sandboxes.stripe.wire import lists
from sandboxes.stripe.wire.call import Call
from sandboxes.stripe.wire.errors import invalid
from sandboxes.stripe.wire.ids import new_id, token

_MAX = 16


def create(ctx: Context, call: Call) -> Json:
    """POST /v1/webhook_endpoints"""
    params = call.params
    if len(repo.every(ctx, call.account, "webhook_endpoint")) >= _MAX:
        raise invalid(f"You have reached the maximum of {_MAX} test webhook endpoints.")
    _check_events(params["enabled_events"])
    connect = params.get("connect", False)
    endpoint = {
        "id": new_id("we"),
        "object": "webhook_endpoint",
        "api_version": params.get("api_version"),
        "application": ctx.keys.application if connect else None,
        "created": ctx.now(),
        "description": params.get("description") or None,
        "enabled_events": params["enabled_events"],
        "livemode": False,
        "metadata": merged_metadata({}, params.get("metadata")),
        "status": "enabled",
        "url": check_url(params["url"], param="url"),
        "_connect": connect,
        "_secret": "whsec_" + token(32),
    }
    repo.save(ctx, call.account, endpoint)
    return endpoint | {"secret": endpoint["_secret"]}


def retrieve(ctx: Context, call: Call) -> Json:
    """GET /v1/webhook_endpoints/:id"""
    return repo.get(ctx, call.account, "webhook_endpoint", call.id)


def listed(ctx: Context, call: Call) -> Json:
    """GET /v1/webhook_endpoints"""
    return lists.page(repo.every(ctx, call.account, "webhook_endpoint"), call.params, "/v1/webhook_endpoints")


def update(ctx: Context, call: Call) -> Json:
    """POST /v1/webhook_endpoints/:id"""
    endpoint = repo.get(ctx, call.account, "webhook_endpoint", call.id)
    params = call.params
    if "url" in params:
        endpoint["url"] = check_url(params["url"], param="url")
    if "enabled_events" in params:
        _check_events(params["enabled_events"])
        endpoint["enabled_events"] = params["enabled_events"]
    if "description" in params:
        endpoint["description"] = params["description"] or None
    if "disabled" in params:
        endpoint["status"] = "disabled" if params["disabled"] else "enabled"
    endpoint["metadata"] = merged_metadata(endpoint["metadata"], params.get("metadata"))
    return repo.save(ctx, call.account, endpoint)


def delete(ctx: Context, call: Call) -> Json:
    """DELETE /v1/webhook_endpoints/:id"""
    repo.get(ctx, call.account, "webhook_endpoint", call.id)
    repo.delete(ctx, call.account, "webhook_endpoint", call.id)
    ctx.deliveries.cancel(call.id)
    return {"id": call.id, "object": "webhook_endpoint", "deleted": True}


def _check_events(names: list[str]) -> None:
    if not names:
        raise invalid("You must specify at least one event.", param="enabled_events")
