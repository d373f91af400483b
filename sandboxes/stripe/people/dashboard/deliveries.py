"""The webhooks of an event."""

from collections import defaultdict

from sandboxes.stripe.context import Context, Json

_WORST_FIRST = ("failed", "dropped", "held", "pending", "delivered")


def deliveries_of(ctx: Context, event_id: str) -> list[Json]:
    """Every delivery of the event, the latest first."""
    own = [each for each in _all(ctx) if each["event"]["id"] == event_id]
    return sorted(own, key=lambda each: float(each["created"]), reverse=True)


def delivery_states(ctx: Context) -> dict[str, str]:
    """One word for the deliveries of each event that has any: the worst that is the case."""
    states: dict[str, set[str]] = defaultdict(set)
    for delivery in _all(ctx):
        states[delivery["event"]["id"]].add(delivery["state"])
    return {event: next(state for state in _WORST_FIRST if state in found) for event, found in states.items()}


def send_again(ctx: Context, event_id: str) -> None:
    """Queue the event once more for each endpoint that it was meant for."""
    sent = deliveries_of(ctx, event_id)
    for endpoint in {each["endpoint"]["id"]: each["endpoint"] for each in sent}.values():
        ctx.deliveries.enqueue(endpoint, sent[0]["event"])


def _all(ctx: Context) -> list[Json]:
    return [*ctx.deliveries.waiting(), *ctx.deliveries.done()]
