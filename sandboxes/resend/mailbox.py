"""The mailbox for people: every mail as its reader sees it."""

import base64
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from sandboxes.kit.pages import Pages
from sandboxes.kit.store import Document
from sandboxes.resend.errors import ApiError
from sandboxes.resend.outbox import Outbox
from sandboxes.resend.times import iso

_RECIPIENTS = (("To", "to"), ("Cc", "cc"), ("Bcc", "bcc"), ("Reply-To", "reply_to"))
SHOWN = 100
VIEWS = ("html", "text", "headers")

_URL = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")
_CID = re.compile(r"cid:([^\s\"'>)]+)")
_HEAD = re.compile(r"<head[^>]*>", re.IGNORECASE)
_MOODS = {
    "delivered": "good", "opened": "good", "clicked": "good", "bounced": "bad", "complained": "bad",
    "failed": "bad", "suppressed": "bad", "delivery_delayed": "warn", "scheduled": "warn",
}  # fmt: skip

# Nothing in a mail runs; its pictures and styles may come from anywhere, as in a mail client.
_MAIL_POLICY = (
    "default-src 'none'; img-src * data:; style-src * 'unsafe-inline'; font-src *; form-action 'none'; "
    "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
)


class Mailbox:
    """Pages under / and /emails/<id>, their parts under /mailbox/."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._pages = Pages("resend", Path(__file__).parent / "templates")
        self._pages.filters.update(iso=iso, mood=_mood, words=_words, linked=linked, size=_size)

    def routes(self) -> list[Route]:
        """The addresses that are no API's."""
        return [
            Route("/", self.home),
            Route("/mailbox/list", self.list_part),
            Route("/mailbox/{id}/html", self.html),
            Route("/mailbox/{id}/attachments/{attachment_id}", self.attachment),
        ]

    async def home(self, request: Request) -> Response:
        """GET /: the list."""
        return self._page(request, None)

    async def mail(self, request: Request) -> Response:
        """GET /emails/<id>: the list and a mail."""
        try:
            return self._page(request, self._outbox.get(request.path_params["id"]))
        except ApiError:
            return self._pages.render("missing.html", status_code=404, title="No such email")

    async def list_part(self, request: Request) -> Response:
        """GET /mailbox/list: the list alone, 304 while nothing has changed."""
        tag = f'"{self._outbox.revision}"'
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers={"ETag": tag})
        part = self._pages.text("list.html", **self._list(request, request.query_params.get("current")))
        return HTMLResponse(part, headers={"ETag": tag, "Cache-Control": "no-cache"})

    async def html(self, request: Request) -> Response:
        """GET /mailbox/<id>/html: the mail's HTML alone, for the frame."""
        mail = self._outbox.get(request.path_params["id"])
        page = framed(self._outbox.content(mail["id"])["html"] or "", mail)
        return HTMLResponse(
            page, headers={"Content-Security-Policy": _MAIL_POLICY, "Cache-Control": "no-store"}
        )

    async def attachment(self, request: Request) -> Response:
        """GET /mailbox/<id>/attachments/<id>: the file."""
        mail = self._outbox.get(request.path_params["id"])
        found = [each for each in mail["attachments"] if each["id"] == request.path_params["attachment_id"]]
        if not found:
            raise ApiError(404, "not_found", "Attachment not found")
        return _file(found[0], base64.b64decode(self._outbox.attachment_content(found[0]["id"])))

    def _page(self, request: Request, mail: Document | None) -> Response:
        context = self._list(request, mail["id"] if mail else None)
        if mail is None:
            return self._pages.render("mailbox.html", title="Mailbox", mail=None, **context)
        content = self._outbox.content(mail["id"])
        view = request.query_params.get("view") or ("html" if content["html"] else "text")
        return self._pages.render(
            "mailbox.html",
            title=mail["subject"],
            mail=mail,
            content=content,
            view=view if view in VIEWS else "html",
            headers=_header_lines(mail),
            **context,
        )

    def _list(self, request: Request, current: str | None) -> dict[str, Any]:
        query = request.query_params.get("q", "").strip()
        mails = [mail for mail in self._outbox.newest_first() if _matches(mail, query)]
        return {
            "mails": mails[:SHOWN],
            "total": len(mails),
            "query": query,
            "current": current,
            "shown": SHOWN,
        }


def framed(html: str, mail: Document) -> str:
    """The HTML with its links opening in a new tab and its inline pictures in place."""
    by_id = {each["content_id"]: each["id"] for each in mail["attachments"] if each["content_id"]}

    def picture(found: re.Match[str]) -> str:
        attachment = by_id.get(found[1])
        return f"/mailbox/{mail['id']}/attachments/{attachment}" if attachment else found[0]

    html = _CID.sub(picture, html)
    base = '<base target="_blank">'
    head = _HEAD.search(html)
    return html[: head.end()] + base + html[head.end() :] if head else base + html


def linked(text: str) -> Markup:
    """Plain text with its addresses clickable, in a new tab."""
    parts, last = [], 0
    for found in _URL.finditer(text):
        url = escape(found[0])
        link = Markup('<a href="{}" target="_blank" rel="noopener">{}</a>').format(url, url)
        parts += [escape(text[last : found.start()]), link]
        last = found.end()
    return Markup("").join([*parts, escape(text[last:])])


def _matches(mail: Document, query: str) -> bool:
    places = [*mail["to"], *mail["cc"], *mail["bcc"], mail["subject"]]
    return query.lower() in "\n".join(places).lower()


def _header_lines(mail: Document) -> list[tuple[str, str]]:
    lines = [
        ("From", mail["from"]),
        *((name, ", ".join(mail[key])) for name, key in _RECIPIENTS if mail[key]),
        ("Subject", mail["subject"]),
        ("Date", iso(mail["created_at"])),
        ("Message-ID", mail["message_id"]),
    ]
    return [*lines, *mail["headers"].items()]


def _file(attachment: Document, content: bytes) -> Response:
    """A download, or a picture shown inside the mail; never a page of its own."""
    inline = attachment["content_id"] and attachment["content_type"].startswith("image/")
    disposition = "inline" if inline else f"attachment; filename*=UTF-8''{quote(attachment['filename'])}"
    headers = {
        "Content-Disposition": disposition,
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Content-Type": attachment["content_type"],
    }
    return Response(content, headers=headers)


def _mood(last_event: str) -> str:
    return _MOODS.get(last_event, "")


def _words(last_event: str) -> str:
    return last_event.replace("_", " ")


def _size(count: int) -> str:
    return f"{count} B" if count < 1024 else f"{count / 1024:.1f} kB"
