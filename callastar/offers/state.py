"""The one fact about an offer that watchers need."""

from typing import Any

from callastar.offers.models import CallOffer


def offer_state(offer_id: str) -> dict[str, Any] | None:
    """What a watcher is told first: the offer's present status; None if there is no such offer."""
    row = CallOffer.objects.filter(pk=offer_id).values_list("creator_id", "status").first()
    if row is None:
        return None
    return {"kind": "offer", "offer": offer_id, "creator": row[0], "status": row[1]}
