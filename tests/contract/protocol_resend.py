"""Resend's protocol, as its own OpenAPI description and its documentation say."""

import base64
import binascii
import re
from typing import Any

from tests.contract.json_shapes import closed, faults
from tests.contract.resend_api import check_answer, description
from tests.contract.validating_proxy import Exchange

# https://resend.com/docs/api-reference/errors; a mail has a body: https://resend.com/docs/api-reference/emails/send-email
_STATUSES = {400, 401, 403, 404, 405, 409, 422, 429, 451, 500}
_IN_WORDS = {
    "anyOf": [{"required": ["html"]}, {"required": ["text"]}, {"required": ["template"]}],
    "properties": {"subject": {"minLength": 1, "pattern": r"^[^\r\n]*$"}, "headers": {"propertyNames": {
        "not": {"pattern": "(?i)^(idempotency-key|authorization)$"}}}},
}  # fmt: skip
_MAILBOX = re.compile(
    r"""(?:"?[^"<>\r\n]*"? ?<[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+>|[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+)"""
)


def violations(exchange: Exchange) -> list[str]:
    """Everything that request and answer do otherwise than Resend says."""
    return [*_request(exchange), *_answer(exchange)]


def _request(exchange: Exchange) -> list[str]:
    headers = exchange.request_headers
    wanted = {
        "authorization": r"Bearer re_\w+",
        "content-type": "application/json(; ?charset=utf-8)?",
        "idempotency-key": r"[\x21-\x7e]{1,256}",
        "user-agent": ".+",  # a request without one is refused
    }
    found = [
        f"{name} is {headers.get(name)}"
        for name, pattern in wanted.items()
        if not re.fullmatch(pattern, headers.get(name, ""), re.IGNORECASE)
    ]
    if (exchange.method, exchange.path) != ("POST", "/emails"):
        return [*found, "the product only sends single mails"]
    return found + _mail(exchange.request_json)


def _mail(sent: Any) -> list[str]:
    schemas = closed(description()["components"]["schemas"])
    schema = {"$ref": "#/components/schemas/SendEmailRequest", "components": {"schemas": schemas}}
    found = faults(sent, schema, at="mail") + faults(sent, _IN_WORDS, at="mail")
    for name in ("from", "to", "cc", "bcc", "reply_to"):
        found += [
            f"{name}: {each} is no mailbox"
            for each in _listed(sent.get(name))
            if not _MAILBOX.fullmatch(each)
        ]
    return found + [fault for each in sent.get("attachments", ()) for fault in _attachment(each)]


def _attachment(attachment: dict[str, Any]) -> list[str]:
    try:
        base64.b64decode(attachment.get("content", ""), validate=True)
    except binascii.Error:
        return ["attachment: not base64"]
    return [] if attachment.get("filename") and attachment.get("content") else ["attachment: nothing in it"]


def _listed(value: Any) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else value


def _answer(exchange: Exchange) -> list[str]:
    if exchange.status >= 400 and exchange.status not in _STATUSES:
        return [f"answer: status {exchange.status}"]
    try:
        check_answer(exchange.method, exchange.path, exchange.status, exchange.response_body)
    except Exception as error:
        return [f"answer: {type(error).__name__} {str(error)[:200]}"]
    if exchange.status < 400 and not exchange.response_json.get("id"):
        return ["answer: no id"]
    return []
