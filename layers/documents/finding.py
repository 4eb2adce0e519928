"""Finding directives: by words of their titles and files, by facts, by place and by time.

One value says what is wanted, one pure function makes the SQL; the page, the API's records and
the product's search read through it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from layers.roles import Role
from spatial.bbox import Bbox
from spatial.sql import Sql, bind, join, raw, sql
from spatial.temporal import Interval

MARKS = ("\x02", "\x03")
"""Stand around a word that was found in an excerpt: no text of a file holds them."""
_HEADLINE = (
    f"StartSel={MARKS[0]}, StopSel={MARKS[1]}, MaxFragments=2, MaxWords=26, MinWords=12,"
    " FragmentDelimiter=' … '"
)
SORTS = {
    "issued": "d.issued_on",
    "title": "d.title",
    "number": "d.number",
    "updated": "d.updated_at",
    "type": "d.kind",
}
"""What results may be sorted by, and the SQL of it; with words, the best come first."""

Sort = tuple[str, Literal["asc", "desc"]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which directives are wanted: all conditions hold together, those not given do not count.

    Attributes:
        words: as people type them: all words, phrases in quotes, `or`, a minus before what not.
        phrases: any of these, each with its words one after the other.
        states: of `STATE`, at `at`.
        point: longitude and latitude that the area covers.
        bbox: that the area touches.
        during: that shares an instant with the time in force.
        sort: by what, else the best first, or the newest.
        shapes: whether the areas are wanted as well.
    """

    at: datetime
    words: str = ""
    phrases: tuple[str, ...] = ()
    ids: tuple[int, ...] | None = None
    numbers: tuple[str, ...] | None = None
    kinds: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    issuer: str = ""
    year: int | None = None
    point: tuple[float, float] | None = None
    bbox: Bbox | None = None
    during: Interval | None = None
    sort: tuple[Sort, ...] = ()
    shapes: bool = False
    limit: int = 20
    offset: int = 0

    @property
    def has_words(self) -> bool:
        """Whether there is anything to look for in texts."""
        return bool(self.words or self.phrases)


def found_sql(wanted: Wanted, role: Role) -> Sql:
    """Rows of the directives, with how many match in all and the page that matches best.

    Columns: those of the layer but for its geometry; `shape` (GeoJSON), `state`, `matched`, and
    with words `file_id`, `page` and `excerpt`, in which `MARKS` stand around what was found.

    Args:
        role: the caller's; the public does not look into internal files.
    """
    hits, excerpt = raw(""), "NULL::uuid AS file_id, NULL::int AS page, NULL::text AS excerpt"
    order = _order(wanted)
    if wanted.has_words:
        reader = "directive_hits" if role is Role.PUBLIC else "internal_directive_hits"
        hits = raw(f" JOIN dieuhanh.{reader}((SELECT words FROM q)) AS h ON h.directive_id = d.id")
        excerpt = (
            "f.file_id, f.page, (SELECT ts_headline('dieuhanh.folded', p.body, q.words, {})"
            " FROM dieuhanh.directive_page AS p, q WHERE p.directive_id = f.id"
            " AND p.file_id IS NOT DISTINCT FROM f.file_id AND p.page = f.page) AS excerpt"
        )
    state = _state(wanted.at)
    shape = "(f.feature::json->'geometry')::text" if wanted.shapes else "NULL::text"
    conditions = [raw("true"), *_conditions(wanted, state)]
    query = sql(
        "WITH {} found AS (SELECT d.*, {} AS state, count(*) OVER () AS matched"
        f"{', h.file_id, h.page, h.rank' if wanted.has_words else ''}"
        f" FROM layer.directives AS d{{}} WHERE {{}} ORDER BY {order} LIMIT {{}} OFFSET {{}})",
        _words(wanted) if wanted.has_words else raw(""),
        state,
        hits,
        join(" AND ", conditions),
        bind(wanted.limit, "int8"),
        bind(wanted.offset, "int8"),
    )
    columns = (
        "f.id, f.number, f.kind, f.title, f.issued_on, f.issuer, f.field, f.summary, f.valid_from,"
        " f.valid_until, f.replaces, f.replaced_by, f.ends_at, f.unit_codes, f.scope,"
        " f.district_code, f.audience, f.files, f.updated_at, f.state, f.matched,"
        f" {shape} AS shape"
    )
    told = sql(f", {excerpt}", bind(_HEADLINE, "text")) if wanted.has_words else raw(f", {excerpt}")
    outer = order.replace("d.", "f.").replace("h.", "f.")
    return sql(f"{{}} SELECT {columns}{{}} FROM found AS f ORDER BY {outer}", query, told)


