"""Messages of other systems (OASIS Common Alerting Protocol 1.2), read from XML and checked.

What comes from elsewhere is hostile until it has been read: no document type (hence no entities),
nothing fetched, a bounded size.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lxml import etree
from pyproj import Geod
from shapely import MultiPolygon, Polygon, get_parts, is_valid_reason, to_wkb, union_all

from layers.cap.writing import NAMESPACE
from layers.layer import CodeList
from layers.rescue.alerts import ALERTS, CATEGORY, CERTAINTY, MESSAGE, SEVERITY, STATUS, URGENCY

DEFAULT_HOURS = 24
"""Hours after which a message that does not say so is over."""
CIRCLE_POINTS = 72
FARTHEST_KM = 1000.0
"""Kilometres of a circle's radius at most."""

_WGS84 = Geod(ellps="WGS84")
# A time as CAP writes it (3.3.2): never `Z`.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d")
_NUMBER = re.compile(r"-?\d{1,4}(\.\d{1,20})?", re.ASCII)
_REFERENCE = re.compile(r"([^\s,]+),([^\s,]+),([^\s,]+)")


class CapError(ValueError):
    """A document that is no message of CAP 1.2 that can be taken; the text says why."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as it came.

    Attributes:
        references: sender and identifier of each earlier message.
        row: the columns of the layer; empty for a Cancel that says nothing more.
        area: the area as well-known binary in EPSG:4326; None where there is no `row`.
    """

    sender: str
    identifier: str
    sent: datetime
    message: str
    references: tuple[tuple[str, str], ...]
    row: dict[str, Any]
    area: bytes | None


def read_cap(document: bytes) -> Incoming:
    """A message from its XML.

    Raises:
        CapError: it is not well-formed, has a document type, or breaks a rule of the standard
            or of the layer.
    """
    root = _root(document)
    if root.tag != f"{{{NAMESPACE}}}alert":
        raise CapError(f"the root is {root.tag!r}, not the alert of {NAMESPACE}")
    message = _code(root, "msgType", MESSAGE)
    scope = _required(root, "scope")
    if scope != "Public":
        raise CapError(f"scope {scope!r}: only a message of scope Public may be shown to everybody")
    status = _code(root, "status", STATUS)
    infos = root.findall(f"{{{NAMESPACE}}}info")
    sent = _moment(root, "sent")
    if sent is None:
        raise CapError("there is no sent")
    row: dict[str, Any] = {}
    area = None
    if infos:
        spoken = {(_text(one, "language") or "en-US").lower()[:2]: one for one in reversed(infos)}
        told = spoken.get("vi", infos[0])
        row = _row(told, spoken.get("en"), sent) | {"status": status, "message": message}
        area = _area(told)
    elif message != "Cancel":
        raise CapError("there is no info")
    return Incoming(
        _name(root, "sender"),
        _name(root, "identifier"),
        sent,
        message,
        _references(root),
        row,
        area,
    )


