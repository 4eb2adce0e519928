"""What a QGIS user does with rasters, run by the system's Python with PyQGIS; prints it as JSON.

Usage: qgis_rasters.py ADDRESS FOLDER COLLECTION LON LAT; images are written to the folder, and
the values at the place are read.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsPointXY,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

SIZE = 300
DEGREES = QgsCoordinateReferenceSystem("EPSG:4326")
MERCATOR = QgsCoordinateReferenceSystem("EPSG:3857")
AROUND = QgsRectangle(107.7, 15.2, 108.6, 15.9)


def moved(to: Any) -> Any:
    """From degrees into another system."""
    return QgsCoordinateTransform(DEGREES, to, QgsProject.instance())


def drawn(shown: Any, path: Path) -> int:
    """Draw a layer on white, in Web Mercator; how many pixels are not white."""
    settings = QgsMapSettings()
    settings.setLayers([shown])
    settings.setDestinationCrs(MERCATOR)
    settings.setExtent(moved(MERCATOR).transformBoundingBox(AROUND))
    settings.setOutputSize(QSize(SIZE, SIZE))
    settings.setBackgroundColor(QColor("white"))
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    image.save(str(path))
    white = QColor("white").rgb()
    return sum(image.pixel(x, y) != white for x in range(SIZE) for y in range(SIZE))


def seen(shown: Any, name: str, place: Any, folder: Path) -> dict[str, Any]:
    """What there is to say of a layer."""
    value, is_there = shown.dataProvider().sample(moved(shown.crs()).transform(place), 1)
    return {
        "valid": shown.isValid(),
        "crs": shown.crs().authid(),
        "width": shown.width(),
        "height": shown.height(),
        "bands": shown.bandCount(),
        "value": value if is_there else None,
        "pixels": drawn(shown, folder / f"{name}.png"),
    }


def session(server: str, folder: Path, name: str, place: Any) -> dict[str, Any]:
    """Add one raster in each of the ways there are."""
    collection = f"{server}/ogc/collections/{name}"
    template = f"{collection}/map/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}?f=png"
    tiles = f"type=xyz&url={quote(template, safe=':/{}')}&zmin=0&zmax=14"
    ways = {
        "cog": (f"/vsicurl/{collection}/cog", "gdal"),
        "coverage": (f"OGCAPI:{collection}", "gdal"),
        "map": (f"OGCAPI:{collection}|option:API=MAP", "gdal"),
        "tiles": (tiles, "wms"),
    }
    return {
        way: seen(QgsRasterLayer(address, way, provider), way, place, folder)
        for way, (address, provider) in ways.items()
    }


def main() -> None:
    application = QgsApplication([], False)
    application.initQgis()
    server, folder, name, lon, lat = sys.argv[1:]
    found = session(server, Path(folder), name, QgsPointXY(float(lon), float(lat)))
    print("RESULT " + json.dumps(found), flush=True)
    application.exitQgis()


main()
