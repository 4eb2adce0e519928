"""The controls of an items page: headings that sort, the filter form, links to other formats."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlencode

from starlette.requests import Request

from api.negotiation import CSV, FLATGEOBUF, GEOJSON, GEOJSONL, Media
from api.ogc.queries import is_searched
from api.ogc.view import View
from api.present import PLACE_COLUMNS, Presenter
from layers.layer import Column, Layer, json_type

PAGE_SIZES = (10, 50, 200)
DAY_FIELDS = ("from", "to")
"""The form's fields that become `datetime`."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A column of the table.

    Attributes:
        numeric: whether its values are numbers, which stand to the right.
        href: this page sorted by the column; descending if it is ascending now.
        order: how the column is sorted now, as `aria-sort` says it.
    """

    column: Column
    numeric: bool
    href: str
    order: Literal["none", "ascending", "descending"]


@dataclass(frozen=True, slots=True)
class Choice:
    """A list in the form: the values of a code list, or the units of a level."""

    column: Column
    options: tuple[tuple[str, str], ...]
    chosen: str


@dataclass(frozen=True, slots=True)
class FilterForm:
    """The form above the table.

    Attributes:
        words: the search text; None where the layer has no text to search.
        days: the first and the last day asked for; None where the layer has no time.
        hidden: parameters of the address that the form leaves as they are.
        active: whether any of the form's conditions is set.
    """

    words: str | None
    choices: tuple[Choice, ...]
    days: tuple[str, str] | None
    size: int
    hidden: tuple[tuple[str, str], ...]
    active: bool


def address(request: Request, drop: Iterable[str] = (), **parameters: Any) -> str:
    """This page's address without some parameters and with others set."""
    gone = {*drop, *parameters}
    kept = [pair for pair in request.query_params.multi_items() if pair[0] not in gone]
    text = urlencode([*kept, *parameters.items()])
    return f"{request.url.path}?{text}" if text else request.url.path


def headings(request: Request, layer: Layer, columns: Iterable[Column]) -> list[Heading]:
    """The headings of the columns; the column that names a feature comes first."""
    sorted_by = request.query_params.get("sortby", "").partition(",")[0].strip(" +")
    found = []
    for column in sorted(columns, key=lambda one: one.name != layer.title_column):
        order: Literal["none", "ascending", "descending"] = "none"
        if sorted_by.removeprefix("-") == column.name:
            order = "descending" if sorted_by.startswith("-") else "ascending"
        wish = f"-{column.name}" if order == "ascending" else column.name
        numeric = json_type(layer, column.name)[0] in ("integer", "number")
        target = address(request, ("cursor", "offset"), sortby=wish)
        found.append(Heading(column, numeric, target, order))
    return found


def filter_form(request: Request, layer: Layer, presenter: Presenter) -> FilterForm:
    """The form, filled with what the address asks for."""
    asked = request.query_params
    choices = tuple(
        Choice(column, options, asked.get(column.name, ""))
        for column in layer.readable()
        if (options := _options(layer, column, presenter))
    )
    words = asked.get("q", "") if is_searched(layer) else None
    days = _days(asked.get("datetime", ""), presenter) if layer.time_columns else None
    size = asked.get("limit", "")
    shown = {"limit", "cursor", "offset", *(choice.column.name for choice in choices)}
    if words is not None:
        shown.add("q")
    if days is not None:
        shown.add("datetime")
    return FilterForm(
        words=words,
        choices=choices,
        days=days,
        size=int(size) if size.isdigit() else PAGE_SIZES[0],
        hidden=tuple(pair for pair in asked.multi_items() if pair[0] not in shown),
        active=bool(words or any(days or ()) or any(choice.chosen for choice in choices)),
    )


def _options(layer: Layer, column: Column, presenter: Presenter) -> tuple[tuple[str, str], ...]:
    if column.codes is not None:
        return tuple((code.value, presenter.say(code.title)) for code in column.codes.codes)
    level = PLACE_COLUMNS.get(column.name)
    if level is None:
        return ()
    return tuple((u.code, u.name) for u in presenter.units.values() if u.level == level)


def _days(interval: str, presenter: Presenter) -> tuple[str, str]:
    start, _, end = interval.partition("/")
    return _day(start, presenter), _day(end if "/" in interval else start, presenter)


def _day(instant: str, presenter: Presenter) -> str:
    try:
        moment = datetime.fromisoformat(instant)
        if moment.tzinfo is not None:
            moment = moment.astimezone(presenter.zone)
    except (ValueError, OverflowError):
        return ""
    return moment.date().isoformat()


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that the form has no field for, and this page without it."""

    name: str
    value: str
    without: str


def other_conditions(request: Request, layer: Layer, shown: View) -> list[Condition]:
    """The conditions of the address that the form does not show."""
    form = filter_form(request, layer, shown.presenter)
    own = {"bbox", "filter", "properties", *layer.by_name}
    if form.days is None:
        own.add("datetime")
    return [
        Condition(name, value, address(request, (name, "cursor", "offset")))
        for name, value in form.hidden
        if name in own
    ]


def map_address(request: Request) -> str:
    """The features of this page as the small map draws them: all properties, CRS84."""
    return address(request, ("crs", "skipGeometry", "properties", "lang"), f="json")


def formats(request: Request) -> list[tuple[Media, str]]:
    """The other formats of an items page, each with its address."""
    return [(media, address(request, f=media.f)) for media in (GEOJSON, CSV, GEOJSONL, FLATGEOBUF)]
