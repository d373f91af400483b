"""A small HTTP client that costs little beside what it measures, and people who are signed in."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.site import Site

TOKEN = "b" * 32


@dataclass(frozen=True)
class Answer:
    """What came back, and after how many seconds."""

    status: int
    seconds: float
    head: bytes = field(repr=False)
    body: bytes = field(repr=False)


async def send(site: Site, method: str, path: str, *, cookies: str = "", body: bytes = b"") -> Answer:
    """One request on a connection of its own."""
    began = time.perf_counter()
    reader, writer = await asyncio.open_connection(site.host, site.port)
    writer.write(request(site, method, path, cookies=cookies, body=body))
    raw = await reader.read()
    writer.close()
    head, _, content = raw.partition(b"\r\n\r\n")
    return Answer(int(head.split(b" ", 2)[1]), time.perf_counter() - began, head, content)


def request(site: Site, method: str, path: str, *, cookies: str = "", body: bytes = b"") -> bytes:
    """The bytes of a request that closes its connection afterwards."""
    lines = [
        f"{method} {path} HTTP/1.1",
        f"Host: {site.host}:{site.port}",
        "Connection: close",
        f"Cookie: csrftoken={TOKEN}; {cookies}",
        f"X-CSRFToken: {TOKEN}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def sign_in(user: Any) -> str:
    """The cookie of a person who is signed in."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that so many percent stay below."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]
