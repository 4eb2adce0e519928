"""The query parameters of OGC API, one function each."""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

import orjson

from api.negotiation import Media
from api.ogc.operations import Parameter, Schema
from layers.layer import Audience, Column, Layer, json_type, sql_type
from layers.query import SortKey
from spatial.crs import Crs, crs_from_uri
from spatial.errors import BadInput
from spatial.temporal import parse_datetime

DEFAULT_LIMIT = 10
MAXIMUM_LIMIT = 10_000
MAXIMUM_OFFSET = 10_000_000
MAXIMUM_WORDS = 10


def f(media: tuple[Media, ...]) -> Parameter:
    """`f`: the representation, instead of the Accept header."""
    names = [m.f for m in media]
    return Parameter(
        "f",
        "The representation of the answer; without it the Accept header decides.",
        {"type": "string", "enum": names},
        one_of(names),
        shared=False,
    )


def lang() -> Parameter:
    """`lang`: the language of texts, instead of Accept-Language."""
    return Parameter(
        "lang",
        "The language of titles and texts, instead of Accept-Language.",
        {"type": "string", "enum": ["vi", "en"]},
        one_of(["vi", "en"]),
    )


def limit() -> Parameter:
    """`limit` (Features part 1, 7.15.2): a larger value than the maximum means the maximum."""
    schema: Schema = {
        "type": "integer",
        "minimum": 1,
        "maximum": MAXIMUM_LIMIT,
        "default": DEFAULT_LIMIT,
    }

    def parse(text: str) -> int:
        return min(whole(text, 1, None), MAXIMUM_LIMIT)

    return Parameter(
        "limit",
        f"Features in one page; a number over {MAXIMUM_LIMIT} means {MAXIMUM_LIMIT}.",
        schema,
        parse,
        style={"style": "form", "explode": False},
    )


def offset() -> Parameter:
    """`offset`: rows to skip; `next` links use `cursor`, which stays fast at any depth."""
    return Parameter(
        "offset",
        "Features to skip. The `next` links page by `cursor` instead, which is faster.",
        {"type": "integer", "minimum": 0, "maximum": MAXIMUM_OFFSET, "default": 0},
        lambda text: whole(text, 0, MAXIMUM_OFFSET),
    )


def bbox() -> Parameter:
    """`bbox` (part 1, 7.15.3); read with `bbox-crs`, hence kept as text here."""
    return Parameter(
        "bbox",
        "Only features that intersect the box: four numbers, or six with heights, which are"
        " ignored. In CRS84 (longitude, latitude) unless bbox-crs says otherwise; a western"
        " bound larger than the eastern one crosses the antimeridian.",
        {
            "type": "array",
            "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
            "items": {"type": "number"},
        },
        str,
        style={"style": "form", "explode": False},
    )


def crs(name: str, listed: tuple[Crs, ...], description: str) -> Parameter:
    """`crs`, `bbox-crs` or `filter-crs` (part 2, 6.2; part 3, 6.3.3): one of the listed ones."""

    def parse(text: str) -> Crs:
        try:
            found = crs_from_uri(text)
        except ValueError:
            found = None
        if found is None or found not in listed:
            raise _not_listed([c.uri for c in listed])
        return found

    schema = {"type": "string", "format": "uri", "enum": [c.uri for c in listed]}
    return Parameter(name, description, schema, parse)


def datetime_() -> Parameter:
    """`datetime` (part 1, 7.15.4)."""
    return Parameter(
        "datetime",
        "Only features whose time intersects an instant or an interval (RFC 3339), closed at"
        " both ends; `..` leaves an end open.",
        {"type": "string"},
        parse_datetime,
        style={"style": "form", "explode": False},
    )


