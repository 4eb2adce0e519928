"""`/api/alerts.atom` and `/api/alerts/{id}.cap`: the alerts for other systems."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.feeds import atom
from api.ogc import parameters
from api.ogc.operations import Parameter, read, shorten
from api.problems import Problem
from api.services import origin, services
from layers.cap import messages, writing

if TYPE_CHECKING:
    from layers.cap.signing import Signer

DEFAULT_ALERTS = 100
MAXIMUM_ALERTS = 1000
_KEPT = ("etag", "cache-control", "vary")

_FEED: Mapping[str, Parameter] = parameters.indexed(
    Parameter(
        "limit",
        "Alerts at most, the newest first.",
        {"type": "integer", "minimum": 1, "maximum": MAXIMUM_ALERTS, "default": DEFAULT_ALERTS},
        lambda text: min(parameters.whole(text, 1, None), MAXIMUM_ALERTS),
    )
)


async def alerts_feed(request: Request) -> Response:
    """`GET /api/alerts.atom`: the alerts in force, and what was taken back of them.

    Raises:
        Problem: 400 for a parameter that breaks its rule.
    """
    values = read(request, _FEED)
    served = services(request)
    found = await messages.in_force(served.database, values.get("limit", DEFAULT_ALERTS))
    answer = atom.feed(
        request, "Cảnh báo / Alerts", (_entry(origin(request), alert) for alert in found)
    )
    return _validated(request, bytes(answer.body), answer.headers["content-type"])


def _entry(here: str, alert: messages.Alert) -> atom.Entry:
    withdrawn = alert.message == "Cancel"
    title = f"[Hủy bỏ / Cancelled] {alert.headline.vi}" if withdrawn else alert.headline.vi
    texts = (alert.area, alert.description.vi, alert.instruction.vi, alert.headline.en)
    return atom.Entry(
        id=f"urn:uuid:{alert.id}",
        title=title,
        updated=alert.sent,
        summary="\n".join(text for text in texts if text),
        links=(
            atom.Link("alternate", f"{here}/api/alerts/{alert.id}.cap", writing.MEDIA_TYPE),
            atom.Link("related", page_of(here, alert.id), "text/html"),
        ),
        categories=tuple(
            (f"{writing.NAMESPACE}#{name}", value)
            for name, value in (
                ("status", alert.status),
                ("msgType", alert.message),
                ("category", alert.category),
                ("severity", alert.severity),
            )
        ),
        shapes=tuple(("polygon", ring.replace(",", " ")) for ring in alert.rings),
    )


async def alert_message(request: Request) -> Response:
    """`GET /api/alerts/{id}.cap`: the newest message of an alert, also when it is over.

    Raises:
        Problem: 404 for an id of no alert.
    """
    read(request, {})
    served = services(request)
    text = request.path_params["alert"]
    try:
        found = await messages.read_alert(served.database, UUID(text))
    except ValueError:
        found = None
    if found is None:
        raise Problem(404, f"There is no alert {shorten(text)!r}.")
    root = writing.write_alert(found, served.province, page_of(origin(request), found.id))
    signer: Signer | None = request.app.state.signer
    answer = _validated(request, writing.to_bytes(root), writing.MEDIA_TYPE, signer)
    if signer is not None and answer.status_code == 200:
        signed = await run_in_threadpool(signer.sign, bytes(answer.body))
        kept = {name: answer.headers[name] for name in _KEPT}
        return Response(signed, media_type=writing.MEDIA_TYPE, headers=kept)
    return answer


def page_of(here: str, alert: UUID) -> str:
    """The address of a page about an alert."""
    return f"{here}/ogc/collections/alerts/items/{alert}?f=html"


def _validated(
    request: Request, body: bytes, media_type: str, signer: Signer | None = None
) -> Response:
    """The answer with an ETag of its content, or 304: time alone changes what is in force.

    The tag of what is signed later is that of the content and the certificate: some signatures
    are never the same twice.
    """
    digest = blake2b(body, digest_size=12)
    if signer is not None:
        digest.update(signer.certificate)
    etag = f'"{digest.hexdigest()}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    given = request.headers.get("if-none-match", "")
    known = [tag.strip().removeprefix("W/") for tag in given.split(",")]
    if etag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)
