"""One raster: what it is called, what it is like, how it is coloured, where it came from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from layers.catalogue import CATALOGUE
from layers.layer import Text
from spatial.errors import BadInput, shown
from spatial.rasters.colours import Style
from spatial.rasters.facts import Facts

FEED = "rasters"
"""Stands for all rasters among the layers of the change feed."""
NOTHING = Text("", "")
_ID = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Raster:
    """A raster.

    Attributes:
        unit: of its values; empty: they have none.
        sha256: of its file, which it names.
        bytes: of its file.
        provenance: how it was computed; None for a file that somebody brought.
        is_public: whether the public may see it; staff may see all.
        expires: when it is removed; None: never by itself.
    """

    id: str
    title: Text
    description: Text
    unit: str
    facts: Facts
    style: Style
    source: str
    licence: str
    sha256: str
    bytes: int
    provenance: Mapping[str, Any] | None
    is_public: bool
    created: datetime
    created_by: str
    expires: datetime | None


@dataclass(frozen=True, slots=True)
class Entry:
    """What whoever adds a raster says of it; as in `Raster`."""

    id: str
    title: Text
    description: Text = NOTHING
    unit: str = ""
    source: str = ""
    licence: str = ""
    is_public: bool = True
    provenance: Mapping[str, Any] | None = None
    expires: datetime | None = None


def is_id(name: str) -> bool:
    """Whether a raster may have that id; a database cannot even be asked for some texts."""
    return _ID.fullmatch(name) is not None


def check_id(name: str) -> str:
    """The id of a raster to be added.

    Raises:
        BadInput: it is written otherwise than ids are, or is a layer's.
    """
    if not is_id(name):
        raise BadInput(
            f"'{shown(name)}' is no id: small letters, digits and _, a letter first, 63 at most",
            f"'{shown(name)}' không phải là mã: chỉ chữ thường, số và _, bắt đầu bằng chữ, tối đa"
            " 63 ký tự",
        )
    if name in CATALOGUE or name == FEED:
        raise BadInput(
            f"'{name}' is the id of a layer already", f"'{name}' đã là mã của một lớp dữ liệu"
        )
    return name


def path_of(folder: Path, sha256: str) -> Path:
    """The file of a raster.

    Raises:
        ValueError: that is no hash.
    """
    if not _SHA256.fullmatch(sha256):
        raise ValueError("no SHA-256")
    return folder / sha256[:2] / f"{sha256}.tif"
