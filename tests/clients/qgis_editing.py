"""What headless QGIS does with a layer's table as a person with a database login. Run by tests.

Run with the system's Python, which has QGIS's bindings: host, port, database, login, password,
the id of a feature of the person's district, the id of one outside of it.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from qgis.core import (
    QgsApplication,
    QgsDataSourceUri,
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsVectorDataProvider,
    QgsVectorLayer,
)

INSIDE, OUTSIDE = QgsPointXY(108.48, 15.56), QgsPointXY(108.33, 15.88)


def table(name: str, connection: list[str]) -> Any:
    """A layer's table as the browser panel adds it."""
    source = QgsDataSourceUri()
    source.setConnection(*connection)
    source.setDataSource("layer", name, "geom", "", "id")
    return QgsVectorLayer(source.uri(False), name, "postgres")


def may(layer: Any) -> dict[str, bool]:
    """What QGIS lets the person do with the layer."""
    found = layer.dataProvider().capabilities()
    return {
        "add": bool(found & QgsVectorDataProvider.AddFeatures),
        "change": bool(found & QgsVectorDataProvider.ChangeAttributeValues),
        "move": bool(found & QgsVectorDataProvider.ChangeGeometries),
        "delete": bool(found & QgsVectorDataProvider.DeleteFeatures),
    }


def saved(layer: Any, edit: Any) -> bool:
    """Start editing, edit, save; what was not saved is taken back."""
    assert layer.startEditing()
    edit()
    if layer.commitChanges():
        return True
    print("\n".join(layer.commitErrors()), file=sys.stderr)
    layer.rollBack()
    return False


def added(layer: Any, code: str, place: Any) -> bool:
    """A feature is drawn and its form filled in."""
    feature = QgsFeature(layer.fields())
    feature.setGeometry(QgsGeometry.fromPointXY(place))
    for name, value in {"code": code, "name": "Chốt QGIS", "kind": "lockdown"}.items():
        feature.setAttribute(name, value)
    for number in layer.fields().allAttributesList():
        default = layer.dataProvider().defaultValueClause(number)
        if default and feature.attribute(number) is None:
            feature.setAttribute(number, default)
    return saved(layer, lambda: layer.addFeature(feature))


def session(connection: list[str], own: int, other: int) -> dict[str, Any]:
    """Add, change, move and delete inside and outside of the person's district."""
    layer, closed = table("checkpoints", connection), table("hotels", connection)
    officers = layer.fields().lookupField("officers")
    # QGIS numbers the features that it reads; before, it has no name for them.
    read = {feature["id"]: feature.id() for feature in layer.getFeatures()}
    own, other = read[own], read[other]
    return {
        "valid": layer.isValid() and closed.isValid(),
        "may": may(layer),
        "may elsewhere": may(closed),
        "add inside": added(layer, "QGIS-1", INSIDE),
        "add outside": added(layer, "QGIS-2", OUTSIDE),
        "change own": saved(layer, lambda: layer.changeAttributeValue(own, officers, 7)),
        "change other": saved(layer, lambda: layer.changeAttributeValue(other, officers, 7)),
        "move out": saved(
            layer, lambda: layer.changeGeometry(own, QgsGeometry.fromPointXY(OUTSIDE))
        ),
        "delete other": saved(layer, lambda: layer.deleteFeature(other)),
        "move": saved(
            layer,
            lambda: layer.changeGeometry(own, QgsGeometry.fromPointXY(QgsPointXY(108.481, 15.561))),
        ),
    }


def main() -> None:
    application = QgsApplication([], False)
    application.initQgis()
    own, other = int(sys.argv[6]), int(sys.argv[7])
    print("RESULT " + json.dumps(session(sys.argv[1:6], own, other)), flush=True)
    application.exitQgis()


main()
