"""`/healthz`, `/readyz` and `/metrics`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.figures import Metrics
from api.problems import Problem
from api.services import services
from layers.database import DatabaseUnavailable
from spatial.sql import raw


async def healthz(request: Request) -> Response:
    """The process answers."""
    return Response("ok\n", media_type="text/plain")


async def readyz(request: Request) -> Response:
    """The database answers and the change feed is heard: requests may be sent here."""
    served = services(request)
    try:
        await served.database.value(raw("SELECT 1"))
    except DatabaseUnavailable:
        raise Problem(503, "The database does not answer.") from None
    if not served.feed.live:
        raise Problem(503, "The change feed is not heard.")
    return Response("ok\n", media_type="text/plain")


async def metrics(request: Request) -> Response:
    """The figures of all workers, in Prometheus' text format."""
    figures: Metrics = request.app.state.metrics
    return Response(figures.text(), media_type=CONTENT_TYPE_LATEST)


def watch(state: Any) -> None:
    """Register what a worker has at the moment; `/metrics` tells the sums over all workers.

    Args:
        state: the application's state, with `metrics`, `cache` and, once open, `services`.
    """
    gauges: dict[str, tuple[str, Callable[[Any], float]]] = {
        "dieuhanh_feed_live": ("Workers that hear the change feed", lambda s: s.feed.live),
        "dieuhanh_connections_open": (
            "Open database connections",
            lambda s: sum(size for size, _ in s.database.in_use().values()),
        ),
        "dieuhanh_connections_idle": (
            "Idle database connections",
            lambda s: sum(idle for _, idle in s.database.in_use().values()),
        ),
        "dieuhanh_live_viewers": (
            "Open live streams",
            # The services are there a moment before the stream is.
            lambda _: state.stream.viewers if hasattr(state, "stream") else 0,
        ),
        "dieuhanh_cache_bytes": ("Bytes of remembered answers", lambda _: state.cache.size),
    }
    for name, (text, read) in gauges.items():
        state.metrics.watch(name, text, _reader(state, read))


def _reader(state: Any, read: Callable[[Any], float]) -> Callable[[], float]:
    def value() -> float:
        opened = getattr(state, "services", None)
        return float(read(opened)) if opened is not None else 0.0

    return value


ROUTES = [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]
