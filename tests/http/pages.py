"""Reading HTML pages in tests, with the standard library's parser."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset(("area", "br", "col", "hr", "img", "input", "link", "meta", "wbr"))


@dataclass
class Element:
    """A start tag, and the text inside it up to its end tag."""

    tag: str
    attributes: dict[str, str]
    path: tuple[str, ...]
    text: str = ""


@dataclass
class HtmlPage(HTMLParser):
    """A parsed page.

    Raises:
        AssertionError: an end tag does not match the open element.
    """

    markup: str
    elements: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[Element] = []
        self.feed(self.markup)
        self.close()
        assert self._open == [], f"not closed: {[one.tag for one in self._open]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        path = tuple(one.tag for one in self._open)
        element = Element(tag, {name: value or "" for name, value in attrs}, path)
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        """Check that the element that ends is the one that is open."""
        assert self._open, f"</{tag}> closes nothing"
        assert self._open[-1].tag == tag, f"</{tag}> inside <{self._open[-1].tag}>"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        """Add text to every open element."""
        for element in self._open:
            element.text += data

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """The elements of a tag with these attributes; `class_` stands for `class`."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            one
            for one in self.elements
            if one.tag == tag
            and all(one.attributes.get(name) == value for name, value in wanted.items())
        ]

    def one(self, tag: str, **attributes: str) -> Element:
        """The only element of a tag with these attributes."""
        found = self.all(tag, **attributes)
        assert len(found) == 1, f"{len(found)} elements <{tag} {attributes}>"
        return found[0]

    @property
    def text(self) -> str:
        """The text of the body, its white space folded."""
        return " ".join(self.one("body").text.split())

    def table(self) -> list[list[str]]:
        """The cells of the only table's body, row by row."""
        rows: list[list[str]] = []
        for element in self.elements:
            if element.tag == "tr" and "tbody" in element.path:
                rows.append([])
            elif element.tag in ("td", "th") and "tbody" in element.path:
                rows[-1].append(" ".join(element.text.split()))
        return rows

    def form(self) -> list[tuple[str, str]]:
        """What a browser sends for the only form as it stands: every field, also empty ones."""
        pairs: list[tuple[str, str]] = []
        select = ""
        for element in self.elements:
            if "form" not in element.path:
                continue
            if element.tag == "input":
                pairs.append((element.attributes["name"], element.attributes.get("value", "")))
            elif element.tag == "select":
                select = element.attributes["name"]
                pairs.append((select, ""))
            elif element.tag == "option" and "selected" in element.attributes:
                pairs[-1] = (select, element.attributes["value"])
        return pairs
