"""Events that were never delivered: Stripe is asked for those since the last one seen."""

from datetime import datetime, timedelta

from callastar.providers.stripe import gateway
from callastar.webhooks.models import CatchUp
from callastar.webhooks.operations.inbox import STRIPE, store_stripe_event

# Events may appear in the list a little late: those shortly before the last one seen are looked at again.
OVERLAP = timedelta(minutes=30)
# Stripe keeps events for 30 days (https://docs.stripe.com/api/events).
LONGEST = timedelta(days=30)


def fetch_missed_events(*, now: datetime) -> dict[str, int]:
    """Store what Stripe has and we do not; it takes the same path as what is delivered. Raises `ProviderError`.

    The list is read to its end, or the next run reads it again from where the last complete one ended.
    """
    counts = {"seen": 0, "missed": 0}
    read_until = None
    for event in gateway.events_since(since=_since(now)):
        read_until = read_until or event.created  # the newest comes first
        counts["seen"] += 1
        counts["missed"] += store_stripe_event(event=event, now=now)
    if read_until is not None:
        CatchUp.objects.update_or_create(provider=STRIPE, defaults={"read_until": read_until})
    return counts


def _since(now: datetime) -> datetime:
    last = CatchUp.objects.filter(provider=STRIPE).values_list("read_until", flat=True).first()
    return max(last - OVERLAP, now - LONGEST) if last else now - LONGEST
