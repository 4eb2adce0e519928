"""Documents: the directives that say what holds where, and for how long."""

from __future__ import annotations

from layers.documents.directives import DIRECTIVES
from layers.layer import Layer

LAYERS: tuple[Layer, ...] = (DIRECTIVES,)
