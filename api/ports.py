"""Whether the server can have its port. Standard library only: `make run` asks before set-up."""

from __future__ import annotations

import errno
import os
import socket
import time
from typing import Any

BACKLOG = 4096
"""Connections that may wait to be taken, for each worker."""
PATIENCE = 3.0
"""Seconds that a server which is just ending gets to leave the port."""


class PortError(Exception):
    """The port cannot be had. The message is one line for the operator."""


def claim_port(host: str, port: int) -> None:
    """Check that nothing listens on a port, and that this account may.

    Without SO_REUSEPORT, which the workers share, a second server is refused.

    Raises:
        PortError: it is taken, not allowed, or the address is not this machine's.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            _bind(host, port)
            return
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            if taken and time.monotonic() < deadline:
                time.sleep(0.1)
                continue
            if taken:
                rule = "is in use: stop what listens there, or choose another with PORT=…"
            else:
                rule = f"cannot be used: {os.strerror(error.errno) if error.errno else error}"
            raise PortError(f"port {port} on {host} {rule}") from None


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on a port beside others of the same account; the kernel shares out."""
    family, kind, protocol, _, address = _resolve(host, port)
    listening = socket.socket(family, kind, protocol)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listening.bind(address)
    listening.listen(BACKLOG)
    return listening


def _resolve(host: str, port: int) -> tuple[Any, ...]:
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]


def _bind(host: str, port: int) -> None:
    family, kind, protocol, _, address = _resolve(host, port)
    with socket.socket(family, kind, protocol) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        trial.bind(address)
        trial.listen(1)
