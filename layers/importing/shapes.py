"""Geometries of a file's rows: read, transformed to EPSG:4326, made to fit, checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import CRSError

from layers.importing.columns import Matching, fold
from layers.importing.problems import Fault, ImportFailed
from layers.importing.source import Row, Source
from layers.importing.values import number
from layers.layer import Layer
from spatial.errors import shown

_COLLECTIONS: dict[str, Any] = {
    "MultiPoint": shapely.MultiPoint,
    "MultiLineString": shapely.MultiLineString,
    "MultiPolygon": shapely.MultiPolygon,
}

Communes = Mapping[str, tuple[float, float]]
"""A point in each commune, longitude and latitude, by its code and by its folded name."""


class ShapeReader:
    """Reads the geometry of each row.

    Args:
        crs: the CRS given by the user, any text that PROJ knows; else the file's own, else
            longitude and latitude on WGS 84.

    Raises:
        ImportFailed: PROJ does not know the CRS, or a file with geometries names none.
    """

    def __init__(
        self,
        layer: Layer,
        source: Source,
        matching: Matching,
        crs: str | None,
        communes: Communes,
    ) -> None:
        self._layer = layer
        self._matching = matching
        self._communes = communes
        name = crs or source.crs
        if name is None and source.has_shapes:
            raise ImportFailed(
                "the file names no coordinate reference system: give --crs",
                "tệp không ghi hệ tọa độ: hãy thêm --crs",
            )
        self._transformer = _transformer(name or "EPSG:4326")

    def read(self, row: Row) -> tuple[Any, bool]:
        """The geometry as the file has it, and whether it is in the file's CRS.

        None where the database makes it.

        Raises:
            Fault: there is none, or it cannot be read.
        """
        matching = self._matching
        if row.shape is not None:
            return row.shape, True
        if matching.wkt and row.values.get(matching.wkt):
            try:
                return shapely.from_wkt(str(row.values[matching.wkt])), True
            except shapely.errors.GEOSException:
                raise Fault("WKT không đúng", "is not WKT") from None
        # An export writes a point in each area: it tells nothing of one that is made of units.
        is_made = self._layer.area_column is not None
        if matching.longitude and matching.latitude and not is_made:
            pair = [row.values.get(name) for name in (matching.longitude, matching.latitude)]
            if any(one not in (None, "") for one in pair):
                return shapely.Point(number(pair[0]), number(pair[1])), True
        if matching.commune and row.values.get(matching.commune) not in (None, ""):
            return shapely.Point(self._commune(row.values[matching.commune])), False
        if is_made:
            return None, False
        raise Fault("không có vị trí", "has no place")

    def _commune(self, given: Any) -> tuple[float, float]:
        text = str(int(given)) if isinstance(given, float) else str(given).strip()
        place = self._communes.get(text) or self._communes.get(fold(text))
        if place is None:
            raise Fault(
                f"không có xã, phường {shown(text)!r}", f"there is no commune {shown(text)!r}"
            )
        return place

    def placed(self, shapes: list[Any], own: list[bool]) -> list[Any]:
        """The geometries in EPSG:4326; those not in the file's CRS are there already."""
        if self._transformer is None:
            return shapes
        transform = self._transformer.transform

        def project(points: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.column_stack(transform(points[:, 0], points[:, 1], errcheck=False))

        moved = np.array([None if one is None else shapely.force_2d(one) for one in shapes])
        turn = np.array(own, bool)
        moved[turn] = shapely.transform(moved[turn], project)
        return list(moved)

    def fit(self, shape: Any) -> Any:
        """The geometry as the layer's type, without heights.

        Raises:
            Fault: it is empty, of another type, not valid, or not on the globe.
        """
        if shape is None and self._layer.area_column is not None:
            return None
        if shape is None or shape.is_empty:
            raise Fault("không có hình học", "has no geometry")
        shape = shapely.force_2d(shape)
        wanted = self._layer.geometry_type
        if shape.geom_type != wanted and wanted != "Geometry":
            shape = _converted(shape, wanted)
        west, south, east, north = shape.bounds
        if not np.isfinite([west, south, east, north]).all():
            raise Fault(
                "tọa độ nằm ngoài phạm vi của hệ tọa độ",
                "its coordinates lie outside of the coordinate reference system",
            )
        if west < -180 or east > 180 or south < -90 or north > 90:
            swapped = abs(south) > 90 and abs(west) <= 90 and abs(east) <= 90
            raise Fault(
                "kinh độ và vĩ độ bị đảo" if swapped else "tọa độ không phải là độ; cần --crs?",
                "longitude and latitude are swapped"
                if swapped
                else "its coordinates are not degrees; is --crs missing?",
            )
        if not shape.is_valid:
            reason = shapely.is_valid_reason(shape)
            raise Fault(f"hình học không hợp lệ: {reason}", f"its geometry is invalid: {reason}")
        return shape


def _converted(shape: Any, wanted: str) -> Any:
    if wanted == f"Multi{shape.geom_type}":
        return _COLLECTIONS[wanted]([shape])
    if shape.geom_type == f"Multi{wanted}" and len(shape.geoms) == 1:
        return shape.geoms[0]
    raise Fault(
        f"hình học là {shape.geom_type}, lớp này cần {wanted}",
        f"its geometry is a {shape.geom_type}, the layer has {wanted}",
    )


def _transformer(name: str) -> pyproj.Transformer | None:
    try:
        crs = pyproj.CRS.from_user_input(name)
    except CRSError:
        raise ImportFailed(
            f"PROJ knows no coordinate reference system {shown(name)!r}",
            f"PROJ không biết hệ tọa độ {shown(name)!r}",
        ) from None
    if crs.to_epsg() == 4326 or crs.to_authority() == ("OGC", "CRS84"):
        return None
    try:
        return pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    except pyproj.exceptions.ProjError:
        raise ImportFailed(
            f"{shown(name)!r} cannot be transformed to longitude and latitude",
            f"không đổi được {shown(name)!r} sang kinh độ, vĩ độ",
        ) from None
