"""The addresses that Daily posts events to (https://docs.daily.co/reference/rest-api/webhooks).

Daily tries an address when it is set: one that does not answer 200 is refused. Errors are `ProviderError`.
"""

from collections.abc import Sequence
from typing import Any

from callastar.providers.daily.client import ask
from callastar.providers.daily.types import WebhookEndpoint

_ACTIVE = "ACTIVE"


def list_webhooks() -> list[WebhookEndpoint]:
    """All of the domain."""
    return [_endpoint(one) for one in ask("GET", "/webhooks")]


def create_webhook(*, url: str, event_types: Sequence[str], hmac: str) -> WebhookEndpoint:
    """Have events posted to an address, signed with a secret of ours (base64)."""
    return _endpoint(ask("POST", "/webhooks", json=_body(url, event_types, hmac)))


def update_webhook(*, uuid: str, url: str, event_types: Sequence[str], hmac: str) -> WebhookEndpoint:
    """Change one; one that had failed is switched on again."""
    return _endpoint(ask("POST", f"/webhooks/{uuid}", json=_body(url, event_types, hmac)))


def _body(url: str, event_types: Sequence[str], hmac: str) -> dict[str, Any]:
    return {"url": url, "eventTypes": list(event_types), "hmac": hmac}


def _endpoint(body: dict[str, Any]) -> WebhookEndpoint:
    return WebhookEndpoint(
        uuid=str(body["uuid"]),
        url=str(body["url"]),
        event_types=frozenset(body["eventTypes"]),
        is_active=body["state"] == _ACTIVE,
        updated_at=str(body["updatedAt"]),
        hmac=str(body["hmac"]),
    )
