"""Analysis of layers: what is read, which methods there are, how jobs and results are kept."""

from __future__ import annotations

from layers.analysis.layers import LAYERS as LAYERS
