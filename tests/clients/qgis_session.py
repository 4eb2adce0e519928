"""What a QGIS user does, run by the system's Python with PyQGIS; prints what came of it as JSON.

Usage: qgis_session.py ADDRESS FOLDER TIME; images are written to the folder, and features that
were reported at or after the time are read.
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
    QgsFeatureRequest,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorTileLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

STYLES = Path(__file__).resolve().parents[2] / "styles" / "qgis"
TAM_KY = QgsRectangle(108.3, 15.5, 108.6, 15.65)
PROVINCE = QgsRectangle(107.2, 14.9, 108.8, 16.1)
SIZE = 400


def layer(server: str, name: str, expression: str = "") -> Any:
    """The collection as QGIS's data source manager adds it, with a filter or without."""
    address = f"url='{server}/ogc' typename='{name}'"
    if expression:
        escaped = expression.replace("'", "\\'")
        address += f" filter='{escaped}'"
    return QgsVectorLayer(address, name, "OAPIF")


def tiles(server: str, name: str) -> Any:
    """The collection's vector tiles."""
    template = f"{server}/ogc/collections/{name}/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}?f=mvt"
    address = quote(template, safe=":/{}")
    return QgsVectorTileLayer(f"type=xyz&url={address}&zmin=0&zmax=14", name)


def drawn(shown: Any, crs: str, extent: Any, path: Path) -> int:
    """Draw a layer on white; how many pixels are not white."""
    settings = QgsMapSettings()
    settings.setLayers([shown])
    settings.setDestinationCrs(QgsCoordinateReferenceSystem(crs))
    settings.setExtent(extent)
    settings.setOutputSize(QSize(SIZE, SIZE))
    settings.setBackgroundColor(QColor("white"))
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    image.save(str(path))
    white = QColor("white").rgb()
    return sum(image.pixel(x, y) != white for x in range(SIZE) for y in range(SIZE))


def features(shown: Any, request: Any = None) -> dict[str, Any]:
    """How many features QGIS reads, how many ids they have, and where they are."""
    found = list(shown.getFeatures() if request is None else shown.getFeatures(request))
    boxes = [feature.geometry().boundingBox() for feature in found]
    return {
        "count": len(found),
        "ids": len({feature["code"] for feature in found}),
        "west": min((box.xMinimum() for box in boxes), default=None),
        "south": min((box.yMinimum() for box in boxes), default=None),
    }


def flows(folder: Path) -> Any:
    """A result of flows, with the style that lies beside it under the same name."""
    places = [[107.5, 15.8], [108.2, 15.5], [108.4, 15.9]]
    lines = [(0, 1, 40), (1, 0, 12), (2, 0, 5)]
    made = [
        {
            "type": "Feature",
            "geometry": {"type": "LineString", "coordinates": [places[one], places[other]]},
            "properties": {"n": n},
        }
        for one, other, n in lines
    ]
    path = folder / "flows.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": made}))
    path.with_suffix(".qml").write_bytes((STYLES / "flows.qml").read_bytes())
    return QgsVectorLayer(str(path), "flows", "ogr")


def session(server: str, folder: Path, time: str) -> dict[str, Any]:
    """Add the layers, filter, page through, draw."""
    sos = layer(server, "sos_requests")
    units = layer(server, "admin_units")
    filtered = layer(server, "sos_requests", '"priority" = \'critical\' AND "people" > 3')
    since = layer(server, "sos_requests", f"\"reported_at\" >= '{time}'")
    steps = flows(folder)
    request = QgsFeatureRequest(TAM_KY)
    mercator = QgsCoordinateReferenceSystem("EPSG:3857")
    wide = QgsRectangle(11_930_000, 1_675_000, 12_115_000, 1_815_000)
    return {
        "valid": [each.isValid() for each in (sos, units, filtered, since)],
        "title": sos.dataProvider().layerMetadata().title(),
        "fields": {field.name(): field.typeName() for field in sos.fields()},
        "featureCount": sos.featureCount(),
        "all": features(sos),
        "units": features(units),
        "filtered": features(filtered),
        "since": features(since),
        "inside": features(layer(server, "vaccination_points"), request),
        "flows": steps.renderer().symbol().symbolLayer(0).layerType(),
        "drawn": {
            "sos": drawn(sos, "EPSG:4326", PROVINCE, folder / "sos.png"),
            "units": drawn(units, "EPSG:5899", _reprojected(PROVINCE), folder / "units.png"),
            "tiles": drawn(
                tiles(server, "admin_units"), mercator.authid(), wide, folder / "tiles.png"
            ),
            "flows": drawn(steps, "EPSG:4326", PROVINCE, folder / "flows.png"),
            "point tiles": drawn(
                tiles(server, "sos_requests"), mercator.authid(), wide, folder / "points.png"
            ),
        },
    }


def _reprojected(extent: Any) -> Any:
    from qgis.core import QgsCoordinateTransform, QgsProject

    source = QgsCoordinateReferenceSystem("EPSG:4326")
    target = QgsCoordinateReferenceSystem("EPSG:5899")
    return QgsCoordinateTransform(source, target, QgsProject.instance()).transformBoundingBox(
        extent
    )


def main() -> None:
    application = QgsApplication([], False)
    application.initQgis()
    print("RESULT " + json.dumps(session(sys.argv[1], Path(sys.argv[2]), sys.argv[3])), flush=True)
    application.exitQgis()


main()
