"""The figures, breakdowns and daily series of the dashboard: a module a theme, in this order."""

from __future__ import annotations

from types import ModuleType

from layers.figures import Breakdown, Figure, Series
from layers.overview import (
    control,
    documents,
    health,
    network,
    quarantine,
    rescue,
    tracing,
    vaccination,
    volunteers,
)

THEMES: tuple[ModuleType, ...] = (
    rescue,
    control,
    tracing,
    quarantine,
    vaccination,
    health,
    volunteers,
    documents,
    network,
)
"""Each has FIGURES; BREAKDOWNS and SERIES where there are some."""

FIGURES: tuple[Figure, ...] = tuple(one for theme in THEMES for one in theme.FIGURES)
BREAKDOWNS: tuple[Breakdown, ...] = tuple(
    one for theme in THEMES for one in getattr(theme, "BREAKDOWNS", ())
)
SERIES: tuple[Series, ...] = tuple(one for theme in THEMES for one in getattr(theme, "SERIES", ()))
