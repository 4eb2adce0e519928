"""Directives as records of OGC API Records part 1 (20-004r1): the catalogue and each record."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
from starlette.requests import Request

from api.directives.files import PDF, file_address
from api.negotiation import GEOJSON, HTML, SCHEMA, Media, language
from api.ogc.links import licence_link, link
from api.services import Services, origin, services
from layers.documents.directives import DIRECTIVES, FIELD, KIND
from layers.documents.files import File
from layers.extent import extent, extents_sql
from spatial.crs import CRS84

ID = "records"
"""The id of the catalogue among the collections."""
CATALOG = Media("json", "application/ogc-catalog+json", "OGC catalogue")
MEDIA = (CATALOG, HTML)
RECORD_MEDIA = (GEOJSON, HTML)
REL = "http://www.opengis.net/def/rel/ogc/1.0/"
PROFILES = "http://www.opengis.net/def/profile/OGC/0/"
CORE = "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-core"
COLLECTION = "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-collection"
LANGUAGE = {"code": "vi", "name": "Tiếng Việt", "alternate": "Vietnamese"}

_TITLE = {
    "vi": "Thư mục văn bản chỉ đạo",
    "en": "Catalogue of directives",
}
_DESCRIPTION = {
    "vi": "Mỗi bản ghi là một văn bản: số, trích yếu, cơ quan ban hành, thời gian và vùng áp dụng,"
    " tệp PDF. Các đối tượng với mọi thuộc tính ở lớp directives.",
    "en": "A record for each document: number, subject, issuer, time and area, PDF files. The"
    " features with all their properties are in the collection directives.",
}


def here(request: Request) -> str:
    """The address of the catalogue."""
    return f"{origin(request)}/ogc/collections/{ID}"


def profile(name: str) -> dict[str, str]:
    """The link that says which profile a document keeps to."""
    return {"rel": "profile", "type": "text/html", "href": f"{PROFILES}{name}", "title": name}


async def catalogue(request: Request) -> dict[str, Any]:
    """The description of the catalogue: the same in the list of collections as alone."""
    served = services(request)
    rows = await served.database.fetch(extents_sql((DIRECTIVES,)))
    found, lang, address = extent(rows[0]), language(request), here(request)
    title = _TITLE[lang]
    sortables = "Thuộc tính sắp xếp được" if lang == "vi" else "Sortables"
    features = DIRECTIVES.title.in_language(lang)
    return {
        "id": ID,
        "type": "Collection",
        "conformsTo": [COLLECTION],
        "title": title,
        "description": _DESCRIPTION[lang],
        "keywords": list(DIRECTIVES.keywords),
        "language": LANGUAGE,
        "itemType": "record",
        "extent": {
            "spatial": {"bbox": [list(found.bbox or served.province.bbox)], "crs": CRS84.uri},
            "temporal": {"interval": [list(found.interval or (None, None))]},
        },
        "crs": [CRS84.uri],
        "defaultSortOrder": [{"field": "issued", "direction": "desc"}],
        **_licence(served),
        "links": [
            link(address, "self", CATALOG, title),
            link(f"{address}?f=html", "alternate", HTML, title),
            link(f"{address}/items", "items", GEOJSON, title),
            link(f"{address}/items?f=html", "items", HTML, title),
            link(f"{address}/sortables", f"{REL}sortables", SCHEMA, sortables),
            link(
                f"{origin(request)}/ogc/collections/{DIRECTIVES.id}", "describes", _FEATURES,
                features,
            ),
            profile("ogc-catalog"),
            *licence_link(served.province.licence_of(DIRECTIVES.id), lang),
        ],
    }  # fmt: skip


_FEATURES = Media("json", "application/json", "Collection")


def _licence(served: Services) -> dict[str, str]:
    # Province files name a licence by its address, not by SPDX's id.
    return {} if served.province.licence_of(DIRECTIVES.id) is None else {"license": "other"}


def record(request: Request, row: Any, own: list[File]) -> dict[str, Any]:
    """The record of a directive.

    Args:
        row: of `found_sql`, with its shape.
        own: its files that the caller may read.
    """
    served, lang = services(request), language(request)
    codes = [known.title_of(row[name], lang) for name, known in (("kind", KIND), ("field", FIELD))]
    properties: dict[str, Any] = {
        "type": row["kind"],
        "title": f"{row['number']} · {row['title']}",
        "updated": _moment(row["updated_at"]),
        "issued": row["issued_on"],
        "number": row["number"],
        "keywords": codes,
        "language": LANGUAGE,
        "resourceLanguages": [LANGUAGE],
        "externalIds": [{"value": row["number"]}],
        "themes": [_theme(request, row["field"], codes[1])],
        "contacts": [{"organization": row["issuer"], "roles": ["publisher"]}],
        **_licence(served),
    }
    if row["summary"]:
        properties["description"] = row["summary"]
    if own:
        properties["formats"] = [{"name": PDF.title, "mediaType": PDF.type}]
    ends = ".." if row["ends_at"] is None else _moment(row["ends_at"])
    return {
        "id": str(row["id"]),
        "type": "Feature",
        "conformsTo": [CORE],
        "time": {"interval": [_moment(row["valid_from"]), ends]},
        "geometry": orjson.Fragment(row["shape"]),
        "properties": properties,
        "links": _links(request, row, own, lang),
    }


def _theme(request: Request, field: str, title: str) -> dict[str, Any]:
    scheme = f"{origin(request)}/ogc/collections/{DIRECTIVES.id}/schema#field"
    return {"scheme": scheme, "concepts": [{"id": field, "title": title}]}


def _links(request: Request, row: Any, own: list[File], lang: str) -> list[dict[str, Any]]:
    address, base = f"{here(request)}/items/{row['id']}", origin(request)
    page = "Trang văn bản" if lang == "vi" else "The page of the document"
    feature = "Đối tượng với mọi thuộc tính" if lang == "vi" else "The feature"
    return [
        link(address, "self", GEOJSON, row["number"]),
        link(f"{address}?f=html", "alternate", HTML, row["number"]),
        link(here(request), "collection", CATALOG, _TITLE[lang]),
        link(f"{base}/directives#{row['id']}", "about", HTML, page),
        link(
            f"{base}/ogc/collections/{DIRECTIVES.id}/items/{row['id']}", "related", GEOJSON,
            feature,
        ),
        *(
            {
                **link(base + file_address(row["id"], file), "enclosure", PDF, file.name),
                "length": file.bytes,
            }
            for file in own
        ),
        profile("ogc-record"),
        *licence_link(services(request).province.licence_of(DIRECTIVES.id), lang),
    ]  # fmt: skip


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
