"""Telling everybody who watches: PostgreSQL's NOTIFY carries ids from the change to the streams of every process.

NOTIFY is part of the transaction: what rolls back is told to nobody, what commits is told once.
"""

import json
from uuid import UUID

from django.db import connection

CHANNEL = "callastar_live"


def publish_offer(*, offer_id: UUID, creator_id: int, status: str) -> None:
    """Tell those who look at the offer, its creator or any list that its status changed."""
    _notify({"kind": "offer", "offer": str(offer_id), "creator": creator_id, "status": status})


def publish_booking(*, booking_id: UUID, status: str) -> None:
    """Tell the two people of a booking that its status changed."""
    _notify({"kind": "booking", "booking": str(booking_id), "status": status})


def publish_call(*, call_id: UUID, what: str, to: UUID | None = None) -> None:
    """Tell the people of a call that something about it changed: `presence`, `room`, `recording` or `signal`.

    `to`: the one session that it is for.
    """
    message: dict[str, object] = {"kind": "call", "call": str(call_id), "what": what}
    _notify({**message, "to": str(to)} if to else message)


def publish_notifications(*, person_id: UUID) -> None:
    """Tell a person's open pages that what they were told in the app, or have read of it, changed."""
    _notify({"kind": "notifications", "person": str(person_id)})


def _notify(message: dict[str, object]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, json.dumps(message)])