def mentions_sql(words: str, limit: int) -> Sql:
    """Rows of directives whose texts for everybody hold the words, as `layers.search` gives them.

    The columns: `id` (text), `number`, `title`, `x`, `y`, `west`, `south`, `east`, `north`.
    """
    return sql(
        "WITH {} best AS (SELECT d.id, d.number, d.title, d.geom, h.rank"
        " FROM dieuhanh.directive_hits((SELECT words FROM q)) AS h"
        " JOIN layer.directives AS d ON d.id = h.directive_id"
        " ORDER BY h.rank DESC, d.issued_on DESC, d.id DESC LIMIT {})"
        " SELECT id::text, number, title, ST_X(place) AS x, ST_Y(place) AS y,"
        " ST_XMin(geom) AS west, ST_YMin(geom) AS south, ST_XMax(geom) AS east,"
        " ST_YMax(geom) AS north"
        " FROM best, LATERAL (SELECT ST_PointOnSurface(geom) AS place) AS p"
        " ORDER BY rank DESC, id",
        _words(Wanted(datetime.min, words=words)),
        bind(limit, "int8"),
    )


def choices_sql() -> Sql:
    """Rows `issuer, year, number`: what there is to choose from, and how many of each."""
    return raw(
        "SELECT issuer, extract(year FROM issued_on)::int AS year, count(*) AS number"
        " FROM layer.directives GROUP BY 1, 2 ORDER BY 1, 2 DESC"
    )


def _words(wanted: Wanted) -> Sql:
    parts = []
    if wanted.words:
        parts.append(
            sql(
                "websearch_to_tsquery('dieuhanh.folded', dieuhanh.plain_words({}))",
                bind(wanted.words, "text"),
            )
        )
    if wanted.phrases:
        each = [
            sql(
                "phraseto_tsquery('dieuhanh.folded', dieuhanh.plain_words({}))",
                bind(phrase, "text"),
            )
            for phrase in wanted.phrases
        ]
        parts.append(sql("({})", join(" || ", each)))
    return sql("q AS MATERIALIZED (SELECT {} AS words),", join(" && ", parts))


def _state(at: datetime) -> Sql:
    return sql(
        "CASE WHEN d.valid_from > {} THEN 'not_yet' WHEN d.ends_at <= {} THEN CASE"
        " WHEN d.valid_until IS NULL OR d.ends_at < d.valid_until THEN 'replaced'"
        " ELSE 'expired' END ELSE 'in_force' END",
        bind(at, "timestamptz"),
        bind(at, "timestamptz"),
    )


def _conditions(wanted: Wanted, state: Sql) -> list[Sql]:
    found: list[Sql] = []
    for column, values in (
        ("d.id", wanted.ids and list(wanted.ids)),
        ("d.kind", list(wanted.kinds)),
        ("d.field", list(wanted.fields)),
    ):
        if values:
            kind = "int8[]" if column == "d.id" else "text[]"
            found.append(sql(f"{column} = ANY ({{}})", bind(values, kind)))
    if wanted.ids == ():
        found.append(raw("false"))
    if wanted.numbers is not None:
        numbers = [number.upper() for number in wanted.numbers]
        found.append(sql("upper(d.number) = ANY ({})", bind(numbers, "text[]")))
    if wanted.states:
        found.append(sql("({}) = ANY ({})", state, bind(list(wanted.states), "text[]")))
    if wanted.issuer:
        found.append(sql("d.issuer = {}", bind(wanted.issuer, "text")))
    if wanted.year is not None:
        found.append(sql("extract(year FROM d.issued_on) = {}", bind(wanted.year, "int8")))
    return found + _where_and_when(wanted)


def _where_and_when(wanted: Wanted) -> list[Sql]:
    found: list[Sql] = []
    if wanted.point is not None:
        place = [bind(part, "float8") for part in wanted.point]
        point = sql("ST_SetSRID(ST_MakePoint({}, {}), 4326)", *place)
        # The province's outline is coarse in such a row; the units themselves are exact.
        found.append(
            sql(
                "(d.scope <> 'province' AND ST_Covers(d.geom, {}) OR d.scope = 'province' AND"
                " EXISTS (SELECT FROM layer.admin_units AS u WHERE u.level = 'province'"
                " AND ST_Covers(u.geom, {})))",
                point,
                point,
            )
        )
    if wanted.bbox is not None:
        found.append(wanted.bbox.sql(raw("d.geom")))
    if wanted.during is not None:
        found.append(wanted.during.sql(raw("d.valid_from"), raw("d.ends_at")))
    return found


def _order(wanted: Wanted) -> str:
    steps = [f"{SORTS[name]} {way}" for name, way in wanted.sort]
    if not steps and wanted.has_words:
        steps = ["h.rank DESC"]
    if not steps and wanted.point is not None:
        steps = ["ST_Area(d.geom)"]
    ways = {"d.issued_on DESC", "d.id DESC"}
    return ", ".join([*steps, *sorted(ways, reverse=True)])
