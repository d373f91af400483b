"""The API's /webhooks."""

import uuid
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.routing import Route

from sandboxes.kit.app import Kit
from sandboxes.kit.control import is_loopback
from sandboxes.kit.store import Document
from sandboxes.resend.errors import invalid, missing, not_found
from sandboxes.resend.events import TYPES, WEBHOOK
from sandboxes.resend.gate import Gate, json_body
from sandboxes.resend.pagination import listing, page
from sandboxes.resend.signature import new_signing_secret
from sandboxes.resend.times import stamp


class Webhooks:
    """Creating, reading, changing and removing endpoints."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    def routes(self, gate: Gate) -> list[Route]:
        """The addresses."""
        return [
            Route("/webhooks", gate.endpoint(self.create, status=201), methods=["POST"]),
            Route("/webhooks", gate.endpoint(self.list_all), methods=["GET"]),
            Route("/webhooks/{id}", gate.endpoint(self.retrieve), methods=["GET"]),
            Route("/webhooks/{id}", gate.endpoint(self.update), methods=["PATCH"]),
            Route("/webhooks/{id}", gate.endpoint(self.remove), methods=["DELETE"]),
        ]

    def seed(self, endpoint: str, secret: str) -> None:
        """Make sure that one endpoint hears of all mail events, with a secret known beforehand.

        The one of an earlier start with another address or secret is gone.
        """
        webhook_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{endpoint} {secret}"))
        for known in self._kit.store.all(WEBHOOK):
            if known.get("is_seeded") and known["id"] != webhook_id:
                self._kit.store.delete(WEBHOOK, known["id"])
                self._kit.deliveries.cancel(known["id"])
        if self._kit.store.get(WEBHOOK, webhook_id) is None:
            wanted = sorted(type for type in TYPES if type.startswith("email."))
            self._put(webhook_id, endpoint, wanted, secret, is_seeded=True)

    async def create(self, request: Request) -> dict[str, Any]:
        """POST /webhooks."""
        body = _object(await json_body(request), {"endpoint", "events"})
        for field in ("endpoint", "events"):
            if field not in body:
                raise missing(field)
        webhook_id, secret = str(uuid.uuid4()), new_signing_secret()
        self._put(webhook_id, _endpoint(body["endpoint"]), _events(body["events"]), secret)
        return {"object": "webhook", "id": webhook_id, "signing_secret": secret}

    async def list_all(self, request: Request) -> dict[str, Any]:
        """GET /webhooks: newest first, without their secrets."""
        webhooks, has_more = page(request, self._kit.store.all(WEBHOOK)[::-1])
        return listing([_summary(webhook) for webhook in webhooks], has_more)

    async def retrieve(self, request: Request) -> dict[str, Any]:
        """GET /webhooks/:id."""
        webhook = self._get(request)
        return {"object": "webhook", **_summary(webhook), "signing_secret": webhook["signing_secret"]}

    async def update(self, request: Request) -> dict[str, Any]:
        """PATCH /webhooks/:id."""
        webhook = self._get(request)
        fields = {"endpoint", "events", "status", "webhook_id"}  # the official SDK repeats the id
        body = _object(await json_body(request), fields)
        if "endpoint" in body:
            webhook["endpoint"] = _endpoint(body["endpoint"])
        if "events" in body:
            webhook["events"] = _events(body["events"])
        if "status" in body:
            webhook["status"] = _status(body["status"])
        self._kit.store.put(WEBHOOK, webhook["id"], webhook)
        return {"object": "webhook", "id": webhook["id"]}

    async def remove(self, request: Request) -> dict[str, Any]:
        """DELETE /webhooks/:id."""
        webhook = self._get(request)
        self._kit.store.delete(WEBHOOK, webhook["id"])
        self._kit.deliveries.cancel(webhook["id"])
        return {"object": "webhook", "id": webhook["id"], "deleted": True}

    def _get(self, request: Request) -> Document:
        webhook = self._kit.store.get(WEBHOOK, request.path_params["id"])
        if webhook is None:
            raise not_found("Webhook")
        return webhook

    def _put(
        self, webhook_id: str, endpoint: str, events: list[str], secret: str, *, is_seeded: bool = False
    ) -> None:
        webhook = {
            "id": webhook_id,
            "endpoint": endpoint,
            "events": events,
            "status": "enabled",
            "created_at": self._kit.clock.now(),
            "signing_secret": secret,
            "is_seeded": is_seeded,
        }
        self._kit.store.put(WEBHOOK, webhook_id, webhook)


def _summary(webhook: Document) -> dict[str, Any]:
    shown = {name: webhook[name] for name in ("id", "endpoint", "events", "status")}
    return shown | {"created_at": stamp(webhook["created_at"])}


def _object(body: Any, fields: set[str]) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise invalid("The request body must be a JSON object.")
    if unknown := set(body) - fields:
        raise invalid(f"Unrecognized key `{min(unknown)}` in the request body.")
    return body


def _endpoint(value: Any) -> str:
    """An https address; plain http is taken on this machine only."""
    parts = urlsplit(value) if isinstance(value, str) else None
    host = parts.hostname if parts else None
    if (
        not parts
        or not host
        or not (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))
    ):
        raise invalid("The `endpoint` field must be a valid https URL.")
    return str(value)


def _events(value: Any) -> list[str]:
    if not isinstance(value, list) or not value or not all(isinstance(each, str) for each in value):
        raise invalid("The `events` field must be an array with at least one event type.")
    if unknown := set(value) - TYPES:
        raise invalid(f"Invalid event type `{min(unknown)}` in the `events` field.")
    return value


def _status(value: Any) -> str:
    if value not in ("enabled", "disabled"):
        raise invalid("The `status` field must be `enabled` or `disabled`.")
    return str(value)
