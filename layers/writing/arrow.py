"""GeoParquet, and the formats that GDAL writes from Arrow's batches."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib.abc import MetaPathFinder
from typing import Any

import pyarrow as pa

from layers.writing.plan import GEOMETRY
from layers.writing.reading import Job

_TYPES = {
    "int8": pa.int64(),
    "float8": pa.float64(),
    "bool": pa.bool_(),
    "timestamptz": pa.timestamp("ms", tz="UTC"),
    "date": pa.date32(),
}

_GDAL_OPTIONS = {
    # Else a tenth of the machine's memory, for the spatial index of a GeoPackage.
    "OGR_GPKG_MAX_RAM_USAGE_RTREE": "2000000",
    # Megabytes.
    "OGR_SQLITE_CACHE": "2",
}


def _batches(job: Job) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """The rows as Arrow, the last column the geometry in WKB."""
    fields = [pa.field(one.name, _TYPES.get(one.kind, pa.string())) for one in job.plan.fields]
    marks = {"ARROW:extension:name": "geoarrow.wkb"}
    schema = pa.schema([*fields, pa.field(GEOMETRY, pa.binary(), metadata=marks)])

    def batches() -> Iterator[pa.RecordBatch]:
        for rows in job.batches():
            *values, shapes = zip(*rows, strict=True)
            arrays = [
                pa.array(column, field.type) for column, field in zip(values, fields, strict=True)
            ]
            octets = pa.array([None if one is None else bytes(one) for one in shapes], pa.binary())
            yield pa.record_batch([*arrays, octets], schema=schema)

    return schema, batches()


class _Unwanted(MetaPathFinder):
    """Makes packages that a library would load where they are installed count as not installed.

    pyogrio and Arrow look for these two, 60 MB that the writing of a file has no use for.
    """

    names = ("geopandas", "pandas")

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> None:
        """None, so that others look; refused for what is not wanted."""
        if fullname in self.names:
            raise ModuleNotFoundError(fullname, name=fullname)


def write_gdal(job: Job, driver: str) -> None:
    """A file of one of GDAL's formats, by the driver's name."""
    # GDAL is the largest library here, and GeoParquet is written without it.
    sys.meta_path.insert(0, _Unwanted())
    import pyogrio

    pyogrio.set_gdal_config_options(_GDAL_OPTIONS)
    schema, batches = _batches(job)
    failure: list[BaseException] = []

    def watched() -> Iterator[pa.RecordBatch]:
        # GDAL reports an exception of the stream as an error of its own.
        try:
            yield from batches
        except BaseException as error:
            failure.append(error)
            raise

    try:
        pyogrio.write_arrow(
            pa.RecordBatchReader.from_batches(schema, watched()),
            job.plan.path,
            layer=job.plan.layer,
            driver=driver,
            geometry_name=GEOMETRY,
            geometry_type=job.plan.geometry_type.replace("Geometry", "Unknown"),
            crs=f"EPSG:{job.plan.crs}",
        )
    except Exception:
        if failure:
            raise failure[0] from None
        raise


def write_parquet(job: Job) -> None:
    """GeoParquet 1.1.0 with WKB; the bounds are known, and written, at the end."""
    # Arrow's other formats do without it.
    import pyarrow.parquet

    plan = job.plan
    schema, batches = _batches(job)
    plain = schema.set(len(schema) - 1, pa.field(GEOMETRY, pa.binary()))
    with pyarrow.parquet.ParquetWriter(plan.path, plain, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(pa.record_batch(batch.columns, schema=plain))
        types = [] if plan.geometry_type == "Geometry" else [plan.geometry_type]
        description: dict[str, Any] = {"encoding": "WKB", "geometry_types": types}
        if plan.named_crs:  # the default is CRS84
            import pyproj

            description["crs"] = pyproj.CRS.from_epsg(plan.crs).to_json_dict()
        box = job.one(plan.bounds) if plan.bounds is not None else (None,)
        if box[0] is not None:
            description["bbox"] = list(box)
        geo = {
            "version": "1.1.0",
            "primary_column": GEOMETRY,
            "columns": {GEOMETRY: description},
        }
        writer.add_key_value_metadata({"geo": json.dumps(geo)})
