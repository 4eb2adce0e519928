"""The road graph as an analysis reads it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.analysis.reading import Reader
from spatial.errors import BadInput
from spatial.network import Network
from spatial.sql import bind, sql


@dataclass(frozen=True, eq=False)
class Roads:
    """The graph that was loaded last.

    Attributes:
        network: of it, in the province's metric system.
        loaded_at: when it was loaded, as PostgreSQL writes a time.
    """

    network: Network
    loaded_at: str
    _reader: Reader
    _edge_ids: NDArray[np.int64]

    def lines(self, edges: NDArray[np.intp]) -> NDArray[np.object_]:
        """The lines of edges, given by ascending index, as shapely's in metres."""
        ids = ",".join(str(one) for one in self._edge_ids[edges].tolist())
        rows = self._reader.rows(
            sql(
                "SELECT ST_AsBinary(ST_Transform(geom, {})) FROM road.edge"
                " WHERE id = ANY ({}) ORDER BY id",
                bind(self._reader.province.metric_srid, "int4"),
                bind(f"{{{ids}}}", "int8[]"),
            )
        )
        return np.array(shapely.from_wkb([bytes(row[0]) for row in rows]), dtype=object)


def roads_of(reader: Reader, along: str | None) -> Roads | None:
    """The road graph, where ways are to go by it.

    Args:
        along: `road`, `straight`, or None for roads where there is a graph.

    Raises:
        BadInput: `road` is asked for, and there is no graph in the province's metric system.
    """
    if along == "straight":
        return None
    srid = reader.province.metric_srid
    found = reader.rows(
        sql("SELECT loaded_at::text FROM road.graph WHERE srid = {}", bind(srid, "int4"))
    )
    if not found:
        if along == "road":
            raise BadInput(
                f"along 'road' needs a road graph in EPSG:{srid} (`dieuhanh roads import`)",
                f"along=road cần mạng đường EPSG:{srid} (`dieuhanh roads import`)",
            )
        return None
    nodes = reader.arrays(
        sql("SELECT id::float8, ST_X(geom), ST_Y(geom) FROM road.node ORDER BY id"), 3
    )
    edges = reader.arrays(
        sql(
            "SELECT id::float8, source::float8, target::float8, cost, reverse_cost, length_m"
            " FROM road.edge ORDER BY id",
        ),
        6,
    )
    ends = np.searchsorted(nodes[:, 0], edges[:, 1:3])
    network = Network(nodes[:, 1:], ends[:, 0], ends[:, 1], edges[:, 3], edges[:, 4], edges[:, 5])
    return Roads(network, found[0][0], reader, edges[:, 0].astype(np.int64))
