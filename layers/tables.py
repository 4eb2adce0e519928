"""The tables of the layers: one constructor, so that every layer's table has the same bones.

A table's CHECK constraints come from the same `Column` records that readers and editors see, so
that a code list or a range is written once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import sqlalchemy as sa
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.schema import SchemaItem

from layers.layer import EXACT_GEOMETRY, LAYER_SCHEMA, Column, GeometryType, Text
from spatial.sql import literal, quote

IdType = Literal["bigint", "uuid", "text"]

metadata = sa.MetaData(
    schema=LAYER_SCHEMA,
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    },
)
"""The tables of all layers."""

COMMUNE_CODE = Column(
    "commune_code",
    Text("Xã, phường", "Commune"),
    Text(
        "Mã đơn vị hành chính cấp xã (2025) chứa điểm; cơ sở dữ liệu tự xác định",
        "Code of the commune (2025) that contains the point; the database determines it",
    ),
    editable=False,
)
DISTRICT_CODE = Column(
    "district_code",
    Text("Quận, huyện", "District"),
    Text(
        "Mã đơn vị hành chính cấp huyện (2021) chứa điểm; cơ sở dữ liệu tự xác định",
        "Code of the district (2021) that contains the point; the database determines it",
    ),
    editable=False,
)
UPDATED_AT = Column("updated_at", Text("Cập nhật lúc", "Updated"), editable=False)
PLACE = (COMMUNE_CODE, DISTRICT_CODE)
"""The columns that say where a point lies; every point layer lists them."""


def moment() -> TIMESTAMP:
    """The type of an instant: `timestamptz` to the second."""
    return TIMESTAMP(timezone=True, precision=0)


def layer_table(
    name: str,
    *items: SchemaItem,
    geometry_type: GeometryType,
    id_type: IdType | None = "bigint",
    described_by: Sequence[Column] = (),
    keeps_exact: bool = False,
) -> sa.Table:
    """A layer's table in the schema `layer`.

    Args:
        name: the table's name, which is also the layer's id.
        items: the layer's own columns and constraints.
        geometry_type: of `geom`, EPSG:4326 in longitude, latitude order.
        id_type: the type of the primary key `id`; None when `items` bring their own key.
        described_by: the records of the columns; codes, ranges and lengths become CHECKs.
        keeps_exact: whether `geom` is coarse and the exact position stands beside it.

    The database keeps `geom_3857` (generated), `feature`, `search` and, for points,
    `commune_code` and `district_code` (by triggers).
    """
    place: list[SchemaItem] = []
    if geometry_type == "Point":
        place = [sa.Column(column.name, sa.Text) for column in PLACE]
    exact: list[SchemaItem] = []
    if keeps_exact:
        exact = [sa.Column(EXACT_GEOMETRY, _geometry(geometry_type, 4326), nullable=False)]
    return sa.Table(
        name,
        metadata,
        *_id_column(id_type),
        *items,
        *place,
        sa.Column("updated_at", moment(), nullable=False, server_default=sa.func.now()),
        sa.Column("geom", _geometry(geometry_type, 4326), nullable=False),
        *exact,
        sa.Column(
            "geom_3857",
            _geometry(geometry_type, 3857),
            sa.Computed("ST_Transform(geom, 3857)", persisted=True),
        ),
        sa.Column("feature", sa.Text),
        sa.Column("search", sa.Text),
        *(check for column in described_by for check in column_checks(column)),
    )


def _id_column(id_type: IdType | None) -> list[SchemaItem]:
    if id_type is None:
        return []
    if id_type == "uuid":
        default = sa.text("gen_random_uuid()")
        return [sa.Column("id", sa.Uuid, primary_key=True, server_default=default)]
    if id_type == "text":
        return [sa.Column("id", sa.Text, primary_key=True)]
    return [sa.Column("id", sa.BigInteger, sa.Identity(always=False), primary_key=True)]


def _geometry(geometry_type: GeometryType, srid: int) -> Any:
    # The GiST indexes are made after the data, with all the derived objects.
    return Geometry(geometry_type.upper(), srid=srid, spatial_index=False)


def column_checks(column: Column) -> list[sa.CheckConstraint]:
    """The CHECKs that a column's code list, range and length are."""
    name = quote(column.name)
    checks: list[sa.CheckConstraint] = []
    if column.codes is not None:
        values = ", ".join(literal(value) for value in column.codes.values)
        checks.append(sa.CheckConstraint(f"{name} IN ({values})", name=f"{column.name}_code"))
    if column.minimum is not None:
        rule = f"{name} >= {column.minimum:g}"
        checks.append(sa.CheckConstraint(rule, name=f"{column.name}_min"))
    if column.maximum is not None:
        rule = f"{name} <= {column.maximum:.15g}"
        checks.append(sa.CheckConstraint(rule, name=f"{column.name}_max"))
    if column.max_length is not None:
        rule = f"char_length({name}) <= {column.max_length}"
        checks.append(sa.CheckConstraint(rule, name=f"{column.name}_length"))
    return checks
