"""A message as XML (OASIS Common Alerting Protocol 1.2, section 3): elements in its order.

The standard library writes it: a worker then needs no larger XML library until something is
signed or read.
"""

from __future__ import annotations

import re
from datetime import datetime
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

from layers.cap.messages import Alert, identifier
from layers.province import Province
from layers.rescue.alerts import CATEGORY

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
MEDIA_TYPE = "application/cap+xml"
ET.register_namespace("cap", NAMESPACE)

# What XML 1.0 cannot say at all (2.2).
_UNSPEAKABLE = re.compile("[^\\t\\n\\r\\u0020-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


def speakable(text: str) -> str:
    """A text without the characters that XML 1.0 does not have."""
    return _UNSPEAKABLE.sub("", text)


def add(parent: ET.Element, name: str, text: str, **attributes: str) -> ET.Element:
    """Put an element of the parent's namespace at the parent's end."""
    namespace = parent.tag.partition("}")[0]
    made = ET.SubElement(parent, f"{namespace}}}{name}", attributes)
    made.text = speakable(text)
    return made


def moment(at: datetime, zone: ZoneInfo) -> str:
    """A time as CAP writes it: with the zone's offset in digits, never `Z` (3.3.2)."""
    return at.astimezone(zone).isoformat(timespec="seconds")


def write_alert(alert: Alert, province: Province, web: str) -> ET.Element:
    """The `alert` element of a message.

    Args:
        web: the address of a page about the alert.
    """
    zone = province.time_zone
    root = ET.Element(f"{{{NAMESPACE}}}alert")
    add(root, "identifier", identifier(province, alert.id, alert.revision))
    add(root, "sender", province.alert_sender)
    add(root, "sent", moment(alert.sent, zone))
    add(root, "status", alert.status)
    add(root, "msgType", alert.message)
    add(root, "scope", "Public")
    if alert.status == "Exercise":
        add(root, "note", f"Diễn tập / Exercise: {alert.headline.vi}")
    # Update and Cancel name what they replace (3.2.1).
    earlier = [
        f"{province.alert_sender},{identifier(province, alert.id, number)},{moment(sent, zone)}"
        for number, sent in alert.issues
    ]
    if earlier and alert.message != "Alert":
        add(root, "references", " ".join(earlier))
    _write_info(root, alert, province, web, "vi-VN")
    if alert.has_english:
        _write_info(root, alert, province, web, "en")
    return root


def _write_info(root: ET.Element, alert: Alert, province: Province, web: str, lang: str) -> None:
    info = ET.SubElement(root, f"{{{NAMESPACE}}}info")
    short = lang[:2]
    add(info, "language", lang)
    add(info, "category", alert.category)
    event = alert.event.in_language(short) or CATEGORY.title_of(alert.category, short)
    add(info, "event", event)
    add(info, "urgency", alert.urgency)
    add(info, "severity", alert.severity)
    add(info, "certainty", alert.certainty)
    add(info, "effective", moment(alert.sent, province.time_zone))
    add(info, "onset", moment(alert.onset, province.time_zone))
    add(info, "expires", moment(alert.expires, province.time_zone))
    add(info, "senderName", province.full_name.in_language(short))
    add(info, "headline", alert.headline.in_language(short) or event)
    for name, text in (("description", alert.description), ("instruction", alert.instruction)):
        if text.in_language(short):
            add(info, name, text.in_language(short))
    add(info, "web", web)
    add(info, "contact", province.hotline)
    area = ET.SubElement(info, f"{{{NAMESPACE}}}area")
    add(area, "areaDesc", alert.area)
    for ring in alert.rings:
        add(area, "polygon", ring)
    for code in alert.communes:
        geocode = ET.SubElement(area, f"{{{NAMESPACE}}}geocode")
        add(geocode, "valueName", province.alert_geocode)
        add(geocode, "value", code)


def to_bytes(root: ET.Element) -> bytes:
    """The document, in UTF-8, with its declaration."""
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document
