"""How the results of each process are shown: their classes and colours, columns and order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from api.briefing import texts
from api.briefing.findings import Finding, Found
from api.briefing.writer import NONE, Writer
from layers.layer import Text

Form = Literal["text", "count", "value", "number", "p", "share", "metres", "day"]

SHADES = ("#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494")
"""YlGnBu of ColorBrewer, from the least to the most."""
NOTHING = "#f4f4f1"
"""The colour of what is not significant."""
UNKNOWN = "#a9adb1"
"""The colour of what was not computed."""


@dataclass(frozen=True, slots=True)
class Class:
    """A class of features: its code, its title, its colour."""

    code: str
    title: Text
    colour: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table and of the map's popups.

    Attributes:
        value: takes the value out of a feature.
    """

    title: Text
    form: Form
    value: Callable[[Found], Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """How results of a process are shown.

    Attributes:
        classes: of a result, in the order of the legend.
        class_of: the code of a feature's class.
        notable: what features are sorted by, the largest first.
        columns: after the name and before the class.
    """

    classes: Callable[[Finding], Sequence[Class]]
    class_of: Callable[[Found, Sequence[Class]], str]
    notable: Callable[[Found], tuple[float, ...]]
    columns: Callable[[Finding], Sequence[Column]]


def written(writer: Writer, form: Form, value: Any) -> str:
    """A value of a column for people."""
    match form:
        case "count":
            return writer.number(value)
        case "value":
            return writer.significant(value)
        case "number":
            return writer.number(value, 2)
        case "p":
            return writer.probability(value)
        case "share":
            return writer.percent(value)
        case "metres":
            return writer.metres(value)
        case "day":
            return writer.day(value)
    return NONE if value in (None, "") else str(value)


def _of(name: str) -> Callable[[Found], Any]:
    return lambda found: found.properties.get(name)


def _number(found: Found, name: str, missing: float = float("-inf")) -> float:
    value = found.properties.get(name)
    return float(value) if isinstance(value, int | float) else missing


NOT_SIGNIFICANT = Class(
    "not_significant", Text("Không có ý nghĩa thống kê", "Not significant"), NOTHING
)
NO_PATTERN = Class("no_pattern", Text("Không có quy luật", "No pattern"), NOTHING)
NOT_COMPUTED = Class("not_computed", Text("Không tính được", "Not computed"), UNKNOWN)
SPOTS = (
    Class("hot_99", Text("Điểm nóng, tin cậy 99 %", "Hot spot, 99 % confidence"), "#b2182b"),
    Class("hot_95", Text("Điểm nóng, tin cậy 95 %", "Hot spot, 95 % confidence"), "#ef8a62"),
    Class("hot_90", Text("Điểm nóng, tin cậy 90 %", "Hot spot, 90 % confidence"), "#fddbc7"),
    NOT_SIGNIFICANT,
    Class("cold_90", Text("Điểm lạnh, tin cậy 90 %", "Cold spot, 90 % confidence"), "#d1e5f0"),
    Class("cold_95", Text("Điểm lạnh, tin cậy 95 %", "Cold spot, 95 % confidence"), "#67a9cf"),
    Class("cold_99", Text("Điểm lạnh, tin cậy 99 %", "Cold spot, 99 % confidence"), "#2166ac"),
    NOT_COMPUTED,
)
QUADRANTS = (
    Class("high_high", Text("Cao giữa nơi cao", "High among high"), "#b2182b"),
    Class("high_low", Text("Cao giữa nơi thấp", "High among low"), "#ef8a62"),
    Class("low_high", Text("Thấp giữa nơi cao", "Low among high"), "#67a9cf"),
    Class("low_low", Text("Thấp giữa nơi thấp", "Low among low"), "#2166ac"),
    NOT_SIGNIFICANT,
    NOT_COMPUTED,
)
_HISTORIES = (
    ("new", "mới", "new", "#67000d", "#08306b"),
    ("intensifying", "tăng mạnh", "intensifying", "#a50f15", "#08519c"),
    ("consecutive", "liên tiếp", "consecutive", "#cb181d", "#2171b5"),
    ("persistent", "dai dẳng", "persistent", "#ef3b2c", "#4292c6"),
    ("diminishing", "giảm dần", "diminishing", "#fb6a4a", "#6baed6"),
    ("sporadic", "lúc có lúc không", "sporadic", "#fc9272", "#9ecae1"),
    ("oscillating", "dao động", "oscillating", "#fcbba1", "#c6dbef"),
    ("historical", "đã qua", "historical", "#d4b9a8", "#b7c4d4"),
)
HISTORIES = (
    *(
        Class(f"hot_{code}", Text(f"Điểm nóng {vi}", f"Hot spot, {en}"), colour)
        for code, vi, en, colour, _ in _HISTORIES
    ),
    NO_PATTERN,
    *(
        Class(f"cold_{code}", Text(f"Điểm lạnh {vi}", f"Cold spot, {en}"), colour)
        for code, vi, en, _, colour in _HISTORIES
    ),
    NOT_COMPUTED,
)
CLUSTER = (Class("cluster", Text("Cụm", "Cluster"), "#c2410c"),)
SERVED = (Class("served", Text("Trong tầm", "Within reach"), "#41b6c4"),)
LEVELS = (
    Class("p01", Text("p đến 0,01", "p up to 0.01"), "#b2182b"),
    Class("p05", Text("p đến 0,05", "p up to 0.05"), "#ef8a62"),
    NOT_SIGNIFICANT,
)
_KM = (1000, 2000, 5000, 10_000)
DISTANCES = (
    Class("0", Text("đến 1 km", "up to 1 km"), SHADES[0]),
    Class("1", Text("đến 2 km", "up to 2 km"), SHADES[1]),
    Class("2", Text("đến 5 km", "up to 5 km"), SHADES[2]),
    Class("3", Text("đến 10 km", "up to 10 km"), SHADES[3]),
    Class("4", Text("trên 10 km", "over 10 km"), SHADES[4]),
)
_SHARES = (0.1, 0.25, 0.5, 0.75)
FAR = (
    Class("0", Text("đến 10 % dân số", "up to 10 % of the people"), "#ffffb2"),
    Class("1", Text("đến 25 %", "up to 25 %"), "#fecc5c"),
    Class("2", Text("đến 50 %", "up to 50 %"), "#fd8d3c"),
    Class("3", Text("đến 75 %", "up to 75 %"), "#f03b20"),
    Class("4", Text("trên 75 %", "over 75 %"), "#bd0026"),
)


def _named_class(found: Found, classes: Sequence[Class]) -> str:
    code = str(found.properties.get("class"))
    return code if any(one.code == code for one in classes) else NOT_COMPUTED.code


def _stepped(name: str, limits: Sequence[float]) -> Callable[[Found, Sequence[Class]], str]:
    def class_of(found: Found, classes: Sequence[Class]) -> str:
        value = _first(found.properties.get(name))
        return str(sum(value > limit for limit in limits)) if value is not None else "0"

    return class_of


def _first(value: Any) -> Any:
    """The first of a list: distances are those of the k nearest."""
    return (value[0] if value else None) if isinstance(value, list) else value


def _level(found: Found, classes: Sequence[Class]) -> str:
    p = _number(found, "p", 1.0)
    return "p01" if p <= 0.01 else "p05" if p <= 0.05 else NOT_SIGNIFICANT.code


def _counts(finding: Finding) -> Sequence[Class]:
    """Classes of counts with about as many units in each."""
    values = sorted({_number(one, "n", 0) for one in finding.found})
    limits = sorted({int(np.quantile(values, part)) for part in (0.2, 0.4, 0.6, 0.8, 1)} - {0})
    lows = [1, *(limit + 1 for limit in limits[:-1])]
    colours = SHADES[-len(limits) :]
    return [
        Class(str(high), Text(*(f"{low} – {high}" if low < high else f"{high}",) * 2), colour)
        for low, high, colour in zip(lows, limits, colours, strict=False)
    ]


def _count_class(found: Found, classes: Sequence[Class]) -> str:
    n = _number(found, "n", 0)
    return next((one.code for one in classes if n <= float(one.code)), classes[-1].code)


def _means(finding: Finding) -> Sequence[Class]:
    """Classes of means with about as many areas in each."""
    values = [value for one in finding.found if (value := _number(one, "mean")) > float("-inf")]
    highs = sorted({float(f"{np.quantile(values, part):.3g}") for part in (0.2, 0.4, 0.6, 0.8)})
    bounds = [*highs, float("inf")] if values else []
    classes = [
        Class(str(high), Text(f"đến {high:g}", f"up to {high:g}"), colour)
        for high, colour in zip(bounds, SHADES[-len(bounds) :], strict=False)
    ]
    if len(classes) > 1:
        low = f"{bounds[-2]:g}"
        classes[-1] = replace(classes[-1], title=Text(f"trên {low}", f"over {low}"))
    return (*classes, NOT_COMPUTED)


def _mean_class(found: Found, classes: Sequence[Class]) -> str:
    mean = _number(found, "mean")
    if mean == float("-inf"):
        return NOT_COMPUTED.code
    return next(one.code for one in classes if mean <= float(one.code))


def _cells(finding: Finding, *columns: Column) -> Sequence[Column]:
    """The columns of cells: a grid's have an id, and what is compared is told if it is no count."""
    is_grid = finding.inputs.get("by") in ("hexagon", "square")
    value = finding.inputs.get("value", "count")
    return (
        *((Column(texts.CELL, "text", lambda found: found.id),) if is_grid else ()),
        Column(texts.EVENTS, "count", _of("n")),
        *((Column(texts.COMPARED_VALUE, "value", _of("value")),) if value != "count" else ()),
        *columns,
    )


_SIGNIFICANCE = (Column(texts.P, "p", _of("p")), Column(texts.Q, "p", _of("q")))
_HEAT = {"hot": 2, "cold": 1}


def _heat(found: Found) -> float:
    """Hot before cold before the rest."""
    return _HEAT.get(str(found.properties.get("class")).partition("_")[0], 0)


def _spot(found: Found) -> tuple[float, ...]:
    heat, z = _heat(found), _number(found, "z")
    return (heat, -z if heat == 1 else z)


_QUADRANT_ORDER = {"high_high": 4, "high_low": 3, "low_high": 2, "low_low": 1}
_HISTORY_ORDER = {f"hot_{one[0]}": len(_HISTORIES) - at for at, one in enumerate(_HISTORIES)}


_STATISTICS = (
    Column(texts.MEAN, "value", _of("mean")),
    Column(texts.MINIMUM, "value", _of("min")),
    Column(texts.MAXIMUM, "value", _of("max")),
)


KINDS: Mapping[str, Kind] = {
    "hotspots": Kind(
        lambda _: SPOTS,
        _named_class,
        _spot,
        lambda finding: _cells(finding, Column(texts.Z, "number", _of("z")), *_SIGNIFICANCE),
    ),
    "local-moran": Kind(
        lambda _: QUADRANTS,
        _named_class,
        lambda found: (
            _QUADRANT_ORDER.get(str(found.properties.get("class")), 0),
            _number(found, "value"),
        ),
        lambda finding: _cells(finding, Column(texts.LOCAL_I, "number", _of("i")), *_SIGNIFICANCE),
    ),
    "emerging-hotspots": Kind(
        lambda _: HISTORIES,
        _named_class,
        lambda found: (
            _heat(found),
            _HISTORY_ORDER.get(str(found.properties.get("class")), 0),
            _number(found, "z"),
        ),
        lambda finding: _cells(
            finding,
            Column(texts.Z, "number", _of("z")),
            Column(texts.Q, "p", _of("q")),
            Column(texts.TREND, "number", _of("trend_z")),
        ),
    ),
    "clusters": Kind(
        lambda _: CLUSTER,
        lambda found, classes: "cluster",
        lambda found: (_number(found, "n"),),
        lambda _: (
            Column(texts.EVENTS, "count", _of("n")),
            Column(texts.CORE, "count", _of("core")),
            Column(texts.STRENGTH, "number", _of("strength")),
        ),
    ),
    "scan": Kind(
        lambda _: LEVELS,
        _level,
        lambda found: (_number(found, "llr"),),
        lambda finding: (
            Column(texts.EVENTS, "count", _of("n")),
            Column(texts.EXPECTED, "number", _of("expected")),
            Column(texts.RISK, "number", _of("relative_risk")),
            Column(texts.POPULATION, "count", _of("population")),
            Column(texts.LLR, "number", _of("llr")),
            Column(texts.P, "p", _of("p")),
            *(
                (Column(texts.FIRST, "day", _of("first")), Column(texts.LAST, "day", _of("last")))
                if finding.inputs.get("step_days")
                else ()
            ),
        ),
    ),
    "nearest": Kind(
        lambda _: DISTANCES,
        _stepped("distance_m", _KM),
        lambda found: (_first(found.properties.get("distance_m")) or 0.0,),
        lambda _: (
            Column(texts.FEATURE, "text", lambda found: found.id),
            Column(texts.NEAREST, "text", lambda found: _first(found.properties.get("nearest"))),
            Column(
                texts.DISTANCE, "metres", lambda found: _first(found.properties.get("distance_m"))
            ),
        ),
    ),
    "service-area": Kind(
        lambda _: SERVED,
        lambda found, classes: "served",
        lambda found: (_number(found, "people"), _number(found, "area_km2")),
        lambda finding: (
            Column(texts.FEATURE, "text", lambda found: found.id),
            Column(texts.AREA_KM2, "value", _of("area_km2")),
            Column(texts.PEOPLE, "count", _of("people")),
            *(
                (Column(texts.WITHIN, "count", _of("features_within")),)
                if finding.inputs.get("of")
                else ()
            ),
        ),
    ),
    "coverage-gap": Kind(
        lambda _: FAR,
        _stepped("share_beyond", _SHARES),
        lambda found: (_number(found, "people_beyond"), _number(found, "share_beyond")),
        lambda _: (
            Column(texts.POPULATION, "count", _of("population")),
            Column(texts.BEYOND_PEOPLE, "count", _of("people_beyond")),
            Column(texts.SHARE, "share", _of("share_beyond")),
        ),
    ),
    "density": Kind(
        lambda _: (),
        lambda found, classes: "",
        lambda found: (_number(found, "max"),),
        lambda _: (
            Column(texts.HIGHEST_DENSITY, "value", _of("max")),
            Column(texts.MEAN_DENSITY, "value", _of("mean")),
        ),
    ),
    "interpolate": Kind(
        lambda _: (),
        lambda found, classes: "",
        lambda found: (_number(found, "mean"),),
        lambda _: _STATISTICS,
    ),
    "zonal-statistics": Kind(
        _means,
        _mean_class,
        lambda found: (_number(found, "mean"),),
        lambda _: (Column(texts.PIXELS, "count", _of("count")), *_STATISTICS),
    ),
    "summary": Kind(
        _counts,
        _count_class,
        lambda found: (_number(found, "n"),),
        lambda finding: (
            Column(texts.EVENTS, "count", _of("n")),
            *(
                (Column(texts.SUM, "value", _of("sum")),)
                if finding.inputs.get("value", "count") != "count"
                else ()
            ),
        ),
    ),
}
"""By the id of the process."""
