"""The catalogue: every layer that is served, found in the theme modules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module

from layers.layer import Layer, Theme
from layers.themes import THEMES


class Catalogue(Mapping[str, Layer]):
    """A fixed, ordered mapping from a layer's id to its record."""

    __slots__ = ("_layers",)

    def __init__(self, layers: Iterable[Layer]) -> None:
        self._layers: dict[str, Layer] = {}
        for layer in layers:
            if layer.id in self._layers:
                raise ValueError(f"two layers have the id {layer.id}")
            self._layers[layer.id] = layer

    def __getitem__(self, layer_id: str) -> Layer:
        return self._layers[layer_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._layers)

    def __len__(self) -> int:
        return len(self._layers)

    def themes(self) -> dict[Theme, tuple[Layer, ...]]:
        """The layers by theme, both in the order people see them."""
        groups: dict[Theme, tuple[Layer, ...]] = {}
        for layer in self._layers.values():
            groups[layer.theme] = (*groups.get(layer.theme, ()), layer)
        return groups


def discover() -> Catalogue:
    """The layers that the theme modules list in `LAYERS`, theme by theme."""
    return Catalogue(
        layer for theme in THEMES for layer in import_module(f"layers.{theme.id}").LAYERS
    )


CATALOGUE = discover()
"""The layers of this product."""
