"""Decisions about creators: addresses of their pages, their links, their fee."""

import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from urllib.parse import urlsplit

SLUG_LENGTH = range(3, 61)
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
RESERVED_SLUGS = frozenset({"become", "onboarding", "studio", "new", "admin", "search"})


def is_slug(slug: str) -> bool:
    """Whether a word can be the address of a creator's page: small letters, digits and single hyphens, 3 to 60."""
    return len(slug) in SLUG_LENGTH and bool(_SLUG.fullmatch(slug)) and slug not in RESERVED_SLUGS


def numbered_slug(base: str, number: int) -> str:
    """`ada`, `ada-2`, `ada-3`…, never longer than a slug may be."""
    if number == 1:
        return base
    ending = f"-{number}"
    return base[: SLUG_LENGTH.stop - 1 - len(ending)].rstrip("-") + ending


class Network(StrEnum):
    """Where creators have pages that theirs links to."""

    INSTAGRAM = "instagram"
    TIKTOK = "tiktok"
    X = "x"
    OTHER = "other"


HOSTS: Mapping[Network, frozenset[str]] = MappingProxyType(
    {
        Network.INSTAGRAM: frozenset({"instagram.com"}),
        Network.TIKTOK: frozenset({"tiktok.com"}),
        Network.X: frozenset({"x.com", "twitter.com"}),
    }
)
_PUBLIC_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")


class LinkProblem(StrEnum):
    """Why a link is not taken."""

    NOT_A_WEB_ADDRESS = "not_a_web_address"
    NOT_HTTPS = "not_https"
    OTHER_HOST = "other_host"


def link_problem(network: Network, url: str) -> LinkProblem | None:
    """What is wrong with a link: it must be https, on a public host, and on the network's own host if it has one."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        plain = parts.username is None and parts.password is None and parts.port is None
    except ValueError:
        return LinkProblem.NOT_A_WEB_ADDRESS
    if parts.scheme != "https":
        return LinkProblem.NOT_HTTPS if parts.scheme == "http" else LinkProblem.NOT_A_WEB_ADDRESS
    if not plain or not _PUBLIC_HOST.fullmatch(host) or re.search(r"\s", url):
        return LinkProblem.NOT_A_WEB_ADDRESS
    return None if _is_on(network, host) else LinkProblem.OTHER_HOST


def _is_on(network: Network, host: str) -> bool:
    hosts = HOSTS.get(network)
    return hosts is None or any(host == own or host.endswith(f".{own}") for own in hosts)


def effective_fee_percent(own: Decimal | None, platform: Decimal) -> Decimal:
    """The commission that a creator pays, in percent: the platform's unless theirs was agreed otherwise."""
    return platform if own is None else own
