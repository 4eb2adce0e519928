"""CQL2 filters: text or JSON to a checked expression, and that to SQL."""

from spatial.cql2.compile import compile_filter
from spatial.cql2.errors import BadFilter
from spatial.cql2.parse import DEFAULT_LIMITS, FilterLang, Limits, parse_filter
from spatial.cql2.parts import without
from spatial.cql2.types import Expression, Queryable

__all__ = [
    "DEFAULT_LIMITS",
    "BadFilter",
    "Expression",
    "FilterLang",
    "Limits",
    "Queryable",
    "compile_filter",
    "parse_filter",
    "without",
]
