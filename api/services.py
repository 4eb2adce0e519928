"""What a request handler works with: opened once for each worker, passed on with each request."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from api.settings import Settings
from layers.catalogue import Catalogue
from layers.counts import Counts
from layers.database import Database
from layers.feed import Feed
from layers.layer import Layer
from layers.province import Province
from spatial.crs import Crs


@dataclass(frozen=True, slots=True)
class Services:
    """The settings, the records and the open connections of one worker."""

    settings: Settings
    province: Province
    catalogue: Catalogue
    database: Database
    feed: Feed
    counts: Counts
    crs: tuple[Crs, ...]

    def layer(self, layer_id: str) -> Layer | None:
        """The record of a layer, or None."""
        return self.catalogue.get(layer_id)


def services(request: Request) -> Services:
    """The services of the worker that handles a request."""
    found: Services = request.app.state.services
    return found


def origin(request: Request) -> str:
    """The address under which the client reaches this server, without a slash at its end.

    The configured public address if there is one; else what the request itself says.
    """
    configured = services(request).settings.public_url
    if configured:
        return configured
    scope = request.scope
    for name, value in scope["headers"]:
        if name == b"host":
            return f"{scope['scheme']}://{value.decode('latin-1')}"
    return str(request.base_url).rstrip("/")


def depends_on(request: Request, *layers: str) -> None:
    """Say that the answer holds as long as these layers do not change: it may be cached.

    With no layer named, the answer holds as long as this server runs as it was started.
    """
    request.scope["dieuhanh.layers"] = layers
