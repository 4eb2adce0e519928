"""Tables that break careless servers: quotes, mixed case, null geometry, antimeridian."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import mapbox_vector_tile
import psycopg2
import pytest
import sqlalchemy as sa
from geoalchemy2 import Geometry

from api.app import create_app
from api.settings import Settings
from layers.catalogue import Catalogue
from layers.derive import derive
from layers.layer import Column, Layer, Text, Theme
from layers.migrate import sqlalchemy_url

THEME = Theme("control", Text("Thử", "Test"))
metadata = sa.MetaData(schema="layer")


def _table(name: str, geometry: str, *columns: Any) -> sa.Table:
    return sa.Table(
        name,
        metadata,
        *columns,
        sa.Column("Hình", Geometry(geometry, srid=4326, spatial_index=False)),
        sa.Column(
            "geom_3857",
            Geometry(geometry, srid=3857, spatial_index=False),
            sa.Computed('ST_Transform("Hình", 3857)', persisted=True),
        ),
        sa.Column("feature", sa.Text),
        sa.Column("search", sa.Text),
    )


def _layer(identifier: str, table: sa.Table, geometry: Any, **more: Any) -> Layer:
    text = Text(identifier, identifier)
    columns = (
        Column('Mã "số"', text),
        Column("Tên; DROP TABLE x", text, in_search=True, in_tiles=True),
        Column("order", text, in_tiles=True),
    )
    return Layer(
        id=identifier,
        theme=THEME,
        title=text,
        description=text,
        table=table,
        geometry_type=geometry,
        columns=columns,
        title_column="Tên; DROP TABLE x",
        steward="it",
        id_column='Mã "số"',
        geometry_column="Hình",
        **more,
    )


def _columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column('Mã "số"', sa.Text, primary_key=True),
        sa.Column("Tên; DROP TABLE x", sa.Text),
        sa.Column("order", sa.Integer),
    )


POINTS = _layer("Quoted", _table('Bảng "lạ" %s $1 :x', "POINT", *_columns()), "Point", cluster=True)
EMPTY = _layer("empty", _table("Rỗng", "POLYGON", *_columns()), "Polygon")
LINES = _layer("lines", _table("CamelCase", "LINESTRING", *_columns()), "LineString")
ROWS = [
    ("a'b", 'x"y\\z', 1, "POINT(108 15.5)"),
    ("a/b?c#d", "Đường %s {} <b>", 2, "POINT(108.5 15.5)"),
    ("🚑", None, None, None),
    ("empty", "", 0, "POINT EMPTY"),
    ("pole", "cực", -5, "POINT(0 90)"),
]


@pytest.fixture
def get(empty_database_url: str) -> Callable[..., httpx.Response]:
    """`get(path)` on an application that serves the three tables."""
    layers = [POINTS, EMPTY, LINES]
    engine = sa.create_engine(sqlalchemy_url(empty_database_url))
    with engine.begin() as connection:
        metadata.create_all(connection)
        derive(connection, layers, lambda _: None)
        derive(connection, layers, lambda _: None)
    engine.dispose()
    with psycopg2.connect(empty_database_url) as opened, opened.cursor() as cursor:
        cursor.executemany(
            'INSERT INTO layer."Bảng ""lạ"" %%s $1 :x" ("Mã ""số""", "Tên; DROP TABLE x", "order",'
            ' "Hình") VALUES (%s, %s, %s, ST_GeomFromText(%s, 4326))',
            ROWS,
        )
        cursor.execute(
            'INSERT INTO layer."CamelCase" ("Mã ""số""", "Hình")'
            " VALUES ('date line', ST_GeomFromText('LINESTRING(179 1, 181 2)', 4326))"
        )
    opened.close()
    settings = Settings(database_url=empty_database_url, cache_mb=1, access_log=False)
    application = create_app(settings, Catalogue(layers))

    def fetch(path: str, **params: Any) -> httpx.Response:
        return asyncio.run(_get(application, path, params))

    return fetch


