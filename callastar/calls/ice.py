"""The servers that help two browsers to find a way to each other: STUN tells an address, TURN passes everything on.

Passwords of TURN are made here, for one person and a short time, by the scheme of
https://datatracker.ietf.org/doc/html/draft-uberti-behave-turn-rest-00 (section 2.2), which coturn knows as
`use-auth-secret`: the user name is the Unix time until which it is good and an id, joined by a colon; the password is
the base64 of the HMAC-SHA1 of the user name under the secret that we share with the server.
"""

import hmac
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha1
from uuid import UUID

from django.conf import settings


@dataclass(frozen=True, slots=True)
class IceServer:
    """An entry of a browser's `iceServers`; STUN needs no name."""

    urls: Sequence[str]
    username: str = ""
    credential: str = field(default="", repr=False)


def ice_servers(*, person_id: UUID, until: datetime, now: datetime) -> list[IceServer]:
    """What one person's browser may use. Passwords last `TURN_TTL_SECONDS`, or until `until` where that is later.

    A connection that breaks in the third hour needs its way around just as much as a new one.
    """
    servers = [IceServer(urls=settings.STUN_URLS)] if settings.STUN_URLS else []
    if settings.TURN_URLS:
        expires_at = max(now + timedelta(seconds=settings.TURN_TTL_SECONDS), until)
        servers.append(_relay(f"{int(expires_at.timestamp())}:{person_id}"))
    return servers


def _relay(username: str) -> IceServer:
    code = hmac.new(settings.TURN_SECRET.encode(), username.encode(), sha1)
    return IceServer(urls=settings.TURN_URLS, username=username, credential=b64encode(code.digest()).decode())
