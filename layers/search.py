"""Search over all layers at once, by name or code, without regard to accents and case."""

from __future__ import annotations

from collections.abc import Iterable

from layers.layer import Audience, Layer
from layers.places import UNITS
from layers.rows import table_name
from spatial.sql import Sql, bind, join, literal, quote, sql

MAXIMUM_RESULTS = 20
MAXIMUM_WORDS = 8
CANDIDATES = 200
"""Matches of a layer that are ranked; a text that more features hold names none of them."""

# dieuhanh.fold without the call, which costs four times as much as what it calls.
_FOLDED = "lower(public.unaccent('public.unaccent'::regdictionary, normalize(title, NFC)))"
_ORDER = "rank, NOT is_unit, length(title), title, layer, id"


def search_sql(layers: Iterable[Layer], text: str, limit: int) -> Sql:
    """Rows of the best matches, best first.

    The columns: `layer`, `id` (text), `title`, `commune_code`, `district_code`, `parent_code`
    (NULL where a layer has none), `x`, `y` (a point on the feature) and `west`, `south`,
    `east`, `north`, all in degrees, EPSG:4326.

    A title that is the text comes first, then titles that begin with it, then those with a word
    that does; among these, administrative units, then the shortest.

    Args:
        layers: those without a searchable column are left out.
        text: what to look for; every word must occur in a feature's search text.
        limit: rows at most.
    """
    words = list(dict.fromkeys(text.split()))[:MAXIMUM_WORDS]
    found = [_candidates(layer, words) for layer in layers if _searchable(layer)]
    if not found:
        return sql("SELECT NULL WHERE false")
    phrase = bind(" ".join(text.split()), "text")
    return sql(
        "WITH q AS (SELECT dieuhanh.fold({}) AS folded, dieuhanh.like_pattern({}) AS pattern),"
        " found AS ({}), best AS ("
        "SELECT found.*, CASE"
        " WHEN t.folded = q.folded OR is_unit AND t.folded LIKE '% ' || q.pattern THEN 0"
        " WHEN t.folded LIKE q.pattern || '%' THEN 1"
        " WHEN t.folded LIKE '% ' || q.pattern || '%' THEN 2"
        " ELSE 3 END AS rank"
        f" FROM found, q, LATERAL (SELECT {_FOLDED} AS folded OFFSET 0) AS t"
        f" ORDER BY {_ORDER} LIMIT {{}})"
        " SELECT layer, id, title, commune_code, district_code, parent_code,"
        " ST_X(place) AS x, ST_Y(place) AS y, ST_XMin(geom) AS west, ST_YMin(geom) AS south,"
        " ST_XMax(geom) AS east, ST_YMax(geom) AS north"
        " FROM best, LATERAL (SELECT ST_PointOnSurface(geom) AS place) AS p"
        f" ORDER BY {_ORDER}",
        phrase,
        phrase,
        join(" UNION ALL ", found),
        bind(limit, "int8"),
    )


def _searchable(layer: Layer) -> bool:
    return any(column.in_search for column in layer.readable(Audience.PUBLIC))


def _candidates(layer: Layer, words: list[str]) -> Sql:
    def column(name: str) -> str:
        return f"t.{quote(name)}" if name in layer.by_name else "NULL::text"

    codes = ", ".join(
        f"{column(name)} AS {name}" for name in ("commune_code", "district_code", "parent_code")
    )
    conditions = [
        sql("t.search LIKE '%' || dieuhanh.like_pattern({}) || '%'", bind(word, "text"))
        for word in words
    ]
    return sql(
        f"(SELECT {literal(layer.id)} AS layer, t.{quote(layer.id_column)}::text AS id,"
        f" t.{quote(layer.title_column)}::text AS title, {codes},"
        f" {'true' if layer.id == UNITS else 'false'} AS is_unit,"
        f" t.{quote(layer.geometry_column)} AS geom"
        f" FROM {table_name(layer)} AS t WHERE {{}} LIMIT {CANDIDATES})",
        join(" AND ", conditions),
    )
