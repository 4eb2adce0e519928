"""Where a webhook may lead: an address of others, not of this machine or a network behind it."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class RefusedTarget(ValueError):
    """Nothing is sent there. The message names the rule."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address that was checked.

    Attributes:
        name: the host's name, which its certificate must bear.
        host: the value of the header `Host`.
        address: the IP address that the name led to, and where to connect.
    """

    name: str
    host: str
    address: str


def parse_target(url: str) -> tuple[str, int, str]:
    """The host's name, the port and the `Host` header of an address.

    Raises:
        RefusedTarget: it is no plain http or https address.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise RefusedTarget("is no address") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise RefusedTarget("must be an http:// or https:// address")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise RefusedTarget("must hold no name, password or fragment")
    if not url.isascii() or any(sign <= " " for sign in url):
        raise RefusedTarget("must be ASCII without spaces")
    default = 443 if parts.scheme == "https" else 80
    return parts.hostname, port or default, parts.netloc


async def resolve_target(url: str, *, private: bool) -> Target:
    """The checked target of an address; its name is looked up.

    Args:
        url: a webhook's address.
        private: whether this machine and private networks are allowed.

    Raises:
        RefusedTarget: the address breaks a rule, or its name leads to a place that is not allowed.
        OSError: the name leads nowhere.
    """
    name, port, host = parse_target(url)
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]).split("%")[0] for entry in found))
    if not private and not all(is_public(address) for address in addresses):
        raise RefusedTarget("leads to this machine or to a private network")
    return Target(name, host, addresses[0])


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet at large, also inside other notations."""
    ip: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            ip = inner
        elif ip.teredo is not None:
            return False
    return ip.is_global and not ip.is_multicast
