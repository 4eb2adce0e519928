"""CSV and GeoJSON files."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from typing import Any

from layers.writing.reading import Job


def write_csv(job: Job) -> None:
    """UTF-8 with a byte order mark, so that Excel shows Vietnamese letters."""
    with job.plan.path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(job.plan.heads)
        for rows in job.batches():
            writer.writerows([_csv_value(value) for value in row] for row in rows)


def _csv_value(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value


def write_geojson(job: Job) -> None:
    """RFC 7946; a CRS other than CRS84 is named by the `crs` member that GDAL and QGIS read."""
    head = '{"type":"FeatureCollection","name":' + json.dumps(job.plan.layer)
    if job.plan.named_crs:
        name = {"name": f"urn:ogc:def:crs:EPSG::{job.plan.crs}"}
        head += ',"crs":' + json.dumps({"type": "name", "properties": name})
    with job.plan.path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f'{head},"features":[')
        separator = "\n"
        for rows in job.batches():
            file.write(separator + ",\n".join(feature for (feature,) in rows))
            separator = ",\n"
        file.write("\n]}\n")
