"""What is ordered when a briefing is made, for whoever draws it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from layers.province import Province

Form = Literal["html", "pdf"]


@dataclass(frozen=True)
class Order:
    """A briefing that is wanted.

    Attributes:
        result: as its process wrote it.
        made: now.
        computed: when the result was; None: that is not known.
        drawn: features on the map, at most.
        summary: what the process said of its result, which a raster does not hold.
    """

    form: Form
    language: str
    database_url: str
    province: Province
    result: bytes
    made: datetime
    computed: datetime | None
    drawn: int
    summary: Mapping[str, Any] = field(default_factory=dict)


class NotBuilt(Exception):
    """Leaflet, which the file carries along, is not beside the build of the web pages."""
