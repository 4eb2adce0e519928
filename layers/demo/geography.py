"""Where people live, for the demo: real units and settlements, synthetic populations.

All coordinates are longitude, latitude in degrees, EPSG:4326.
"""

from __future__ import annotations

import csv
import json
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray
from shapely.ops import nearest_points

from layers.province import Province, ProvinceError

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]

KM_PER_DEGREE = 111.2
DECIMALS = 6
"""Decimals of demo coordinates: a tenth of a metre."""

_PEOPLE_BY_KIND = {"Phường": 9_500, "Thị trấn": 8_500, "Xã": 6_500}


@dataclass(frozen=True)
class Unit:
    """An administrative unit of the present communes or the former districts."""

    code: str
    name: str
    kind: str
    parent_code: str
    shape: Any


@dataclass(frozen=True)
class Geography:
    """The communes, and the settlements in and around which demo points are placed.

    Attributes:
        settlement_names: full names of the former communes, one settlement each.
        longitude, latitude: of the settlements; inside the province.
        people: synthetic population of each settlement; the sum is the province's.
        spread_km: the standard deviation of homes around a settlement's centre.
        ruggedness: 0 in the densest lowland to 1 in the emptiest mountains.
    """

    province_code: str
    province_shape: Any
    communes: tuple[Unit, ...]
    districts: dict[str, Unit]
    settlement_names: tuple[str, ...]
    settlement_districts: tuple[str, ...]
    longitude: Floats
    latitude: Floats
    people: Floats
    spread_km: Floats
    ruggedness: Floats

    def scatter(self, rng: np.random.Generator, settlements: Integers) -> tuple[Floats, Floats]:
        """A home near each of the given settlements (by index), inside the province."""
        longitude = np.empty(len(settlements))
        latitude = np.empty(len(settlements))
        pending = np.arange(len(settlements))
        while pending.size:
            chosen = settlements[pending]
            lon, lat = self._offset(rng, chosen)
            inside = shapely.contains_xy(self.province_shape, lon, lat)
            longitude[pending[inside]] = lon[inside]
            latitude[pending[inside]] = lat[inside]
            pending = pending[~inside]
        return longitude, latitude

    def _offset(self, rng: np.random.Generator, chosen: Integers) -> tuple[Floats, Floats]:
        # Heavy-tailed: most homes near the centre, some along the roads far out.
        distance = self.spread_km[chosen] * rng.standard_t(4, chosen.size) / KM_PER_DEGREE
        angle = rng.uniform(0, np.pi, chosen.size)
        latitude = self.latitude[chosen] + distance * np.sin(angle)
        stretch = np.cos(np.radians(self.latitude[chosen]))
        longitude = self.longitude[chosen] + distance * np.cos(angle) / stretch
        return longitude.round(DECIMALS), latitude.round(DECIMALS)

    def place(self, rows: pa.Table, longitude: Floats, latitude: Floats) -> pa.Table:
        """The rows with `geom`, `commune_code` and `district_code` of their points.

        Points of the province lie in a commune; the database would find the same ones, one by
        one.
        """
        index = np.full(len(longitude), -1)
        for number, commune in enumerate(self.communes):
            west, south, east, north = commune.shape.bounds
            near = (longitude >= west) & (longitude <= east)
            near &= (latitude >= south) & (latitude <= north) & (index < 0)
            candidates = np.flatnonzero(near)
            shapely.prepare(commune.shape)
            inside = shapely.contains_xy(commune.shape, longitude[candidates], latitude[candidates])
            index[candidates[inside]] = number
        taken = pa.array(index, mask=index < 0)
        communes = pa.array([commune.code for commune in self.communes])
        districts = pa.array([commune.parent_code for commune in self.communes])
        return (
            rows.append_column("commune_code", communes.take(taken))
            .append_column("district_code", districts.take(taken))
            .append_column("geom", points(longitude, latitude))
        )

    def circle(self, settlement: int, kilometres: float) -> str:
        """What lies around a settlement inside the province, as hexadecimal EWKB."""
        centre = shapely.Point(self.longitude[settlement], self.latitude[settlement])
        around = centre.buffer(kilometres / KM_PER_DEGREE, quad_segs=12)
        area = shapely.set_precision(around.intersection(self.province_shape), 1e-5)
        parts = [part for part in shapely.get_parts(area) if part.geom_type == "Polygon"]
        shape = shapely.set_srid(shapely.MultiPolygon(parts), 4326)
        written: str = shapely.to_wkb(shape, hex=True, include_srid=True)
        return written

    def population(self) -> dict[str, int]:
        """The synthetic population of each unit by its code, the whole province's included."""
        shapes = [commune.shape for commune in self.communes]
        places = shapely.points(self.longitude, self.latitude)
        homes = np.asarray(shapely.STRtree(shapes).nearest(places))
        # A commune in which no settlement lies shares the nearest one.
        sharing = [{int(home)} for home in homes]
        for empty in sorted(set(range(len(shapes))) - set(homes.tolist())):
            sharing[int(np.argmin(shapely.distance(shapes[empty], places)))].add(empty)
        found = Counter[str]()
        for communes, people in zip(sharing, self.people, strict=True):
            for index in communes:
                commune = self.communes[index]
                for code in (commune.code, commune.parent_code, self.province_code):
                    found[code] += people / len(communes)
        return {code: round(people) for code, people in found.items()}

    def commune_at(self, longitude: float, latitude: float) -> Unit:
        """The commune that contains a point of the province, or the nearest one."""
        point = shapely.Point(longitude, latitude)
        shapes = [commune.shape for commune in self.communes]
        return self.communes[int(np.argmin(shapely.distance(shapes, point)))]

    def inside(self, longitude: float, latitude: float) -> tuple[float, float]:
        """The point itself if the province contains it, else one just inside, near to it."""
        commune = self.commune_at(longitude, latitude)
        return step_inside(commune.shape, longitude, latitude)


