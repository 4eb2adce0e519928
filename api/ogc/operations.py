"""Operations and their parameters, said once: handlers parse by them, the definition lists them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from api.negotiation import Media
from api.problems import Problem
from layers.layer import Layer
from spatial.crs import Crs

Schema = dict[str, Any]
"""A JSON Schema as OpenAPI 3.0 writes it."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter.

    Attributes:
        name: as in the address.
        description: for the definition.
        schema: OpenAPI 3.0 schema of the value.
        parse: text to value; raises ValueError with the rule that the text breaks.
        shared: whether the definition keeps it under `components/parameters`.
    """

    name: str
    description: str
    schema: Schema
    parse: Callable[[str], Any]
    shared: bool = True
    style: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of the API.

    Attributes:
        path: below `/ogc`; `{layer}` stands for each layer that `applies` to.
        name: unique; the route's name and the stem of the operationId.
        summary: one line for the definition.
        tag: the group in the definition.
        handler: the endpoint.
        media: the representations of a success, in order of preference.
        schema: the name under `components/schemas` of the JSON answer.
        parameters: the query parameters, for a layer where the path has one.
        crs_parameters: the query parameters, where they depend on the systems offered as well.
        path_parameters: schemas of the path's variables, apart from `layer`.
        applies: which layers have this operation.
        method: of HTTP; a GET answers HEAD as well.
        accepts: the media types of the body; none: it has no body.
        body: the name under `components/schemas` of the JSON body.
        headers: the request's headers that mean something here, by name.
        statuses: of a success, with what each says.
        refusals: the problems that can come beside those of every operation.
    """

    path: str
    name: str
    summary: str
    tag: str
    handler: Callable[[Request], Awaitable[Response]]
    media: tuple[Media, ...]
    schema: str | None = None
    parameters: Callable[[Layer | None], tuple[Parameter, ...]] = lambda _: ()
    crs_parameters: Callable[[Layer, tuple[Crs, ...]], tuple[Parameter, ...]] | None = None
    path_parameters: Mapping[str, Schema] = field(default_factory=dict)
    applies: Callable[[Layer], bool] = lambda _: True
    method: str = "GET"
    accepts: tuple[Media, ...] = ()
    body: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    statuses: Mapping[str, str] = field(default_factory=lambda: {"200": "Success."})
    refusals: tuple[str, ...] = ()


def read(request: Request, parameters: Mapping[str, Parameter]) -> dict[str, Any]:
    """The parsed values of a request's query parameters.

    Raises:
        Problem: 400 for a parameter that is unknown, given twice, or breaks its rule
            (OGC API Features part 1, requirements 8 and 9).
    """
    return read_text(request.scope["query_string"], parameters)


def read_text(query: bytes, parameters: Mapping[str, Parameter]) -> dict[str, Any]:
    """The parsed values of a query string; raises as `read` does."""
    values: dict[str, Any] = {}
    if not query:
        return values
    for name, text in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        parameter = parameters.get(name)
        if parameter is None:
            known = ", ".join(parameters) or "none"
            raise Problem(400, f"Unknown parameter {name!r}; known here are: {known}.")
        if name in values:
            raise Problem(400, f"The parameter {name!r} is given more than once.")
        try:
            values[name] = parameter.parse(text)
        except ValueError as error:
            raise Problem(400, f"{name}={shorten(text)!r}: {error}") from None
    return values


def shorten(text: str, length: int = 120) -> str:
    """The text, cut where it would make an error unreadable."""
    return text if len(text) <= length else text[: length - 1] + "…"
