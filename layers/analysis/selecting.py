"""Which layer an analysis is of, and which of its features."""

from __future__ import annotations

from layers.analysis.inputs import Inputs
from layers.catalogue import CATALOGUE
from layers.layer import Layer
from layers.query import Query
from layers.queryables import queryables
from layers.roles import Caller
from spatial.cql2 import compile_filter, parse_filter
from spatial.crs import CRS84
from spatial.errors import BadInput
from spatial.temporal import parse_datetime


def layer_of(inputs: Inputs) -> Layer:
    """The layer that is asked for.

    Raises:
        BadInput: there is none of that id.
    """
    layer = CATALOGUE.get(inputs.layer)
    if layer is None:
        known = ", ".join(CATALOGUE)
        raise BadInput(
            f"there is no layer {inputs.layer!r}; the layers are {known}",
            f"không có lớp {inputs.layer!r}; các lớp: {known}",
        )
    return layer


def query_of(layer: Layer, inputs: Inputs, caller: Caller) -> Query:
    """The query that selects the events.

    Raises:
        BadInput: the filter or the time breaks a rule.
    """
    compiled = interval = None
    if inputs.filter is not None:
        expression = parse_filter(inputs.filter, "cql2-text")
        compiled = compile_filter(expression, queryables(layer, caller.audience), CRS84)
    if inputs.datetime is not None:
        if not layer.time_columns:
            raise BadInput(
                f"the layer {layer.id} has no time", f"lớp {layer.id} không có cột thời gian"
            )
        interval = parse_datetime(inputs.datetime)
    return Query(layer, caller.audience, filter=compiled, interval=interval)
