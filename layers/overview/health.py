"""Free beds, and who waits for a doctor."""

from __future__ import annotations

from layers.figures import Figure, total
from layers.health import MEDICAL_FACILITIES
from layers.layer import Text
from layers.overview.parts import END_OF_YESTERDAY, IN_USE, help_figure

FIGURES: tuple[Figure, ...] = (
    Figure(
        "hospital_beds_free",
        MEDICAL_FACILITIES,
        Text("Giường bệnh trống", "Hospital beds free"),
        ("state", "beds_free"),
        lambda _: total("beds_free", IN_USE),
        "{bed}",
        compared=END_OF_YESTERDAY,
        recalled=True,
        better="more",
        mapped=True,
    ),
    Figure(
        "icu_beds_free",
        MEDICAL_FACILITIES,
        Text("Giường hồi sức trống", "Intensive care beds free"),
        ("state", "icu_free"),
        lambda _: total("icu_free", IN_USE),
        "{bed}",
        compared=END_OF_YESTERDAY,
        recalled=True,
        better="more",
        mapped=True,
    ),
    Figure(
        "consultations_waiting",
        MEDICAL_FACILITIES,
        Text("Người chờ bác sĩ gọi lại", "People waiting for a doctor's call"),
        ("state",),
        lambda _: help_figure("waiting"),
        "{person}",
        persons=True,
    ),
    Figure(
        "consultation_minutes",
        MEDICAL_FACILITIES,
        Text("Trung vị đến khi bác sĩ gọi, 24 giờ", "Median to a doctor's call, 24 hours"),
        ("state",),
        lambda _: help_figure("minutes"),
        "min",
    ),
)
