"""The API's /emails."""

from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from sandboxes.kit.app import Kit
from sandboxes.kit.store import Document
from sandboxes.resend.errors import ApiError, invalid, missing
from sandboxes.resend.fields import Rules, read_mail, read_schedule
from sandboxes.resend.gate import Endpoint, Gate, json_body
from sandboxes.resend.idempotency import Idempotency
from sandboxes.resend.outbox import Outbox
from sandboxes.resend.pagination import listing, page
from sandboxes.resend.times import iso, stamp

MAX_BATCH = 100
DOWNLOAD_SECONDS = 3600


class Emails:
    """Sending, reading, listing, rescheduling and cancelling mails."""

    def __init__(self, kit: Kit, outbox: Outbox, domains: frozenset[str]) -> None:
        self._kit = kit
        self._outbox = outbox
        self._domains = domains
        self._idempotency = Idempotency(kit)

    def routes(self, gate: Gate, *, list_page: Endpoint, mail_page: Endpoint) -> list[Route]:
        """The addresses; a browser that asks for a page gets the mailbox's where the two share an address."""
        api = gate.endpoint
        return [
            Route("/emails", api(self.send), methods=["POST"]),
            Route("/emails", _for_reader(api(self.list_all), list_page), methods=["GET"]),
            Route("/emails/batch", api(self.send_batch), methods=["POST"]),
            Route("/emails/{id}", _for_reader(api(self.retrieve), mail_page), methods=["GET"]),
            Route("/emails/{id}", api(self.update), methods=["PATCH"]),
            Route("/emails/{id}/cancel", api(self.cancel), methods=["POST"]),
            Route("/emails/{id}/attachments", api(self.list_attachments), methods=["GET"]),
            Route("/emails/{id}/attachments/{attachment_id}", api(self.retrieve_attachment), methods=["GET"]),
        ]

    async def send(self, request: Request) -> dict[str, Any]:
        """POST /emails."""
        body = await json_body(request)
        mail = read_mail(body, rules=self._rules())
        return dict(
            await self._idempotency.once(request, body, lambda: {"id": self._outbox.accept([mail])[0]})
        )

    async def send_batch(self, request: Request) -> dict[str, Any]:
        """POST /emails/batch: all or none."""
        if request.headers.get("x-batch-validation", "strict") != "strict":
            raise invalid("The sandbox validates batches strictly only.")
        body = await json_body(request)
        if not isinstance(body, list) or not 1 <= len(body) <= MAX_BATCH:
            raise invalid(f"The request body must be an array of 1 to {MAX_BATCH} emails.")
        mails = [read_mail(each, rules=self._rules(), batch=True) for each in body]

        def accept() -> dict[str, Any]:
            return {"data": [{"id": email_id} for email_id in self._outbox.accept(mails)]}

        return dict(await self._idempotency.once(request, body, accept))

    async def retrieve(self, request: Request) -> dict[str, Any]:
        """GET /emails/:id."""
        mail = self._outbox.get(request.path_params["id"])
        content = self._outbox.content(mail["id"])
        tags = {"tags": mail["tags"]} if mail["tags"] else {}
        return {
            "object": "email",
            **_summary(mail),
            "html": content["html"] or "",
            "text": content["text"] or "",
            **tags,
        }

    async def list_all(self, request: Request) -> dict[str, Any]:
        """GET /emails: newest first, without their content."""
        mails, has_more = page(request, self._outbox.newest_first())
        return listing([_summary(mail) for mail in mails], has_more)

    async def update(self, request: Request) -> dict[str, Any]:
        """PATCH /emails/:id: another time for a scheduled mail."""
        body = await json_body(request)
        if not isinstance(body, dict) or "scheduled_at" not in body:
            raise missing("scheduled_at")
        if unknown := set(body) - {"scheduled_at", "id"}:  # the official SDK repeats the id
            raise invalid(f"Unrecognized key `{min(unknown)}` in the request body.")
        when = read_schedule(body["scheduled_at"], now=self._kit.clock.now())
        self._outbox.reschedule(request.path_params["id"], when)
        return {"object": "email", "id": request.path_params["id"]}

    async def cancel(self, request: Request) -> dict[str, Any]:
        """POST /emails/:id/cancel: takes a scheduled mail back."""
        self._outbox.cancel(request.path_params["id"])
        return {"object": "email", "id": request.path_params["id"]}

    async def list_attachments(self, request: Request) -> dict[str, Any]:
        """GET /emails/:id/attachments."""
        mail = self._outbox.get(request.path_params["id"])
        attachments, has_more = page(request, mail["attachments"])
        return listing([self._attachment(mail, each) for each in attachments], has_more)

    async def retrieve_attachment(self, request: Request) -> dict[str, Any]:
        """GET /emails/:id/attachments/:attachment_id."""
        mail = self._outbox.get(request.path_params["id"])
        for attachment in mail["attachments"]:
            if attachment["id"] == request.path_params["attachment_id"]:
                return {"object": "attachment", **self._attachment(mail, attachment)}
        raise ApiError(404, "not_found", "Attachment not found")

    def _rules(self) -> Rules:
        return Rules(now=self._kit.clock.now(), domains=self._domains)

    def _attachment(self, mail: Document, attachment: Document) -> dict[str, Any]:
        path = f"/mailbox/{mail['id']}/attachments/{attachment['id']}"
        content_id = {"content_id": attachment["content_id"]} if attachment["content_id"] else {}
        return {
            "id": attachment["id"],
            "filename": attachment["filename"],
            "content_type": attachment["content_type"],
            "content_disposition": "inline" if content_id else "attachment",
            **content_id,
            "download_url": self._kit.options.public_url + path,
            "expires_at": iso(self._kit.clock.now() + DOWNLOAD_SECONDS),
            "size": attachment["size"],
        }


def _summary(mail: Document) -> dict[str, Any]:
    scheduled = mail["scheduled_at"]
    return {
        "id": mail["id"],
        "message_id": mail["message_id"],
        "to": mail["to"],
        "from": mail["from"],
        "created_at": stamp(mail["created_at"]),
        "subject": mail["subject"],
        "bcc": mail["bcc"],
        "cc": mail["cc"],
        "reply_to": mail["reply_to"],
        "last_event": mail["last_event"],
        "scheduled_at": None if scheduled is None else stamp(scheduled),
    }


def _for_reader(api: Endpoint, html: Endpoint) -> Endpoint:
    """The page for a person's browser, the API for a program."""

    async def endpoint(request: Request) -> Any:
        wants_page = "text/html" in request.headers.get("accept", "")
        return await (html if wants_page and "authorization" not in request.headers else api)(request)

    return endpoint