def step_inside(shape: Any, longitude: float, latitude: float) -> tuple[float, float]:
    """The point if the shape contains it, else the first one on the way to its middle."""
    middle = shapely.point_on_surface(shape)
    start = shapely.Point(longitude, latitude)
    if not shape.contains(start):
        start = nearest_points(shape, start)[0]
    way = shapely.LineString([start, middle]) if start != middle else None
    for share in (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.7):
        spot = start if way is None else way.interpolate(share, normalized=True)
        x, y = round(spot.x, DECIMALS), round(spot.y, DECIMALS)
        if shapely.contains_xy(shape, x, y):
            return x, y
    return round(middle.x, DECIMALS), round(middle.y, DECIMALS)


def load_geography(province: Province) -> Geography:
    """Read the province's units and settlements and give each a synthetic population.

    Raises:
        ProvinceError: a data file does not hold what it should.
    """
    try:
        units = _units(province)
        rows = _settlement_rows(province)
    except (KeyError, ValueError, TypeError, shapely.errors.ShapelyError) as error:
        raise ProvinceError(f"the data of {province.id} cannot be read: {error!r}") from error
    levels: dict[str, list[Unit]] = {}
    for level, unit in units:
        levels.setdefault(level, []).append(unit)
    if not {"province", "district", "commune"} <= levels.keys():
        raise ProvinceError(f"{province.admin_units_file} must hold all three levels")
    shape = levels["province"][0].shape
    shapely.prepare(shape)
    communes = tuple(levels["commune"])
    districts = {unit.code: unit for unit in levels["district"]}
    places = [_settle(shape, float(row["lon"]), float(row["lat"])) for row in rows]
    homes = _districts_of(communes, places)
    area = _area_per_settlement(communes, homes)
    # The emptier the land around it, the fewer people a commune has.
    weight = np.array([_PEOPLE_BY_KIND.get(row["kind"], 6_500) for row in rows], float)
    weight *= np.clip(np.sqrt(20.0 / area), 0.22, 1.3)
    return Geography(
        province_code=levels["province"][0].code,
        province_shape=shape,
        communes=communes,
        districts=districts,
        settlement_names=tuple(row["name"] for row in rows),
        settlement_districts=homes,
        longitude=np.array([x for x, _ in places]),
        latitude=np.array([y for _, y in places]),
        people=weight / weight.sum() * province.synthetic_population,
        spread_km=0.3 * np.sqrt(area),
        ruggedness=area / (area + 30.0),
    )


