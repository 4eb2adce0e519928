"""What the Common Alerting Protocol 1.2 (OASIS, 1 July 2010, section 3) asks of a message."""

from __future__ import annotations

import re
from typing import NamedTuple

from lxml import etree

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d"
NAME = r"[^\s,<&]+"
NUMBER = r"-?\d+(\.\d+)?"
PAIR = rf"{NUMBER},{NUMBER}"


class Rule(NamedTuple):
    """An element: how often it may stand, and what its text must be."""

    least: int
    most: int | None
    text: str | None


ONE, MAYBE, ANY, SOME = (1, 1), (0, 1), (0, None), (1, None)
TEXT = r"(?s).*\S.*"


def _codes(*names: str) -> str:
    return "|".join(names)


# In the order in which the standard's data dictionary and schema list them.
ALERT = {
    "identifier": Rule(*ONE, NAME),
    "sender": Rule(*ONE, NAME),
    "sent": Rule(*ONE, MOMENT),
    "status": Rule(*ONE, _codes("Actual", "Exercise", "System", "Test", "Draft")),
    "msgType": Rule(*ONE, _codes("Alert", "Update", "Cancel", "Ack", "Error")),
    "source": Rule(*MAYBE, TEXT),
    "scope": Rule(*ONE, _codes("Public", "Restricted", "Private")),
    "restriction": Rule(*MAYBE, TEXT),
    "addresses": Rule(*MAYBE, TEXT),
    "code": Rule(*ANY, TEXT),
    "note": Rule(*MAYBE, TEXT),
    "references": Rule(*MAYBE, rf"{NAME},{NAME},{MOMENT}( {NAME},{NAME},{MOMENT})*"),
    "incidents": Rule(*MAYBE, TEXT),
    "info": Rule(*ANY, None),
}
INFO = {
    "language": Rule(*MAYBE, r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*"),
    "category": Rule(
        *SOME,
        _codes("Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport",
               "Infra", "CBRNE", "Other"),
    ),
    "event": Rule(*ONE, TEXT),
    "responseType": Rule(
        *ANY,
        _codes("Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess",
               "AllClear", "None"),
    ),
    "urgency": Rule(*ONE, _codes("Immediate", "Expected", "Future", "Past", "Unknown")),
    "severity": Rule(*ONE, _codes("Extreme", "Severe", "Moderate", "Minor", "Unknown")),
    "certainty": Rule(*ONE, _codes("Observed", "Likely", "Possible", "Unlikely", "Unknown")),
    "audience": Rule(*MAYBE, TEXT),
    "eventCode": Rule(*ANY, None),
    "effective": Rule(*MAYBE, MOMENT),
    "onset": Rule(*MAYBE, MOMENT),
    "expires": Rule(*MAYBE, MOMENT),
    "senderName": Rule(*MAYBE, TEXT),
    "headline": Rule(*MAYBE, TEXT),
    "description": Rule(*MAYBE, TEXT),
    "instruction": Rule(*MAYBE, TEXT),
    "web": Rule(*MAYBE, r"https?://\S+"),
    "contact": Rule(*MAYBE, TEXT),
    "parameter": Rule(*ANY, None),
    "resource": Rule(*ANY, None),
    "area": Rule(*ANY, None),
}  # fmt: skip
AREA = {
    "areaDesc": Rule(*ONE, TEXT),
    # Four pairs or more, the last one the first (3.2.4).
    "polygon": Rule(*ANY, rf"({PAIR})( {PAIR}){{2,}} \1"),
    "circle": Rule(*ANY, rf"{PAIR} {NUMBER}"),
    "geocode": Rule(*ANY, None),
    "altitude": Rule(*MAYBE, NUMBER),
    "ceiling": Rule(*MAYBE, NUMBER),
}
NAMED_VALUE = {"valueName": Rule(*ONE, TEXT), "value": Rule(*ONE, TEXT)}
WITHIN = {"info": INFO, "area": AREA, "geocode": NAMED_VALUE, "parameter": NAMED_VALUE,
          "eventCode": NAMED_VALUE}  # fmt: skip


def check_message(document: bytes) -> etree._Element:
    """The message's root, once every rule holds.

    Raises:
        AssertionError: a rule is broken.
    """
    root = etree.fromstring(document, etree.XMLParser(resolve_entities=False))
    assert root.tag == f"{{{NAMESPACE}}}alert"
    assert not root.getroottree().docinfo.doctype
    _check(root, ALERT)
    kind = text(root, "msgType")
    assert kind != "Alert" or root.find(f"{{{NAMESPACE}}}references") is None
    for pair in root.iter(f"{{{NAMESPACE}}}polygon"):
        for position in pair.text.split():
            lat, lon = map(float, position.split(","))
            assert -90 <= lat <= 90
            assert -180 <= lon <= 180
    return root


def _check(element: etree._Element, rules: dict[str, Rule]) -> None:
    children = [child for child in element if child.tag != SIGNATURE]
    names = [etree.QName(child).localname for child in children]
    assert {etree.QName(child).namespace for child in children} == {NAMESPACE}
    order = [list(rules).index(name) for name in names]
    assert order == sorted(order), names
    for name, rule in rules.items():
        count = names.count(name)
        assert rule.least <= count <= (rule.most if rule.most is not None else count), name
    for child, name in zip(children, names, strict=True):
        if (pattern := rules[name].text) is not None:
            assert len(child) == 0
            assert re.fullmatch(pattern, child.text or ""), (name, child.text)
        else:
            _check(child, WITHIN[name])


def text(parent: etree._Element, name: str) -> str:
    """The text of a child."""
    found: str = parent.findtext(f"{{{NAMESPACE}}}{name}") or ""
    return found


def infos(root: etree._Element) -> dict[str, etree._Element]:
    """The `info` blocks by language."""
    return {text(info, "language"): info for info in root.findall(f"{{{NAMESPACE}}}info")}
