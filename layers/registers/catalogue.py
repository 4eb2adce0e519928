"""The registers of this product, found in the theme modules as layers are."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from types import MappingProxyType

from layers.province import Province
from layers.registers.record import Register
from layers.themes import THEMES


def discover() -> Mapping[str, Register]:
    """The registers that the theme modules list in `REGISTERS`, theme by theme."""
    found: dict[str, Register] = {}
    for theme in THEMES:
        for register in getattr(import_module(f"layers.{theme.id}"), "REGISTERS", ()):
            if register.id in found:
                raise ValueError(f"two registers have the id {register.id}")
            found[register.id] = register
    return MappingProxyType(found)


REGISTERS = discover()
"""The registers, without what is a province's own."""


@lru_cache(maxsize=8)
def registers_of(province: Province) -> Mapping[str, Register]:
    """The registers as a province keeps them, with its own code lists."""
    lists = {one.id: one for one in province.code_lists}
    return MappingProxyType({name: one.with_lists(lists) for name, one in REGISTERS.items()})
