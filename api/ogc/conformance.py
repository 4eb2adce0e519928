"""The conformance classes that this server implements; each has its tests in `tests/http`."""

from __future__ import annotations

_SPEC = "http://www.opengis.net/spec"

CLASSES: tuple[str, ...] = tuple(
    f"{_SPEC}/{standard}/conf/{name}"
    for standard, names in (
        ("ogcapi-common-1/1.0", ("core", "landing-page", "json", "html", "oas30")),
        ("ogcapi-common-2/1.0", ("collections",)),
        (
            "ogcapi-common-3/1.0",
            ("schemas", "advanced-property-roles", "returnables-and-receivables", "sortables"),
        ),
        ("ogcapi-features-1/1.0", ("core", "geojson", "html", "oas30")),
        ("ogcapi-features-2/1.0", ("crs",)),
        (
            "ogcapi-features-3/1.0",
            ("queryables", "queryables-query-parameters", "filter", "features-filter"),
        ),
        # The names that part 5 had before it became common part 3; QGIS looks for `schemas`.
        (
            "ogcapi-features-5/1.0",
            ("schemas", "core-roles-features", "returnables-and-receivables", "sortables"),
        ),
        (
            "ogcapi-features-4/1.0",
            ("create-replace-delete", "update", "features", "optimistic-locking-etags"),
        ),
        (
            "cql2/1.0",
            (
                "cql2-text",
                "cql2-json",
                "basic-cql2",
                "advanced-comparison-operators",
                "case-insensitive-comparison",
                "accent-insensitive-comparison",
                "basic-spatial-functions",
                # An earlier name of basic-spatial-functions, which QGIS looks for.
                "basic-spatial-operators",
                "basic-spatial-functions-plus",
                "spatial-functions",
                "temporal-functions",
                "property-property",
                "arithmetic",
            ),
        ),
        (
            "ogcapi-tiles-1/1.0",
            ("core", "tileset", "tilesets-list", "geodata-tilesets", "mvt", "png", "oas30"),
        ),
        (
            "tms/2.0",
            ("tilematrixset", "json-tilematrixset", "tilesetmetadata", "json-tilesetmetadata"),
        ),
        (
            "ogcapi-processes-1/1.0",
            ("core", "ogc-process-description", "json", "html", "oas30", "job-list", "dismiss"),
        ),
        # Of 19-087, which is a draft still.
        (
            "ogcapi-coverages-1/1.0",
            ("core", "subsetting", "scaling", "crs", "geotiff", "png", "coveragejson", "oas30"),
        ),
        ("ogcapi-maps-1/1.0", ("core", "collection-map", "crs", "tilesets", "png", "oas30")),
        (
            "ogcapi-records-1/1.0",
            (
                "record-core",
                "record-collection",
                "record-core-query-parameters",
                "records-api",
                "searchable-catalog",
                "searchable-catalog-sorting",
                "sorting",
                "json",
                "html",
                # The one name of the two in the standard that its own tests look for.
                "oas30",
            ),
        ),
        ("ogcapi-styles-1/0.0", ("core", "mapbox-style")),
    )
    for name in names
)
"""The URIs of the classes."""
