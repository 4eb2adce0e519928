"""Who offered to help."""

from __future__ import annotations

from layers.figures import Figure
from layers.layer import Text
from layers.overview.parts import help_figure
from layers.rescue.requests import SOS_REQUESTS

FIGURES: tuple[Figure, ...] = (
    Figure(
        "volunteers",
        SOS_REQUESTS,
        Text("Tình nguyện viên sẵn sàng", "Volunteers"),
        ("state",),
        lambda _: help_figure("volunteers"),
        "{person}",
        persons=True,
    ),
)
