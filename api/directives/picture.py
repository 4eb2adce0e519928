"""`/api/directives/{id}/area.svg`: where a directive applies, on a picture of the province."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from api.directives.files import MOST_BIGINT
from api.ogc.operations import read, shorten
from api.outlines import outlines
from api.problems import Problem
from api.services import depends_on, services
from api.sight import TOLERANCE_M, UNIT_M, ground, mercator
from layers.documents.directives import DIRECTIVES
from layers.places import UNITS

COLOUR = "#b3261e"
# PostGIS draws the path, in the picture's units from its corner on.
_AREA = """
SELECT ST_AsSVG(ST_Scale(ST_Translate(
  ST_SimplifyPreserveTopology(geom_3857, $2), $3, $4), 1 / $5::float8, 1 / $5::float8), 1, 0)
FROM layer.directives WHERE id = $1
"""


async def area(request: Request) -> Response:
    """The province with its districts, and the area of the directive on it.

    Raises:
        Problem: 404, there is no such directive.
    """
    read(request, {})
    served, named = services(request), request.path_params["directive"]
    west, south, east, north = served.province.bbox
    corner, far = mercator(west, north), mercator(east, south)
    rows = []
    if named <= MOST_BIGINT:
        bound = [named, TOLERANCE_M / 2, -corner[0] * UNIT_M, corner[1] * UNIT_M, UNIT_M]
        rows = await served.database.fetch_text(_AREA, bound)
    if not rows:
        raise Problem(404, f"There is no directive {shorten(str(named))}.")
    depends_on(request, DIRECTIVES.id, UNITS)
    units = await outlines(served, "district", 3857, TOLERANCE_M)
    width, height = round(far[0] - corner[0]), round(far[1] - corner[1])
    text = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        f' width="{width}" height="{height}">{ground(units, corner)}<path d="{rows[0][0]}"'
        f' fill="{COLOUR}" fill-opacity="0.35" fill-rule="evenodd" stroke="{COLOUR}"'
        ' stroke-width="3" vector-effect="non-scaling-stroke"/></svg>'
    )
    return Response(text, media_type="image/svg+xml")
