"""Events that were never delivered: Stripe is asked for those since the last one seen."""

from datetime import datetime, timedelta

from callastar.providers.stripe import gateway
from callastar.webhooks.models import WebhookEvent
from callastar.webhooks.operations.inbox import store_stripe_event

# Events are not delivered in order: those shortly before the last one seen are looked at again.
OVERLAP = timedelta(minutes=30)
# Stripe keeps events for 30 days (https://docs.stripe.com/api/events).
LONGEST = timedelta(days=30)


def fetch_missed_events(*, now: datetime) -> dict[str, int]:
    """Store what Stripe has and we do not; it takes the same path as what is delivered. Raises `ProviderError`."""
    counts = {"seen": 0, "missed": 0}
    for event in gateway.events_since(since=_since(now)):
        counts["seen"] += 1
        counts["missed"] += store_stripe_event(event=event, now=now)
    return counts


def _since(now: datetime) -> datetime:
    last = (
        WebhookEvent.objects.filter(provider="stripe", account="")
        .order_by("-occurred_at")
        .values_list("occurred_at", flat=True)
        .first()
    )
    return max(last - OVERLAP, now - LONGEST) if last else now - LONGEST
