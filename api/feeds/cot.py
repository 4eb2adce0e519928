"""Cursor on Target: requests and teams as events of its base schema 2.0 (MITRE MTR090278).

ATAK, WinTAK, iTAK and TAK Server read them. Heights are not known: `hae` and `le` say so by the
value that the schema has for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

from layers.cap.writing import speakable
from layers.province import Province
from layers.rescue.requests import CATEGORY, PRIORITY, STATE
from layers.rescue.teams import STATE as TEAM_STATE

UNKNOWN = "9999999.0"
PEOPLE_IN_NEED = "a-n-G"
"""Neutral, on the ground: people who need help are no unit."""
TEAM = "a-f-G-U-C"
"""Friendly unit on the ground: what team apps take themselves for."""
MEASURED, ESTIMATED = "m-g", "h-e"
"""How a position came about: by a satellite receiver, or estimated by a person."""
# Signed 32-bit ARGB, as team apps write colours.
_COLOURS = {"critical": -65536, "high": -35072, "medium": -256, "low": -16711936}


def request_events(
    rows: Iterable[Any], province: Province, now: datetime, stale_s: float, *, contacts: bool
) -> list[bytes]:
    """An event for each open request.

    Args:
        rows: of `layers.sos.targets`.
        now: when the events are made; they hold for `stale_s` seconds.
        contacts: whether names and phones are told, where the rows have them.
    """
    return [_request_event(row, province, now, stale_s, contacts) for row in rows]


def _request_event(
    row: Any, province: Province, now: datetime, stale_s: float, contacts: bool
) -> bytes:
    event = _event(
        f"dieuhanh.{province.id}.sos.{row['id']}",
        PEOPLE_IN_NEED,
        MEASURED if row["measured"] else ESTIMATED,
        (row["lat"], row["lon"], row["accuracy_m"]),
        (now, row["reported_at"], stale_s),
    )
    detail = ET.SubElement(event, "detail")
    contact = {"callsign": row["code"]}
    if contacts and row["phone"]:
        contact["phone"] = row["phone"]
    ET.SubElement(detail, "contact", contact)
    ET.SubElement(detail, "color", {"argb": str(_COLOURS[row["priority"]])})
    told = [
        CATEGORY.title_of(row["category"], "vi"),
        PRIORITY.title_of(row["priority"], "vi"),
        STATE.title_of(row["state"], "vi"),
    ]
    if row["people"] is not None:
        told.append(f"{row['people']} người")
    if row["team"]:
        told.append(row["team"])
    if contacts and row["name"]:
        told.append(row["name"])
    ET.SubElement(detail, "remarks").text = speakable(" · ".join(told))
    return _written(event)


def team_events(
    rows: Iterable[Any], province: Province, now: datetime, stale_s: float
) -> list[bytes]:
    """An event for each team; see `request_events`."""
    made = []
    for row in rows:
        event = _event(
            f"dieuhanh.{province.id}.team.{row['id']}",
            TEAM,
            MEASURED,
            (row["lat"], row["lon"], row["accuracy_m"]),
            (now, row["position_at"], stale_s),
        )
        detail = ET.SubElement(event, "detail")
        ET.SubElement(detail, "contact", {"callsign": speakable(row["name"])})
        state = TEAM_STATE.title_of(row["state"], "vi")
        ET.SubElement(detail, "remarks").text = speakable(f"{row['code']} · {state}")
        made.append(_written(event))
    return made


def _event(
    uid: str,
    kind: str,
    how: str,
    place: tuple[float, float, float | None],
    times: tuple[datetime, datetime, float],
) -> ET.Element:
    lat, lon, accuracy = place
    now, start, stale_s = times
    event = ET.Element(
        "event",
        {
            "version": "2.0",
            "uid": uid,
            "type": kind,
            "how": how,
            "time": _moment(now),
            "start": _moment(min(start, now)),
            "stale": _moment(now + timedelta(seconds=stale_s)),
        },
    )
    ET.SubElement(
        event,
        "point",
        {
            "lat": f"{lat:.7f}",
            "lon": f"{lon:.7f}",
            "hae": UNKNOWN,
            "ce": UNKNOWN if accuracy is None else f"{accuracy:.1f}",
            "le": UNKNOWN,
        },
    )
    return event


def _moment(at: datetime) -> str:
    text = at.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def _written(event: ET.Element) -> bytes:
    written: bytes = ET.tostring(event, encoding="utf-8")
    return written.partition(b"?>\n")[2] if written.startswith(b"<?xml") else written


def document(events: Iterable[bytes]) -> bytes:
    """All events in one document, for programs that fetch it."""
    head = b'<?xml version="1.0" encoding="UTF-8"?>\n<events>\n'
    return head + b"\n".join(events) + b"\n</events>\n"
