"""What every HTML page shares: templates, texts, the language switch, assets, the trail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote as quote_path
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import jinja2
from starlette.requests import Request
from starlette.responses import Response

from api.assets import assets
from api.callers import caller_of
from api.negotiation import HTML, language
from api.present import Presenter, Unit
from api.services import Services, origin
from api.texts import (
    GEOMETRIES,
    JOB_STATES,
    LANGUAGES,
    PAGE_NAMES,
    STANDARDS,
    STATUS_HINTS,
    STATUSES,
)
from layers.layer import Layer, Text
from layers.province import Province

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"


@lru_cache(maxsize=1)
def environment() -> jinja2.Environment:
    """The templates: compiled once for each worker, every value escaped, no name undefined."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    made.globals.update(LANGUAGES=LANGUAGES, GEOMETRIES=GEOMETRIES, STATUSES=STATUSES)
    made.globals.update(STATUS_HINTS=STATUS_HINTS, STANDARDS=STANDARDS, JOB_STATES=JOB_STATES)
    return made


@dataclass(frozen=True, slots=True)
class Crumb:
    """A step of the trail from the site's start to this page."""

    title: str
    href: str


@dataclass(frozen=True, slots=True)
class View:
    """One page for one reader.

    Attributes:
        request: what was asked.
        presenter: writes values in the reader's language.
        province: None before the server has read it, and on a page about that.
        last_crumb: the title of the thing at the end of the trail, if it is not its id.
    """

    request: Request
    presenter: Presenter
    province: Province | None
    last_crumb: str | None = None

    @property
    def language(self) -> str:
        """`vi` or `en`."""
        return self.presenter.language

    @property
    def login(self) -> str:
        """Who reads the page; empty for the public."""
        return caller_of(self.request).login

    def say(self, text: Text | None) -> str:
        """A bilingual text in the page's language."""
        return "" if text is None else self.presenter.say(text)

    def t(self, vi: str, en: str) -> str:
        """The one of two texts that is in the page's language; templates keep both together."""
        return en if self.language == "en" else vi

    def href(self, path: str, **parameters: Any) -> str:
        """An address of this site that keeps the language the reader chose."""
        kept = {name: value for name, value in parameters.items() if value is not None}
        if "lang" in self.request.query_params:
            kept["lang"] = self.language
        return f"{path}?{urlencode(kept)}" if kept else path

    def feature_href(self, layer: Layer, identifier: Any) -> str:
        """The page of a feature."""
        path = f"/ogc/collections/{layer.id}/items/{quote_path(str(identifier), safe='')}"
        return self.href(path)

    def same(self, **parameters: str) -> str:
        """This page's own address with some parameters set."""
        kept = [
            pair for pair in self.request.query_params.multi_items() if pair[0] not in parameters
        ]
        path = quote_path(self.request.url.path, safe="/:@!$&'()*+,;=~-._")
        return f"{path}?{urlencode([*kept, *parameters.items()])}"

    def crumbs(self) -> list[Crumb]:
        """The trail to this page, the page itself last."""
        parts = [part for part in self.request.url.path.split("/") if part]
        found: list[Crumb] = []
        catalogue = getattr(_services(self.request), "catalogue", {})
        for number, part in enumerate(parts, start=1):
            path = "/" + "/".join(quote_path(step, safe="") for step in parts[:number])
            before = parts[number - 2] if number > 1 else ""
            if before in ("collections", "styles") and part in catalogue:
                title = self.say(catalogue[part].title)
            elif before in ("items", "tiles", "tileMatrixSets"):
                title = part
            else:
                title = self.say(PAGE_NAMES[part]) if part in PAGE_NAMES else part
            found.append(Crumb(title, self.href(path)))
        if found and self.last_crumb is not None:
            found[-1] = Crumb(self.last_crumb, found[-1].href)
        return found

    def render(
        self,
        template: str,
        *,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        **context: Any,
    ) -> Response:
        """The answer with a template filled in."""
        text = (
            environment()
            .get_template(template)
            .render(
                view=self,
                t=self.t,
                say=self.say,
                href=self.href,
                present=self.presenter,
                province=self.province,
                assets=assets(),
                origin=origin(self.request) if self.province else "",
                **context,
            )
        )
        headers = {"Content-Language": self.language, **(headers or {})}
        return Response(text, status_code, headers, HTML.type)


def view(request: Request, units: Mapping[str, Unit] | None = None) -> View:
    """The view of a request: its language, and the province if the server is up."""
    served = _services(request)
    zone = served.province.time_zone if served else ZoneInfo("UTC")
    presenter = Presenter(language(request), zone, units or {})
    return View(request, presenter, served.province if served else None)


def _services(request: Request) -> Services | None:
    return getattr(request.app.state, "services", None)
