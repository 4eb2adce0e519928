"""A small layer of points with a hostile name, for the tests of tiles and ledgers."""

from __future__ import annotations

import sqlalchemy as sa
from geoalchemy2 import Geometry

from layers.derive import derive
from layers.layer import Column, GeometryType, Layer, Text
from layers.migrate import sqlalchemy_url
from layers.themes import ADMIN

metadata = sa.MetaData(schema="layer")


def make_layer(name: str, geometry: GeometryType) -> Layer:
    """A layer of `id`, `name` and a geometry that may be null."""
    text = Text(name, name)
    table = sa.Table(
        f'{name} "Đ" %',
        metadata,
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text),
        sa.Column("geom", Geometry(geometry.upper(), srid=4326, spatial_index=False)),
        sa.Column(
            "geom_3857",
            Geometry(geometry.upper(), srid=3857, spatial_index=False),
            sa.Computed("ST_Transform(geom, 3857)", persisted=True),
        ),
        sa.Column("feature", sa.Text),
        sa.Column("search", sa.Text),
    )
    columns = (
        Column("id", text),
        Column("name", text, max_length=40, in_tiles=True),
    )
    return Layer(
        id=name,
        theme=ADMIN,
        title=text,
        description=text,
        table=table,
        geometry_type=geometry,
        columns=columns,
        title_column="name",
        steward="it",
    )


PLACES = make_layer("places", "Point")
AREAS = make_layer("areas", "Polygon")


def create(database_url: str) -> None:
    """Create the two layers in a migrated database."""
    engine = sa.create_engine(sqlalchemy_url(database_url))
    with engine.begin() as connection:
        metadata.create_all(connection)
        derive(connection, [PLACES, AREAS], lambda _: None)
    engine.dispose()
