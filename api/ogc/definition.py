"""The API's definition: OpenAPI 3.0 made from the operations that the routes are made from.

Each collection has its own paths, as QGIS and GDAL look for them; parameters that operations
share are kept under their own names in `components/parameters`, where both read them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from api.analysis.schemas import SCHEMAS as PROCESS_SCHEMAS
from api.directives.catalogue import RECORD_SCHEMAS
from api.negotiation import FLATGEOBUF, GEOJSON, GEOJSONL, HTML, MVT, OPENAPI, Media
from api.ogc import components
from api.ogc.feature_components import edit_name, feature_name, layer_schemas, page_name
from api.ogc.formats import FILE_MEDIA
from api.ogc.operations import Operation, Parameter
from api.ogc.summaries import SUMMARIES, TAGS
from layers.layer import Layer, json_type
from layers.province import Province
from spatial.crs import Crs

Document = dict[str, Any]

VERSION = "3.0.3"
_VARIABLE = re.compile(r"{(\w+)(?::\w+)?}")
_BINARY = (FLATGEOBUF, MVT, *FILE_MEDIA)
_READING = ("400", "404", "406", "500", "503")
"""The problems that an answer to GET may be."""
_PROBLEMS = {
    "400": ("BadRequest", "A parameter is unknown or breaks its rule."),
    "401": ("NotSignedIn", "The caller must sign in."),
    "403": ("Forbidden", "The caller may not do this; PostgreSQL decides."),
    "404": ("NotFound", "There is nothing at this address."),
    "406": ("NotAcceptable", "None of the media types in Accept can be given."),
    "409": ("Conflict", "It conflicts with other features; each is listed."),
    "410": ("Gone", "It was removed."),
    "412": ("PreconditionFailed", "The feature has changed; both versions are given."),
    "413": ("TooLarge", "The body, or the number of its features, is too large."),
    "415": ("UnsupportedMedia", "The body is of a type that is not read here."),
    "422": ("Invalid", "Values break rules; every fault is listed by its column."),
    "429": ("TooMany", "The caller has too many unfinished jobs."),
    "428": ("MatchRequired", "The layer demands If-Match."),
    "500": ("ServerError", "The server made an error."),
    "503": ("Unavailable", "The query took too long, or the database cannot answer."),
}


@dataclass(frozen=True)
class Definition:
    """What the definition is made from.

    Attributes:
        origin: the address of the server, without a slash at its end.
        lang: `vi` or `en`, of titles and summaries; descriptions are English.
    """

    operations: tuple[Operation, ...]
    layers: tuple[Layer, ...]
    listed: tuple[Crs, ...]
    province: Province
    origin: str
    lang: str
    shared: dict[str, Document] = field(default_factory=dict, init=False)

    @cached_property
    def document(self) -> Document:
        """The OpenAPI document."""
        paths = self._paths()
        schemas = {**components.SCHEMAS, **PROCESS_SCHEMAS, **RECORD_SCHEMAS}
        for layer in self.layers:
            schemas |= layer_schemas(layer, self.lang)
        for operation in self.operations:
            if operation.schema is not None:
                schemas.setdefault(operation.schema, {"type": "object"})
        return {
            "openapi": VERSION,
            "info": self._info(),
            "servers": [{"url": f"{self.origin}/ogc"}],
            "tags": [{"name": tag, "description": self._say(TAGS, tag)} for tag in self._tags()],
            "paths": paths,
            "components": {
                "parameters": self.shared,
                "responses": dict(_problem_response(*known) for known in _PROBLEMS.values()),
                "schemas": schemas,
            },
        }

    def _info(self) -> Document:
        name = self.province.full_name.in_language(self.lang)
        return {
            "title": f"{'Điều hành' if self.lang == 'vi' else 'Dieuhanh'}: {name}",
            "version": "1.0.0",
            "description": "OGC API Features, Tiles, Styles and Processes of the province's layers;"
            " Coverages and Maps of its rasters; Records of its directives.",
            "license": {
                "name": "Apache 2.0",
                "url": "https://www.apache.org/licenses/LICENSE-2.0",
            },
        }

    def _tags(self) -> Iterable[str]:
        return dict.fromkeys(operation.tag for operation in self.operations)

    def _say(self, texts: Any, name: str) -> str:
        known = texts.get(name)
        return name if known is None else str(known.in_language(self.lang))

    def _paths(self) -> dict[str, Document]:
        paths: dict[str, Document] = {}
        for operation in self.operations:
            if not operation.path:
                continue  # the landing page without the slash, which OpenAPI cannot write
            path = _VARIABLE.sub(r"{\1}", operation.path)
            method = operation.method.lower()
            if "{layer}" not in path:
                paths.setdefault(path, {})[method] = self._operation(operation, None)
                continue
            for layer in self.layers:
                if operation.applies(layer):
                    own = path.replace("{layer}", layer.id)
                    paths.setdefault(own, {})[method] = self._operation(operation, layer)
        return paths

    def _operation(self, operation: Operation, layer: Layer | None) -> Document:
        summary = self._summary(operation)
        if layer is not None:
            summary = f"{layer.title.in_language(self.lang)}: {summary}"
        known = operation.parameters(layer)
        if layer is not None and operation.crs_parameters is not None:
            known = operation.crs_parameters(layer, self.listed)
        body = {"requestBody": _body(operation, layer)} if operation.accepts else {}
        return {
            **body,
            "operationId": operation.name if layer is None else f"{operation.name}_{layer.id}",
            "summary": summary,
            "description": f"{operation.summary}.",
            "tags": [operation.tag],
            "parameters": [
                *self._path_parameters(operation, layer),
                *(self._parameter(parameter) for parameter in known),
                *(_header(name, text) for name, text in operation.headers.items()),
            ],
            "responses": self._responses(operation, layer),
        }

    def _summary(self, operation: Operation) -> str:
        known = SUMMARIES.get(operation.name)
        return known if known is not None and self.lang == "vi" else operation.summary

    def _path_parameters(self, operation: Operation, layer: Layer | None) -> list[Document]:
        found = []
        for name in _VARIABLE.findall(operation.path):
            if name == "layer":
                continue
            schema = operation.path_parameters.get(name, {"type": "string"})
            if name == "feature" and layer is not None:
                schema = _identifier(layer)
            found.append({"name": name, "in": "path", "required": True, "schema": schema})
        return found

    def _parameter(self, parameter: Parameter) -> Document:
        document = {
            "name": parameter.name,
            "in": "query",
            "description": parameter.description,
            "required": False,
            "schema": parameter.schema,
            "style": "form",
            "explode": False,
            **parameter.style,
        }
        if not parameter.shared:
            return document
        self.shared.setdefault(parameter.name, document)
        return {"$ref": f"#/components/parameters/{parameter.name}"}

    def _responses(self, operation: Operation, layer: Layer | None) -> Document:
        content: Document = {}
        for media in operation.media:
            name = media.type if media is OPENAPI else media.essence
            content.setdefault(name, {"schema": _schema(operation, layer, media)})
        first, description = next(iter(operation.statuses.items()))
        success: Document = {"description": description}
        if content:
            success["content"] = content
        if GEOJSON in operation.media and layer is not None:
            success["headers"] = {
                "Content-Crs": {
                    "description": "The system of the coordinates, in angle brackets.",
                    "schema": {"type": "string"},
                }
            }
        missing = "{" in operation.path.replace("{layer}", "")
        if operation.method != "GET":
            success.setdefault("headers", {}).update(_written_headers(operation))
            return {
                first: success,
                **{s: {"description": d} for s, d in list(operation.statuses.items())[1:]},
                **{s: _problem(s) for s in ("400", "500", "503", *operation.refusals)},
            }
        empty = {"204": {"description": "Nothing is in this tile."}}
        return {
            first: success,
            **(empty if MVT in operation.media else {}),
            **{s: {"description": d} for s, d in list(operation.statuses.items())[1:]},
            **{s: _problem(s) for s in _READING if missing or s != "404"},
            **{s: _problem(s) for s in operation.refusals},
        }


def _identifier(layer: Layer) -> Document:
    kind, form = json_type(layer, layer.id_column)
    return {"type": kind} if form is None else {"type": kind, "format": form}


def _problem(status: str) -> Document:
    return {"$ref": f"#/components/responses/{_PROBLEMS[status][0]}"}


def _header(name: str, text: str) -> Document:
    return {
        "name": name,
        "in": "header",
        "description": text,
        "required": False,
        "schema": {"type": "string"},
    }


def _written_headers(operation: Operation) -> Document:
    """The headers of an answer to an edit."""
    texts = {"ETag": "Names the layer's version that the edit has made."}
    if operation.tag == "processes":
        texts = {}
    if "201" in operation.statuses:
        texts["Location"] = "The address of what was created."
    if operation.method == "OPTIONS":
        texts = {"Allow": "What this caller may do here."}
    return {name: {"description": d, "schema": {"type": "string"}} for name, d in texts.items()}


def _body(operation: Operation, layer: Layer | None) -> Document:
    schema: Document = {"type": "object"}
    if operation.body in ("edit", "edits") and layer is not None:
        schema = components.ref(edit_name(layer))
        if operation.body == "edits":
            schema = {"oneOf": [schema, components.ref("edits")]}
    elif operation.body is not None:
        schema = components.ref(operation.body)
    return {
        "required": True,
        "content": {
            media.essence: {"schema": {"type": "string"} if media is GEOJSONL else schema}
            for media in operation.accepts
        },
    }


def _schema(operation: Operation, layer: Layer | None, media: Media) -> Document:
    if media in _BINARY or media.essence in _BINARY_TYPES:
        return {"type": "string", "format": "binary"}
    if media is HTML or media is GEOJSONL or media.essence.startswith("text/"):
        return {"type": "string"}
    if operation.schema is None:
        return {"type": "object"}
    if operation.schema in ("feature", "features") and layer is not None:
        name = feature_name if operation.schema == "feature" else page_name
        return components.ref(name(layer))
    return components.ref(operation.schema)


_BINARY_TYPES = ("image/png", "image/svg+xml", "image/tiff", "application/x-protobuf")


def _problem_response(name: str, description: str) -> tuple[str, Document]:
    content = {
        "application/problem+json": {"schema": components.ref("problem")},
        "text/html": {"schema": {"type": "string"}},
    }
    return name, {"description": description, "content": content}