def _units(province: Province) -> list[tuple[str, Unit]]:
    collection = json.loads(province.admin_units_file.read_text(encoding="utf-8"))
    return [
        (
            feature["properties"]["level"],
            Unit(
                code=feature["properties"]["code"],
                name=unicodedata.normalize("NFC", feature["properties"]["name"]),
                kind=feature["properties"]["kind"],
                parent_code=feature["properties"]["parent_code"] or "",
                shape=shapely.from_geojson(json.dumps(feature["geometry"])),
            ),
        )
        for feature in collection["features"]
    ]


def _settlement_rows(province: Province) -> list[dict[str, str]]:
    with province.communes_file.open(encoding="utf-8-sig", newline="") as file:
        return [
            {name: unicodedata.normalize("NFC", value) for name, value in row.items()}
            for row in csv.DictReader(file)
        ]


def _districts_of(
    communes: Sequence[Unit], places: Sequence[tuple[float, float]]
) -> tuple[str, ...]:
    """The code of the district each place lies in, by the communes' shapes."""
    nearest = shapely.STRtree([commune.shape for commune in communes]).nearest(
        shapely.points(places)
    )
    return tuple(communes[int(index)].parent_code for index in nearest)


def _area_per_settlement(communes: Sequence[Unit], districts: Sequence[str]) -> Floats:
    """Mean area in km² of a settlement in the district of each settlement."""
    areas = dict.fromkeys(districts, 0.0)
    for commune in communes:
        middle = np.radians(commune.shape.centroid.y)
        area = commune.shape.area * KM_PER_DEGREE**2 * np.cos(middle)
        areas[commune.parent_code] = areas.get(commune.parent_code, 0.0) + area
    counts = Counter(districts)
    return np.array([areas[district] / counts[district] for district in districts])


def _settle(shape: Any, longitude: float, latitude: float) -> tuple[float, float]:
    if shapely.contains_xy(shape, longitude, latitude):
        return longitude, latitude
    return step_inside(shape, longitude, latitude)


def points(longitude: Floats, latitude: Floats) -> pa.Array:
    """Points as hexadecimal EWKB in EPSG:4326, which PostGIS reads."""
    layout = np.dtype([("order", "u1"), ("type", "<u4"), ("srid", "<u4"), ("xy", "<f8", 2)])
    shapes = np.zeros(len(longitude), layout)
    shapes["order"], shapes["type"], shapes["srid"] = 1, 0x2000_0001, 4326
    shapes["xy"] = np.column_stack([longitude, latitude])
    return hexadecimal(shapes.tobytes(), layout.itemsize)


def hexadecimal(octets: bytes, size: int) -> pa.Array:
    """A column of hexadecimal texts, each of `size` octets."""
    digits = np.frombuffer(octets.hex().encode(), f"S{2 * size}")
    return pa.array(digits, pa.binary()).cast(pa.string())


def hilbert_order(longitude: Floats, latitude: Floats) -> Integers:
    """The order of the points along a Hilbert curve over their bounding box (65,536 cells a side).

    Rows stored in this order lie near their neighbours on disk, so that a map tile reads few
    pages. Algorithm: Hilbert 1891, in the usual rotate-and-reflect form.
    """
    side = 1 << 16
    x, y = (_cells(values, side) for values in (longitude, latitude))
    distance = np.zeros(len(x), np.int64)
    step = side >> 1
    while step:
        right = ((x & step) > 0).astype(np.int64)
        upper = ((y & step) > 0).astype(np.int64)
        distance += step * step * ((3 * right) ^ upper)
        flip = (upper == 0) & (right == 1)
        x = np.where(flip, side - 1 - x, x)
        y = np.where(flip, side - 1 - y, y)
        x, y = np.where(upper == 0, y, x), np.where(upper == 0, x, y)
        step >>= 1
    return np.argsort(distance, kind="stable")


def _cells(values: Floats, side: int) -> Integers:
    low, high = float(values.min()), float(values.max())
    scale = (side - 1) / (high - low) if high > low else 0.0
    return ((values - low) * scale).astype(np.int64)
