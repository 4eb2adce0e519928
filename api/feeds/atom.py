"""Atom feeds (RFC 4287) with GeoRSS-Simple shapes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from starlette.requests import Request
from starlette.responses import Response

from api.services import origin, services
from layers.cap.writing import add, speakable, to_bytes

ATOM = "http://www.w3.org/2005/Atom"
GEORSS = "http://www.georss.org/georss"
MEDIA_TYPE = "application/atom+xml"
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
ET.register_namespace("", ATOM)
ET.register_namespace("georss", GEORSS)


@dataclass(frozen=True, slots=True)
class Link:
    """A link of an entry."""

    rel: str
    href: str
    type: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry.

    Attributes:
        id: an IRI that never changes.
        categories: scheme and term.
        shapes: GeoRSS-Simple elements and their texts, "lat lon lat lon …".
    """

    id: str
    title: str
    updated: datetime
    summary: str
    links: tuple[Link, ...]
    published: datetime | None = None
    categories: tuple[tuple[str, str], ...] = ()
    shapes: tuple[tuple[str, str], ...] = ()


def feed(request: Request, title: str, entries: Iterable[Entry]) -> Response:
    """An answer with a feed whose address is the request's own."""
    listed = list(entries)
    province = services(request).province
    here = origin(request) + request.url.path
    query = request.scope["query_string"].decode("latin-1")
    root = ET.Element(f"{{{ATOM}}}feed", {"xml:lang": "vi"})
    add(root, "id", here + (f"?{query}" if query else ""))
    add(root, "title", f"{title} · {province.name.vi}")
    newest = max((entry.updated for entry in listed), default=LONG_AGO)
    add(root, "updated", _moment(newest))
    author = ET.SubElement(root, f"{{{ATOM}}}author")
    add(author, "name", province.full_name.vi)
    address = here + (f"?{query}" if query else "")
    ET.SubElement(root, f"{{{ATOM}}}link", _link(Link("self", address, MEDIA_TYPE)))
    ET.SubElement(
        root, f"{{{ATOM}}}link", _link(Link("alternate", f"{origin(request)}/", "text/html"))
    )
    for entry in listed:
        _write_entry(root, entry)
    return Response(to_bytes(root), media_type=f"{MEDIA_TYPE}; charset=utf-8")


def _write_entry(root: ET.Element, entry: Entry) -> None:
    made = ET.SubElement(root, f"{{{ATOM}}}entry")
    add(made, "id", entry.id)
    add(made, "title", entry.title)
    add(made, "updated", _moment(entry.updated))
    if entry.published is not None:
        add(made, "published", _moment(entry.published))
    add(made, "summary", entry.summary)
    for link in entry.links:
        ET.SubElement(made, f"{{{ATOM}}}link", _link(link))
    for scheme, term in entry.categories:
        ET.SubElement(made, f"{{{ATOM}}}category", {"scheme": scheme, "term": term})
    for name, text in entry.shapes:
        ET.SubElement(made, f"{{{GEORSS}}}{name}").text = text


def _link(link: Link) -> dict[str, str]:
    return {"rel": link.rel, "href": speakable(link.href), "type": link.type}


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
