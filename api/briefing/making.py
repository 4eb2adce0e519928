"""Makes a briefing: reads what is around a result, and draws both as HTML or PDF."""

from __future__ import annotations

from api.briefing.findings import SIGNATURES, opened, read_finding
from api.briefing.order import Order
from api.briefing.page import Briefing
from api.briefing.writing import write_briefing
from layers.analysis.surroundings import surroundings


def written(order: Order) -> Briefing:
    """What the briefing says.

    Raises:
        BadInput: the result is none of a process.
        psycopg2.Error: the database does not answer.
    """
    is_raster = order.result[:4] in SIGNATURES
    if is_raster:
        # rasterio is large, and few results need it.
        from api.briefing import surfaces

        result = surfaces.opened_raster(order.result)
    else:
        result = opened(order.result)
    around = surroundings(order.database_url, order.province, result.layer, result.version)
    surface = None
    if is_raster:
        finding, surface = surfaces.read_surface(order.result, result, order.summary, around.units)
    else:
        finding = read_finding(result, around)
    return write_briefing(
        order.province,
        finding,
        around,
        order.language,
        surface=surface,
        made=order.made,
        computed=order.computed,
        drawn=order.drawn,
    )


def make(order: Order) -> bytes:
    """The briefing as a file.

    Raises:
        BadInput: the result is none of a process.
        NotBuilt: Leaflet is not beside the build of the web pages.
        psycopg2.Error: the database does not answer.
    """
    briefing = written(order)
    # Each of the two libraries is large, and one of them is enough.
    if order.form == "pdf":
        from api.briefing.sheets import draw

        return draw(briefing)
    from api.briefing.document import document

    return document(briefing).encode()