def properties(layer: Layer, audience: Audience = Audience.PUBLIC) -> Parameter:
    """`properties`: the columns to write (part 6 draft, as pygeoapi and ldproxy have it)."""
    names = [c.name for c in layer.readable(audience)]

    def parse(text: str) -> tuple[str, ...]:
        wished = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
        for name in wished:
            if name not in names:
                raise BadInput(
                    f"{name!r} is no property; they are: {', '.join(names)}",
                    f"không có thuộc tính {name!r}; các thuộc tính là: {', '.join(names)}",
                )
        return wished

    return Parameter(
        "properties",
        "The properties to write, separated by commas; an empty list writes none.",
        {"type": "array", "items": {"type": "string", "enum": names}},
        parse,
        shared=False,
        style={"style": "form", "explode": False},
    )


def skip_geometry() -> Parameter:
    """`skipGeometry`: leave geometries out."""
    return Parameter(
        "skipGeometry",
        "Whether to leave the geometries out.",
        {"type": "boolean", "default": False},
        boolean,
    )


def sortby(layer: Layer, audience: Audience = Audience.PUBLIC) -> Parameter:
    """`sortby` (Features part 5, sorting): names, each with `-` for descending."""
    names = [c.name for c in layer.readable(audience)]

    def parse(text: str) -> tuple[SortKey, ...]:
        keys: list[SortKey] = []
        for part in text.split(","):
            # A literal + in a query string arrives as a space.
            sign, name = (part[0], part[1:]) if part[:1] in ("+", "-", " ") else ("+", part)
            if name not in names:
                raise BadInput(
                    f"{name!r} is not sortable; sortable are: {', '.join(names)}",
                    f"không sắp xếp được theo {name!r}; có thể theo: {', '.join(names)}",
                )
            if any(key.column == name for key in keys):
                raise BadInput(f"{name!r} is named twice", f"{name!r} được nêu hai lần")
            keys.append(SortKey(name, sign == "-"))
        return tuple(keys)

    return Parameter(
        "sortby",
        "Properties to sort by, separated by commas; `-` before a name sorts descending."
        " The id breaks ties.",
        {"type": "array", "items": {"type": "string", "pattern": r"^[+-]?\w+$"}},
        parse,
        shared=False,
        style={"style": "form", "explode": False},
    )


def q() -> Parameter:
    """`q`: words sought in the layer's text columns, without regard to case and accents."""

    def parse(text: str) -> tuple[str, ...]:
        words = tuple(dict.fromkeys(text.replace(",", " ").split()))
        if not words:
            raise BadInput("must hold at least one word", "phải có ít nhất một từ")
        if len(words) > MAXIMUM_WORDS or len(text) > 200:
            raise BadInput(
                f"must hold at most {MAXIMUM_WORDS} words and 200 characters",
                f"chỉ được có tối đa {MAXIMUM_WORDS} từ và 200 ký tự",
            )
        return words

    return Parameter(
        "q",
        "Words that must all occur in the feature's texts; accents and case do not matter.",
        {"type": "string", "minLength": 1, "maxLength": 200},
        no_nul(parse),
    )


def result_type() -> Parameter:
    """`resultType=hits`: only count."""
    return Parameter(
        "resultType",
        "`hits` answers with the exact number of matching features and no feature.",
        {"type": "string", "enum": ["results", "hits"], "default": "results"},
        one_of(["results", "hits"]),
    )


def filter_() -> Parameter:
    """`filter` (part 3); read with `filter-lang` and `filter-crs`, hence kept as text here."""
    return Parameter(
        "filter",
        "A CQL2 expression over the queryables.",
        {"type": "string", "minLength": 1},
        str,
    )


def filter_lang() -> Parameter:
    """`filter-lang`: CQL2 text or JSON. `cql-text` is the older name that GDAL looks for."""
    names = ["cql2-text", "cql2-json", "cql-text"]
    return Parameter(
        "filter-lang",
        "The language of the filter.",
        {"type": "string", "enum": names, "default": "cql2-text"},
        lambda text: "cql2-json" if one_of(names)(text) == "cql2-json" else "cql2-text",
    )


