"""A briefing as one HTML file that opens by a double click, with no network and no other file."""

from __future__ import annotations

import re
from base64 import b64encode
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import jinja2

from api.briefing.leaflet import written
from api.briefing.order import NotBuilt
from api.briefing.page import Briefing, Chart

ROOT = Path(__file__).resolve().parents[2]
LEAFLET = ROOT / "web" / "dist" / "assets" / "leaflet"
TEMPLATES = ROOT / "api" / "templates"
STYLE = Path(__file__).with_name("document.css")
_LINKED = re.compile(r"url\((?!#)[^)]*\)")
"""Pictures of Leaflet's for markers and layer lists, which are not drawn here."""


def document(briefing: Briefing) -> str:
    """The file.

    Raises:
        NotBuilt: the web pages have not been built.
    """
    style = f"{_leaflet('leaflet.css')}\n{STYLE.read_text(encoding='utf-8')}"
    html, scripts = "", []
    if briefing.map is not None:
        html, script = written(briefing, briefing.map)
        scripts = [_leaflet("leaflet.js"), script]
    policy = policy_of([style], scripts)
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return templates.get_template("briefing.html").render(
        briefing=briefing,
        map_html=html,
        style=style,
        scripts=scripts,
        policy=policy,
        drawn=[_drawn(chart) for chart in briefing.charts],
    )


def policy_of(styles: list[str], scripts: list[str]) -> str:
    """The content security policy of a file: its scripts and styles by their digests, no host."""
    return (
        f"default-src 'none'; script-src {_digests(scripts)}; style-src {_digests(styles)};"
        " img-src data:; base-uri 'none'; form-action 'none'"
    )


def _digests(texts: list[str]) -> str:
    told = [f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in texts]
    return " ".join(told) or "'none'"


@lru_cache(maxsize=2)
def _leaflet(name: str) -> str:
    try:
        text = (LEAFLET / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NotBuilt("the web pages have not been built; `make run` builds them") from None
    return _LINKED.sub("none", text) if name.endswith(".css") else text


def _drawn(chart: Chart) -> dict[str, object]:
    """A chart as its template wants it: lengths in hundredths of the longest bar."""
    most = max((bar.length for bar in chart.bars), default=0) or 1
    return {
        "title": chart.title,
        "is_time": chart.is_time,
        "bars": [(bar, round(100 * bar.length / most, 2)) for bar in chart.bars],
    }
