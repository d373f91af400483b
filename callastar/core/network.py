"""Who is really asking: addresses behind trusted proxies, and lists of networks."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The client's address; forwarded headers are believed only as far as they come from trusted proxies."""
    address = request.META.get("REMOTE_ADDR") or ""
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    while hops and is_within(address, settings.TRUSTED_PROXIES):
        address = hops.pop()
    return address


def is_within(address: str, networks: Sequence[str]) -> bool:
    """Whether an address lies in one of the networks (`10.0.0.0/8`, or single addresses)."""
    found = read_address(address)
    return found is not None and any(found in ip_network(network, strict=False) for network in networks)


def read_address(address: str) -> IPv4Address | IPv6Address | None:
    """An address that was written down; None if it is none. IPv4 in the clothes of IPv6 (`::ffff:…`) is IPv4."""
    try:
        found = ip_address(address)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found