def cursor() -> Parameter:
    """`cursor`: a position in the sort order, as the `next` links carry it."""

    def parse(text: str) -> list[Any]:
        try:
            padded = text + "=" * (-len(text) % 4)
            keys = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        except (binascii.Error, ValueError):
            keys = None
        if not isinstance(keys, list) or not all(k is None or isinstance(k, str) for k in keys):
            raise BadInput(
                "is not a cursor of this server; follow the links named `next`",
                "không phải là vị trí do máy chủ này cấp; hãy đi theo liên kết `next`",
            )
        return keys

    return Parameter(
        "cursor",
        "Where the page begins; only ever taken from a `next` link.",
        {"type": "string"},
        parse,
    )


def make_cursor(keys: list[str | None]) -> str:
    """The `cursor` that stands for a row's key values."""
    return base64.urlsafe_b64encode(orjson.dumps(keys)).rstrip(b"=").decode()


def queryable(layer: Layer, column: Column) -> Parameter:
    """property=value (part 1, 7.15.5): equality with one value."""
    kind, form = json_type(layer, column.name)
    schema: Schema = {"type": kind}
    if form is not None:
        schema["format"] = form
    if column.codes is not None:
        schema["enum"] = list(column.codes.values)
    sql_kind = sql_type(layer, column.name)
    codes = column.codes.values if column.codes is not None else None

    def parse(text: str) -> Any:
        if codes is not None and text not in codes:
            raise _not_listed(codes)
        return typed(text, sql_kind)

    return Parameter(column.name, column.title.en, schema, parse, shared=False)


def typed(text: str, kind: str) -> Any:
    """A text as the value of a PostgreSQL type, as the driver binds it.

    Raises:
        ValueError: the text is no value of that type, with the rule.
    """
    readers = {
        "int8": lambda t: whole(t, -(2**63), 2**63 - 1),
        "float8": finite,
        "bool": boolean,
        "uuid": _uuid,
        "timestamptz": _instant,
        "date": _date,
    }
    return readers.get(kind, no_nul(str))(text)


def whole(text: str, lowest: int, highest: int | None) -> int:
    """A whole number in decimal digits, within bounds."""
    digits = text[1:] if text[:1] == "-" else text
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 19:
        raise BadInput("must be a whole number", "phải là số nguyên")
    number = int(text)
    if number < lowest or (highest is not None and number > highest):
        if highest is None:
            raise BadInput(f"must be at least {lowest}", f"phải từ {lowest} trở lên")
        raise BadInput(f"must be between {lowest} and {highest}", f"phải từ {lowest} đến {highest}")
    return number


def finite(text: str) -> float:
    """A finite number; no `NaN`, no infinity, no underscore."""
    try:
        number = float(text) if "_" not in text else float("nan")
    except ValueError:
        number = float("nan")
    if number != number or number in (float("inf"), float("-inf")):
        raise BadInput("must be a finite number", "phải là một số hữu hạn")
    return number


def boolean(text: str) -> bool:
    """`true` or `false`."""
    if text not in ("true", "false"):
        raise BadInput("must be true or false", "phải là true hoặc false")
    return text == "true"


def _not_listed(values: Iterable[str]) -> BadInput:
    listed = ", ".join(values)
    return BadInput(f"must be one of {listed}", f"phải là một trong: {listed}")


def one_of(values: list[str]) -> Any:
    """A parser that takes these texts and no other."""

    def parse(text: str) -> str:
        if text not in values:
            raise _not_listed(values)
        return text

    return parse


def no_nul(parse: Any) -> Any:
    """The parser, after refusing what PostgreSQL cannot store as text."""

    def checked(text: str) -> Any:
        if "\x00" in text:
            raise BadInput("must not hold a NUL character", "không được có ký tự NUL")
        if not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text):
            raise BadInput("must be valid Unicode", "phải là Unicode hợp lệ")
        return parse(text)

    return checked


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise BadInput("must be a UUID", "phải là một UUID") from None


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=UTC)
        return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadInput(
            "must be a date and time such as 2021-08-17T08:00:00Z",
            "phải là ngày giờ như 2021-08-17T08:00:00Z",
        ) from None


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput("must be a date such as 2021-08-17", "phải là ngày như 2021-08-17") from None


def indexed(*parameters: Parameter) -> Mapping[str, Parameter]:
    """The parameters by name."""
    return {parameter.name: parameter for parameter in parameters}
