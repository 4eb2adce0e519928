"""What the Atom Syndication Format (RFC 4287, section 4) and GeoRSS-Simple ask of a feed."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import urlsplit

from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
GEORSS = "{http://www.georss.org/georss}"
MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[-+]\d\d:\d\d)"
# How often each may stand: in a feed (4.1.1), in an entry (4.1.2).
OF_FEED = {"id": (1, 1), "title": (1, 1), "updated": (1, 1), "author": (0, None),
           "link": (0, None), "entry": (0, None), "category": (0, None), "subtitle": (0, 1),
           "generator": (0, 1), "icon": (0, 1), "logo": (0, 1), "rights": (0, 1)}  # fmt: skip
OF_ENTRY = {"id": (1, 1), "title": (1, 1), "updated": (1, 1), "published": (0, 1),
            "summary": (0, 1), "content": (0, 1), "author": (0, None), "link": (0, None),
            "category": (0, None), "rights": (0, 1)}  # fmt: skip
SHAPES = {"point": 2, "line": 4, "polygon": 8, "box": 4}


def check_feed(document: bytes) -> list[etree._Element]:
    """The entries of a feed, once every rule holds.

    Raises:
        AssertionError: a rule is broken.
    """
    root = etree.fromstring(document, etree.XMLParser(resolve_entities=False))
    assert root.tag == f"{ATOM}feed"
    _check(root, OF_FEED)
    selves = [link for link in root.findall(f"{ATOM}link") if link.get("rel") == "self"]
    assert len(selves) == 1
    entries: list[etree._Element] = root.findall(f"{ATOM}entry")
    # A feed has an author, unless every entry has (4.1.1).
    has_author = root.find(f"{ATOM}author") is not None
    seen = set()
    for entry in entries:
        _check(entry, OF_ENTRY)
        assert has_author or entry.find(f"{ATOM}author") is not None
        if entry.find(f"{ATOM}content") is None:
            alternates = [one for one in entry.findall(f"{ATOM}link")
                          if one.get("rel", "alternate") == "alternate"]  # fmt: skip
            assert alternates
        seen.add(entry.findtext(f"{ATOM}id"))
        for shape in entry:
            if shape.tag.startswith(GEORSS):
                _check_shape(shape)
    assert len(seen) == len(entries), "two entries have one id"
    return entries


def _check(element: etree._Element, rules: dict[str, tuple[int, int | None]]) -> None:
    names = [child.tag.removeprefix(ATOM) for child in element if child.tag.startswith(ATOM)]
    assert set(names) <= rules.keys(), names
    for name, (least, most) in rules.items():
        assert least <= names.count(name) <= (most if most is not None else len(names)), name
    assert urlsplit(element.findtext(f"{ATOM}id") or "").scheme
    for name in ("updated", "published"):
        for found in element.findall(f"{ATOM}{name}"):
            assert re.fullmatch(MOMENT, found.text)
            datetime.fromisoformat(found.text)
    for link in element.findall(f"{ATOM}link"):
        assert urlsplit(link.get("href")).scheme in ("http", "https")
        assert re.fullmatch(r"[\w.+-]+/[\w.+-]+", link.get("type"))
    for author in element.findall(f"{ATOM}author"):
        assert author.findtext(f"{ATOM}name")
    for category in element.findall(f"{ATOM}category"):
        assert category.get("term")


def _check_shape(shape: etree._Element) -> None:
    numbers = [float(number) for number in shape.text.split()]
    assert len(numbers) >= SHAPES[shape.tag.removeprefix(GEORSS)]
    assert len(numbers) % 2 == 0
    if shape.tag == f"{GEORSS}polygon":
        assert numbers[:2] == numbers[-2:]
    assert all(-90 <= lat <= 90 for lat in numbers[::2])
    assert all(-180 <= lon <= 180 for lon in numbers[1::2])
