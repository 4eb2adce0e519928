"""What is ordered when a briefing is made, for whoever draws it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

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
    """

    form: Form
    language: str
    database_url: str
    province: Province
    result: bytes
    made: datetime
    computed: datetime | None
    drawn: int


class NotBuilt(Exception):
    """Leaflet, which the file carries along, is not beside the build of the web pages."""
