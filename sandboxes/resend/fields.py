"""What Resend accepts in a mail: each field checked, with its own words (https://resend.com/docs/api-reference/emails)."""

import base64
import binascii
import mimetypes
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any

from sandboxes.resend import times
from sandboxes.resend.errors import ApiError, invalid, missing, not_found

MAX_RECIPIENTS = 50
MAX_ATTACHMENT_BYTES = 40 * 1024 * 1024  # per mail, in base64
MAX_SCHEDULE_SECONDS = 30 * 86400
TEST_DOMAIN = "resend.dev"
TEST_BOXES = ("delivered", "bounced", "complained", "suppressed")

_FIELDS = {
    "from", "to", "subject", "cc", "bcc", "reply_to", "html", "text", "template", "headers", "scheduled_at",
    "attachments", "tags", "topic_id",
}  # fmt: skip
_NOT_IN_BATCH = ("attachments", "scheduled_at")
_PUBLIC_MAILBOXES = {"gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "yahoo.com", "icloud.com"}
_ADDRESS = re.compile(r"[^\s@<>,;]+@[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)
_TAG = re.compile(r"[A-Za-z0-9_-]{1,256}")
_HEADER = re.compile(r"[!-9;-~]+")
_BLOCKED_SUFFIXES = (".exe", ".bat", ".cmd", ".com", ".js", ".jar", ".msi", ".scr", ".vbs", ".ps1")


@dataclass(frozen=True)
class Rules:
    """What depends on the moment and the account: the time, and the verified domains (none named: any of one's own)."""

    now: float
    domains: frozenset[str]


def read_mail(body: Any, *, rules: Rules, batch: bool = False) -> dict[str, Any]:
    """The mail a request describes, lists as lists; raises ApiError for whatever Resend would refuse."""
    if not isinstance(body, Mapping):
        raise invalid("The request body must be a JSON object.")
    _refuse_unknown(body, batch)
    sender, to = _sender(body), _addresses(body, "to", required=True)
    _check_domain(sender, to, rules.domains)
    return {
        "from": sender,
        "to": to,
        **{name: _addresses(body, name) for name in ("cc", "bcc", "reply_to")},
        "subject": _required_text(body, "subject"),
        **_content(body),
        "headers": _headers(body),
        "tags": _tags(body),
        "attachments": _attachments(body),
        "scheduled_at": read_schedule(body.get("scheduled_at"), now=rules.now)
        if "scheduled_at" in body
        else None,
    }


def read_schedule(value: Any, *, now: float) -> float:
    """A moment to send at, within the next 30 days, in unix seconds."""
    if not isinstance(value, str):
        raise _must_be("scheduled_at", "string")
    try:
        when = times.moment(value, now=now)
    except (ValueError, OverflowError) as error:
        raise invalid("Invalid `scheduled_at` field. It must be a date in ISO 8601 format.") from error
    if not now < when <= now + MAX_SCHEDULE_SECONDS:
        raise invalid("The `scheduled_at` field must be in the future, at most 30 days ahead.")
    return when


def address_of(mailbox: str) -> str:
    """The bare address of "Name <address>", lower case."""
    return parseaddr(mailbox)[1].lower()


def test_box(mailbox: str) -> str | None:
    """Which of Resend's test addresses it is (delivered+label@resend.dev: delivered), or None."""
    local, _, domain = address_of(mailbox).partition("@")
    box = local.partition("+")[0]
    return box if domain == TEST_DOMAIN and box in TEST_BOXES else None


def _refuse_unknown(body: Mapping[str, Any], batch: bool) -> None:
    for name in body:
        if name not in _FIELDS:
            raise invalid(f"Unrecognized key `{name}` in the request body.")
        if batch and name in _NOT_IN_BATCH:
            raise invalid(f"The `{name}` field is not supported in a batch.")


def _must_be(field: str, kind: str) -> ApiError:
    return invalid(f"The `{field}` field must be a `{kind}`.")


def _required_text(body: Mapping[str, Any], field: str) -> str:
    value = body.get(field)
    if value is None or value == "":
        raise missing(field)
    if not isinstance(value, str):
        raise _must_be(field, "string")
    return value


def _sender(body: Mapping[str, Any]) -> str:
    sender = _required_text(body, "from")
    if not _is_mailbox(sender):
        raise _invalid_address("from")
    return sender


def _addresses(body: Mapping[str, Any], field: str, *, required: bool = False) -> list[str]:
    value = body.get(field, [])
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
        raise _must_be(field, "string")
    if required and not values:
        raise missing(field)
    if len(values) > MAX_RECIPIENTS:
        raise invalid(f"The `{field}` field must have at most {MAX_RECIPIENTS} items.")
    if not all(_is_mailbox(each) for each in values):
        raise _invalid_address(field)
    return values


def _is_mailbox(text: str) -> bool:
    """Whether it reads address@domain or Name <address@domain>, and nothing that could break a header."""
    named = re.fullmatch(r"[^<>\r\n]*<([^<>]+)>", text.strip())
    return _ADDRESS.fullmatch(named[1] if named else text.strip()) is not None


def _invalid_address(field: str) -> ApiError:
    formats = "`email@example.com` or `Name <email@example.com>`"
    return invalid(f"Invalid `{field}` field. The email address needs to follow the {formats} format.")


def _check_domain(sender: str, to: list[str], domains: frozenset[str]) -> None:
    domain = address_of(sender).rpartition("@")[2]
    if domain == TEST_DOMAIN:
        _check_testing(to)
    elif (domains and domain not in domains) or domain in _PUBLIC_MAILBOXES:
        message = f"The {domain} domain is not verified. Please, add and verify your domain on https://resend.com/domains"
        raise ApiError(403, "validation_error", message)


def _check_testing(to: list[str]) -> None:
    if not all(test_box(each) for each in to):
        raise ApiError(
            403,
            "validation_error",
            "You can only send testing emails to your own email address. To send emails to other recipients, "
            "please verify a domain at resend.com/domains, and change the `from` address to an email using this "
            "domain.",
        )


def _content(body: Mapping[str, Any]) -> dict[str, str | None]:
    for name in ("html", "text"):
        if not isinstance(body.get(name, ""), str):
            raise _must_be(name, "string")
    if "template" in body:
        raise not_found("Template")
    if "topic_id" in body:
        raise not_found("Topic")
    if not body.get("html") and not body.get("text"):
        raise invalid("Missing `html` or `text` field.")
    return {"html": body.get("html"), "text": body.get("text")}


def _headers(body: Mapping[str, Any]) -> dict[str, str]:
    headers = body.get("headers", {})
    if not isinstance(headers, dict):
        raise _must_be("headers", "object")
    for name, value in headers.items():
        if not isinstance(value, str):
            raise _must_be(f"headers, {name}", "string")
        if not _HEADER.fullmatch(name) or re.search(r"[\r\n]", value):
            raise invalid(f"Invalid `headers` field: `{name}` is not a valid header.")
    return dict(headers)


def _tags(body: Mapping[str, Any]) -> list[dict[str, str]]:
    tags = body.get("tags", [])
    if not isinstance(tags, list) or not all(isinstance(tag, dict) for tag in tags):
        raise _must_be("tags", "array")
    return [{key: _tag_text(tag, key) for key in ("name", "value")} for tag in tags]


def _tag_text(tag: dict[str, Any], key: str) -> str:
    text = tag.get(key)
    if not isinstance(text, str) or not _TAG.fullmatch(text):
        raise invalid("Tags should only contain ASCII letters, numbers, underscores, or dashes.")
    return text


def _attachments(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    attachments = body.get("attachments", [])
    if not isinstance(attachments, list) or not all(isinstance(each, dict) for each in attachments):
        raise _must_be("attachments", "array")
    read = [_attachment(each) for each in attachments]
    if sum(len(each["content"]) for each in read) > MAX_ATTACHMENT_BYTES:
        raise ApiError(
            422, "invalid_attachment", "The attachments of an email must not exceed 40MB in Base64."
        )
    return read


def _attachment(attachment: dict[str, Any]) -> dict[str, Any]:
    for key, value in attachment.items():
        if key not in ("content", "filename", "path", "content_type", "content_id", "inline_content_id"):
            raise invalid(f"Unrecognized key `attachments, {key}` in the request body.")
        if key != "content" and not isinstance(value, str):
            raise _must_be(f"attachments, {key}", "string")
    content, filename = _decoded(attachment), attachment.get("filename")
    if not filename:
        raise _invalid_attachment("Attachment must have a `filename`.")
    if filename.lower().endswith(_BLOCKED_SUFFIXES):
        raise _invalid_attachment(f"The attachment type of `{filename}` is not supported.")
    guessed = mimetypes.guess_type(filename)[0] or "application/octet-stream"
    return {
        "id": str(uuid.uuid4()),
        "filename": filename,
        "content_type": attachment.get("content_type") or guessed,
        "content_id": attachment.get("content_id") or attachment.get("inline_content_id"),
        "size": len(content),
        "content": base64.b64encode(content).decode(),
    }


def _decoded(attachment: dict[str, Any]) -> bytes:
    """The bytes, given as base64 or as a list of numbers; a `path` would make the sandbox fetch what others name."""
    content = attachment.get("content")
    if content is None:
        raise _invalid_attachment("Attachment must have `content`; the sandbox fetches no `path`.")
    try:
        if isinstance(content, list):
            return bytes(content)
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError, TypeError) as error:
        raise _invalid_attachment("The `content` of an attachment must be Base64.") from error


def _invalid_attachment(message: str) -> ApiError:
    return ApiError(422, "invalid_attachment", message)
