"""Webhook events, in Daily's envelope, and their signature."""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from typing import Any

from sandboxes.daily.service import Service
from sandboxes.kit.webhooks import Attempt

ENDPOINT_KIND = "webhook"

#: The event types Daily lets one subscribe to; the sandbox sends those of meetings, participants and recordings.
EVENT_TYPES = (
    "meeting.started",
    "meeting.ended",
    "participant.joined",
    "participant.left",
    "waiting-participant.joined",
    "waiting-participant.left",
    "recording.started",
    "recording.ready-to-download",
    "recording.error",
    "streaming.started",
    "streaming.updated",
    "streaming.ended",
    "streaming.error",
    "batch-processor.job-finished",
    "batch-processor.error",
    "dialout.connected",
    "dialout.answered",
    "dialout.stopped",
    "dialout.warning",
    "dialout.error",
    "dialin.ready",
    "dialin.connected",
    "dialin.stopped",
    "dialin.warning",
    "dialin.error",
    "transcript.started",
    "transcript.ready-to-download",
    "transcript.error",
)


def emit(service: Service, *, type: str, payload: dict[str, Any]) -> None:
    """Queue an event for every active webhook that subscribed to its type."""
    event = {
        "version": "1.0.0",
        "type": type,
        "id": str(uuid.uuid4()),
        "payload": payload,
        "event_ts": round(service.now(), 3),
    }
    for endpoint in service.store.all(ENDPOINT_KIND):
        if endpoint["state"] == "ACTIVE" and type in endpoint["eventTypes"]:
            service.deliveries.enqueue(endpoint, event)


def sign(endpoint: dict[str, Any], body: bytes, attempt: Attempt) -> dict[str, str]:
    """The headers of a delivery: base64(HMAC-SHA256(base64decode(hmac), timestamp + "." + body))."""
    timestamp = str(attempt.timestamp)
    key = base64.b64decode(endpoint["hmac"])
    digest = hmac.new(key, timestamp.encode() + b"." + body, hashlib.sha256).digest()
    headers = {
        "X-Webhook-Timestamp": timestamp,
        "X-Webhook-Signature": base64.b64encode(digest).decode(),
    }
    return headers | basic_auth(endpoint)


def basic_auth(endpoint: dict[str, Any]) -> dict[str, str]:
    """The Authorization header of a webhook that has credentials."""
    credentials = endpoint.get("basicAuth")
    if not credentials:
        return {}
    return {"Authorization": "Basic " + base64.b64encode(credentials.encode()).decode()}
