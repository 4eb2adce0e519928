"""`/api/control/{layer}/{id}/poster.pdf`: the sheet of A4 with the QR code that a site hangs up."""

from __future__ import annotations

import re
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.problems import Problem
from api.services import depends_on, origin, services
from layers.checkins.figures import LAYERS
from layers.layer import Text
from layers.rows import table_name
from spatial.sql import bind, sql


@dataclass(frozen=True, slots=True)
class Poster:
    """What a poster says.

    Attributes:
        head: whose it is.
        name: of the site.
        code: the short code of the site.
        address: what the QR code holds.
        hotline: the number to call.
    """

    head: Text
    name: str
    code: str
    address: str
    hotline: str


async def poster(request: Request) -> Response:
    """`GET /api/control/{layer}/{id}/poster.pdf`.

    Raises:
        Problem: 404, the layer has no posters, or no feature of that id; 409, it has no code.
    """
    served = services(request)
    layer_id, feature = request.path_params["layer"], request.path_params["feature"]
    if layer_id not in LAYERS or not re.fullmatch(r"[1-9]\d{0,17}", feature, re.ASCII):
        raise Problem(404, "Không có áp phích này. / There is no such poster.")
    layer = served.catalogue[layer_id]
    query = sql(
        f"SELECT name, code, qr_code FROM {table_name(layer)} WHERE id = {{}}",
        bind(int(feature), "int8"),
    )
    rows = await served.database.fetch(query)
    if not rows:
        raise Problem(404, "Không có điểm này. / There is no such site.")
    row = rows[0]
    if not row["qr_code"]:
        raise Problem(
            409, "Điểm này chưa có mã QR. / This site has no QR code yet: give it one first."
        )
    page = Poster(
        served.province.full_name,
        row["name"],
        row["code"],
        # In the fragment, which browsers send to nobody.
        f"{origin(request)}/check-in#{row['qr_code']}",
        served.province.hotline,
    )
    # Drawing libraries are large, and few workers are ever asked.
    from api.checkins.sheet import draw

    body = await run_in_threadpool(draw, page)
    depends_on(request, layer_id)
    name = re.sub(r"[^A-Za-z0-9-]", "", row["code"]) or feature
    return Response(
        body,
        media_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="poster-{name}.pdf"'},
    )
