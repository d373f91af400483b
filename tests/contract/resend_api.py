"""A client of Resend's API that holds every answer against Resend's own OpenAPI description."""

import gzip
import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from resend.http_client_requests import RequestsClient

from tests.contract.sandbox_program import SandboxProgram

_DESCRIPTION = "urn:resend"


@cache
def description() -> dict[str, Any]:
    """The OpenAPI description 1.5.0."""
    path = Path(__file__).parent / "data" / "resend-openapi.json.gz"
    return json.loads(gzip.decompress(path.read_bytes()))


@cache
def _registry() -> Registry:
    resource = Resource.from_contents(description(), default_specification=DRAFT202012)
    return Registry().with_resource(_DESCRIPTION, resource)


def check(document: Any, pointer: str) -> None:
    """Fail unless the document is what the description says at ``pointer`` ("/components/schemas/Email")."""
    schema = {"$ref": f"{_DESCRIPTION}#{pointer}"}
    Draft202012Validator(schema, registry=_registry(), format_checker=FormatChecker()).validate(document)


def check_event(event: dict[str, Any]) -> None:
    """Fail unless the webhook's body is what the description says of its type."""
    schema = description()["webhooks"][event["type"]]["post"]["requestBody"]["content"]["application/json"][
        "schema"
    ]
    check(event, schema["$ref"].removeprefix("#"))


def check_answer(method: str, url: str, status: int, body: bytes) -> None:
    """Fail unless an answer is described: a success by its schema, a refusal by the shape of all errors."""
    document = json.loads(body)
    if status >= 400:
        assert set(document) == {"statusCode", "name", "message"}
        assert document["statusCode"] == status
        return
    template = _template(urlsplit(url).path)
    pointer = template.replace("~", "~0").replace("/", "~1")
    check(document, f"/paths/{pointer}/{method.lower()}/responses/{status}/content/application~1json/schema")


def _template(path: str) -> str:
    """The described path that covers a real one; a fixed word wins over a parameter."""

    def covers(template: str) -> bool:
        return re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) is not None

    return min((each for each in description()["paths"] if covers(each)), key=lambda each: each.count("{"))


class CheckedSdkClient(RequestsClient):
    """The SDK's own HTTP client; every answer is checked before the SDK sees it."""

    def request(
        self, method: str, url: str, headers: Mapping[str, str], json: Any = None, **_: Any
    ) -> tuple[bytes, int, Mapping[str, str]]:
        body, status, answered = super().request(method, url, headers, json)
        check_answer(method, url, status, body)
        return body, status, answered


class Api:
    """Plain requests with the sandbox's key; every answer is checked."""

    def __init__(self, sandbox: SandboxProgram, *, per_second: int | None = 1000) -> None:
        """``per_second``: so many requests are allowed; None leaves the sandbox's own limit."""
        if per_second is not None:
            sandbox.control("POST", "rate", {"per_second": per_second})
        headers = {"Authorization": f"Bearer {sandbox.keys['api_key']}"}
        self._client = httpx.Client(base_url=sandbox.url, headers=headers, timeout=30, verify=False)

    def __call__(self, method: str, path: str, json: Any = None, **kwargs: Any) -> httpx.Response:
        answer = self._client.request(method, path, json=json, **kwargs)
        check_answer(method, str(answer.request.url), answer.status_code, answer.content)
        return answer

    def send(self, *, key: str | None = None, **changes: Any) -> httpx.Response:
        """POST /emails with a good mail, changed as named (None leaves a field out)."""
        return self("POST", "/emails", mail(**changes), headers={"Idempotency-Key": key} if key else {})

    def sent(self) -> list[dict[str, Any]]:
        """What GET /emails lists."""
        return self("GET", "/emails").json()["data"]


def mail(**changes: Any) -> dict[str, Any]:
    """A good mail, changed as named; ``from_`` stands for from, None leaves a field out."""
    fields = {
        "from": "Call a Star <hello@callastar.example>",
        "to": ["fan@example.com"],
        "subject": "Votre appel",
        "html": "<p>Bonjour</p>",
        "text": "Bonjour",
        **{name.rstrip("_"): value for name, value in changes.items()},
    }
    return {name: value for name, value in fields.items() if value is not None}
