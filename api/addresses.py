"""The address that a request comes from, also behind the operator's own web servers."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.types import Scope

Network = IPv4Network | IPv6Network


@lru_cache(maxsize=8)
def networks(listed: str) -> tuple[Network, ...]:
    """Networks from a setting, separated by commas.

    Raises:
        ValueError: one is no address and no network.
    """
    return tuple(ip_network(one.strip(), strict=False) for one in listed.split(",") if one.strip())


def client_address(scope: Scope, trusted: str) -> str:
    """The client's address, to limit it by; never to be kept or logged as it is.

    Each trusted web server appended the address it was asked from to `X-Forwarded-For`: the last
    one there that is not itself trusted is the client's. An IPv6 client is known by its /64, of
    which it may have every address.
    """
    client = scope.get("client")
    found = _address(client[0]) if client else None
    if found is None:
        return "unknown"
    proxies = networks(trusted)
    forwarded = b",".join(v for n, v in scope["headers"] if n == b"x-forwarded-for")
    for part in reversed(forwarded.decode("latin-1").split(",")):
        if not any(found in network for network in proxies):
            break
        nearer = _address(part)
        if nearer is None:
            break
        found = nearer
    if isinstance(found, IPv6Address):
        return str(ip_network((found, 64), strict=False))
    return str(found)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text.strip())
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found
