"""Links of answers (OGC API Common part 1, web linking)."""

from __future__ import annotations

from urllib.parse import quote as encode

from api.negotiation import GEOJSON, HTML, Media
from layers.province import Licence

COLLECTION = Media("json", "application/json", "Collection")
NEXT = Media("json", "application/geo+json", "Next page")


def link(href: str, rel: str, media: Media, title: str | None = None) -> dict[str, str]:
    """A link object."""
    kind = media.type.replace("; charset=utf-8", "")
    return {"rel": rel, "type": kind, "href": href, "title": title or media.title}


def licence_link(licence: Licence | None, language: str) -> list[dict[str, str]]:
    """The link to the terms of data (Features part 1, recommendation fc-md-license), if known."""
    if licence is None:
        return []
    return [link(licence.url, "license", HTML, licence.title.in_language(language))]


def link_text(href: str, rel: str, media: Media) -> str:
    """A link object's JSON: every page of features needs several, so they are not encoded anew."""
    # Of what can stand in an address, only these two need an escape in JSON.
    safe = href.replace("\\", "%5C").replace('"', "%22")
    kind = media.type.replace("; charset=utf-8", "")
    return f'{{"rel":"{rel}","type":"{kind}","href":"{safe}","title":"{media.title}"}}'


def feature_address(here: str, layer: str, identifier: str) -> str:
    """The address of a feature."""
    return f"{here}/ogc/collections/{layer}/items/{encode(identifier, safe='')}"


def feature_body(here: str, layer: str, identifier: str, feature: str) -> bytes:
    """A feature's GeoJSON text with its links (Features part 1, 7.18)."""
    address = feature_address(here, layer, identifier)
    links = ",".join(
        (
            link_text(address, "self", GEOJSON),
            link_text(f"{address}?f=html", "alternate", HTML),
            link_text(f"{here}/ogc/collections/{layer}", "collection", COLLECTION),
        )
    )
    return f'{feature[:-1]},"links":[{links}]}}'.encode()