async def _get(application: Any, path: str, params: dict[str, Any]) -> httpx.Response:
    started, stopped = asyncio.Event(), asyncio.Event()
    messages = iter([{"type": "lifespan.startup"}])

    async def receive() -> Any:
        for message in messages:
            return message
        await stopped.wait()
        return {"type": "lifespan.shutdown"}

    async def send(message: Any) -> None:
        assert message["type"] != "lifespan.startup.failed", message
        started.set()

    life = asyncio.create_task(application({"type": "lifespan", "asgi": {}}, receive, send))
    await started.wait()
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.get(path, params=params)
    stopped.set()
    await life
    return answer


def test_every_row_is_served_with_its_strange_names(get: Callable[..., httpx.Response]) -> None:
    answer = get("/ogc/collections/Quoted/items", limit=100)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["numberMatched"] == body["numberReturned"] == len(ROWS)
    found = {f["id"]: f for f in body["features"]}
    assert set(found) == {row[0] for row in ROWS}
    assert found["a'b"]["properties"]["Tên; DROP TABLE x"] == 'x"y\\z'
    assert found["a'b"]["geometry"] == {"type": "Point", "coordinates": [108, 15.5]}
    assert found["🚑"]["geometry"] is None
    assert found["🚑"]["properties"]["order"] is None


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_every_id_has_an_address(get: Callable[..., httpx.Response], row: Any) -> None:
    from urllib.parse import quote

    answer = get(f"/ogc/collections/Quoted/items/{quote(row[0], safe='')}")
    assert answer.status_code == 200, answer.text
    assert answer.json()["id"] == row[0]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"bbox": "107,15,108.2,16"}, {"a'b"}),
        ({"order": "2"}, {"a/b?c#d"}),
        ({"q": "duong %s"}, {"a/b?c#d"}),
        (
            {"filter": '"order" > 0 AND S_INTERSECTS("Hình", BBOX(107,15,109,16))'},
            {"a'b", "a/b?c#d"},
        ),
        ({"filter": '"Tên; DROP TABLE x" IS NULL'}, {"🚑"}),
        ({"filter": '"Mã ""số""" = \'a\'\'b\''}, {"a'b"}),
        ({"sortby": "-order", "limit": "1"}, {"🚑"}),
        ({"bbox": "-180,-90,180,90"}, {"a'b", "a/b?c#d", "pole"}),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_conditions_on_strange_columns(
    get: Callable[..., httpx.Response], params: dict[str, str], expected: set[str]
) -> None:
    answer = get("/ogc/collections/Quoted/items", **params)
    assert answer.status_code == 200, answer.text
    assert {f["id"] for f in answer.json()["features"]} == expected


@pytest.mark.parametrize("f", ["json", "html", "csv", "geojsonl", "fgb"])
@pytest.mark.parametrize("layer", ["Quoted", "empty", "lines"])
def test_every_format_of_every_table(
    get: Callable[..., httpx.Response], layer: str, f: str
) -> None:
    answer = get(f"/ogc/collections/{layer}/items", f=f)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("layer", ["Quoted", "empty", "lines"])
@pytest.mark.parametrize("f", ["json", "html"])
def test_metadata_of_every_table(get: Callable[..., httpx.Response], layer: str, f: str) -> None:
    for part in ("", "/queryables", "/schema", "/sortables"):
        answer = get(f"/ogc/collections/{layer}{part}", f=f)
        assert answer.status_code == 200, (part, answer.text)


def test_tiles_of_every_table(get: Callable[..., httpx.Response]) -> None:
    answer = get("/ogc/collections/Quoted/tiles/WebMercatorQuad/0/0/0")
    decoded = mapbox_vector_tile.decode(answer.content)["Quoted"]["features"]
    assert {f["properties"]["id"] for f in decoded} == {"a'b", "a/b?c#d"}
    assert get("/ogc/collections/empty/tiles/WebMercatorQuad/0/0/0").status_code == 204
    assert get("/ogc/collections/lines/tiles/WebMercatorQuad/0/0/0").status_code == 200


def test_a_box_across_the_antimeridian(get: Callable[..., httpx.Response]) -> None:
    answer = get("/ogc/collections/lines/items", bbox="179.5,0,-179.5,3")
    assert [f["id"] for f in answer.json()["features"]] == ["date line"]