def _root(document: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False
    )
    try:
        root = etree.fromstring(document, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise CapError(f"this is not well-formed XML: {error}") from None
    if root.getroottree().docinfo.doctype:
        raise CapError("a document type is not taken: it may declare entities")
    return root


def _text(parent: etree._Element, name: str) -> str:
    return (parent.findtext(f"{{{NAMESPACE}}}{name}") or "").strip()


def _required(parent: etree._Element, name: str) -> str:
    text = _text(parent, name)
    if not text:
        raise CapError(f"there is no {name}")
    return text


def _name(parent: etree._Element, name: str) -> str:
    text = _required(parent, name)
    if re.search(r"[\s,<&]", text) or len(text) > 500:
        raise CapError(f"{name} {text[:60]!r} may hold no space, comma, < or &")
    return text


def _code(parent: etree._Element, name: str, codes: CodeList) -> str:
    text = _required(parent, name)
    if text not in codes.values:
        raise CapError(f"{name} {text[:60]!r} must be one of: {', '.join(codes.values)}")
    return text


def _moment(parent: etree._Element, name: str) -> datetime | None:
    text = _text(parent, name)
    if not text:
        return None
    try:
        if _MOMENT.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    raise CapError(f"{name} {text[:60]!r} must be a time such as 2021-08-17T09:00:00+07:00")


def _references(root: etree._Element) -> tuple[tuple[str, str], ...]:
    parts = _text(root, "references").split()
    found = [_REFERENCE.fullmatch(part) for part in parts]
    if not all(found):
        raise CapError("references must be sender,identifier,sent, separated by spaces")
    return tuple((one[1], one[2]) for one in found if one is not None)


def _row(info: etree._Element, english: etree._Element | None, sent: datetime) -> dict[str, Any]:
    """The columns: Vietnamese where there is some, else what there is; English beside it."""
    onset = _moment(info, "onset") or _moment(info, "effective") or sent
    expires = _moment(info, "expires") or onset + timedelta(hours=DEFAULT_HOURS)
    if expires <= onset:
        raise CapError(f"expires {expires.isoformat()} must be after {onset.isoformat()}")
    row: dict[str, Any] = {
        "category": _code(info, "category", CATEGORY),
        "urgency": _code(info, "urgency", URGENCY),
        "severity": _code(info, "severity", SEVERITY),
        "certainty": _code(info, "certainty", CERTAINTY),
        "event": _required(info, "event"),
        "headline": _text(info, "headline") or _required(info, "event"),
        "description": _text(info, "description") or None,
        "instruction": _text(info, "instruction") or None,
        "area_desc": "; ".join(_required(area, "areaDesc") for area in _areas(info)),
        "onset": onset,
        "expires": expires,
    }
    for name in ("event", "headline", "description", "instruction"):
        row[f"{name}_en"] = None if english is None else _text(english, name) or None
    for name, value in row.items():
        most = ALERTS.column(name).max_length
        if most is not None and value is not None and len(value) > most:
            raise CapError(f"{name} has {len(value)} characters, of {most} at most")
    return row


def _areas(info: etree._Element) -> list[etree._Element]:
    found: list[etree._Element] = info.findall(f"{{{NAMESPACE}}}area")
    if not found:
        raise CapError("there is no area")
    return found


def _area(info: etree._Element) -> bytes:
    shapes = [shape for area in _areas(info) for shape in _shapes(area)]
    if not shapes:
        raise CapError("the area has no polygon and no circle; a geocode alone is not drawn")
    whole = union_all(shapes)
    parts = [part for part in get_parts(whole) if isinstance(part, Polygon)]
    written: bytes = to_wkb(MultiPolygon(parts))
    return written


def _shapes(area: etree._Element) -> Iterator[Polygon]:
    for element in area.findall(f"{{{NAMESPACE}}}polygon"):
        ring = [_position(pair) for pair in (element.text or "").split()]
        if len(ring) < 4 or ring[0] != ring[-1]:
            raise CapError("a polygon must have four positions or more, the last one the first")
        shape = Polygon(ring)
        if not shape.is_valid or shape.area == 0:
            raise CapError(f"a polygon is not valid: {is_valid_reason(shape)}")
        yield shape
    for element in area.findall(f"{{{NAMESPACE}}}circle"):
        yield _circle((element.text or "").strip())


def _circle(text: str) -> Polygon:
    centre, _, radius = text.partition(" ")
    lon, lat = _position(centre)
    if not _NUMBER.fullmatch(radius.strip()) or not 0 < float(radius) <= FARTHEST_KM:
        raise CapError(f"circle {text[:60]!r}: the radius must be over 0 and {FARTHEST_KM:g} km"
                       " at most")  # fmt: skip
    turns = [360 / CIRCLE_POINTS * turn for turn in range(CIRCLE_POINTS)]
    count = len(turns)
    metres = float(radius) * 1000
    lons, lats, _ = _WGS84.fwd([lon] * count, [lat] * count, turns, [metres] * count)
    if max(lons) - min(lons) > 180:
        raise CapError(f"circle {text[:60]!r} crosses the antimeridian or a pole")
    return Polygon(zip(lons, lats, strict=True))


def _position(pair: str) -> tuple[float, float]:
    """Longitude and latitude of CAP's "lat,lon" (WGS 84)."""
    numbers = pair.split(",")
    if len(numbers) == 2 and all(_NUMBER.fullmatch(number) for number in numbers):
        lat, lon = float(numbers[0]), float(numbers[1])
        if abs(lat) <= 90 and abs(lon) <= 180:
            return lon, lat
    raise CapError(f"{pair[:60]!r} is no latitude and longitude such as 15.88,108.33")
