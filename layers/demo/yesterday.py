"""A day of the demo's past: what quarantine sites and hotels had taken up at the end of yesterday.

Figures that compare with yesterday read the change feed, which a fresh demo has only begun. So
its load is dated back by a day, and the feed gets synthetic changes of today that lead to the
rows as they are. The rows themselves stay.
"""

from __future__ import annotations

from contextlib import closing

import psycopg2

from layers.layer import Layer
from layers.quarantine import HOTELS, QUARANTINE_SITES
from layers.rows import DERIVED, table_name
from spatial.sql import quote

_ROOM = {QUARANTINE_SITES: "capacity", HOTELS: "rooms"}
"""The column that says how many a layer's features can take."""

_CHANGED = 3
"""Every which feature has changed today."""


def give_yesterday(database_url: str) -> None:
    """Give a demo that has just been made a yesterday, in one transaction; any other is left alone.

    Args:
        database_url: the database, as its owner.
    """
    opened = psycopg2.connect(database_url, application_name="dieuhanh demo")
    with closing(opened), opened, opened.cursor() as cursor:
        for layer in _ROOM:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM dieuhanh.change WHERE layer = %s AND op <> 'load')"
                " OR NOT EXISTS (SELECT FROM dieuhanh.dataset WHERE layer = %s AND synthetic)",
                (layer.id, layer.id),
            )
            if not cursor.fetchone()[0]:
                _give(cursor, layer)


def _give(cursor: psycopg2.extensions.cursor, layer: Layer) -> None:
    for table in ("commit_log", "change"):
        cursor.execute(
            f"UPDATE dieuhanh.{table} SET at = at - interval '1 day' WHERE layer = %s", (layer.id,)
        )
    key, room = quote(layer.id_column), quote(_ROOM[layer])
    geometry = quote(layer.geometry_column)
    cursor.execute(
        "INSERT INTO dieuhanh.change"
        " (commit_id, layer, feature_id, op, actor, bbox, before, after)"
        " SELECT dieuhanh.commit_id(%(layer)s), %(layer)s, n.id, 'update', dieuhanh.actor(),"
        " n.bbox, n.image || jsonb_build_object('occupied', n.past), n.image"
        f" FROM (SELECT t.{key}::text AS id, ST_Envelope(t.{geometry}) AS bbox, t.occupied,"
        f" to_jsonb(t) - {DERIVED} AS image,"
        f" greatest(0, least(t.{room}, t.occupied - 12 + t.{key} %% 19)) AS past"
        f" FROM {table_name(layer)} AS t WHERE t.state <> 'closed' AND t.{key} %% %(every)s = 0"
        ") AS n WHERE n.past <> n.occupied",
        {"layer": layer.id, "every": _CHANGED},
    )
    # The demo made these changes too: they are nobody's own data.
    cursor.execute(
        "UPDATE dieuhanh.dataset SET loaded_at = clock_timestamp() WHERE layer = %s", (layer.id,)
    )
