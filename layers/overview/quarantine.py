"""Quarantine sites and hotels, against the end of yesterday."""

from __future__ import annotations

from layers.figures import Figure, percentage, total
from layers.layer import Text
from layers.overview.parts import END_OF_YESTERDAY, IN_USE
from layers.quarantine import HOTELS, QUARANTINE_SITES

FIGURES: tuple[Figure, ...] = (
    Figure(
        "quarantine_occupied",
        QUARANTINE_SITES,
        Text("Đang cách ly tập trung", "In quarantine sites"),
        ("state", "occupied"),
        lambda _: total("occupied", IN_USE),
        "{person}",
        compared=END_OF_YESTERDAY,
        recalled=True,
        persons=True,
        mapped=True,
        whole="quarantine_capacity",
    ),
    Figure(
        "quarantine_capacity",
        QUARANTINE_SITES,
        Text("Sức chứa khu cách ly", "Capacity of quarantine sites"),
        ("state", "capacity"),
        lambda _: total("capacity", IN_USE),
        "{person}",
        compared=END_OF_YESTERDAY,
        recalled=True,
        mapped=True,
    ),
    Figure(
        "quarantine_occupancy",
        QUARANTINE_SITES,
        Text("Tỷ lệ lấp đầy khu cách ly", "Occupancy of quarantine sites"),
        ("state", "occupied", "capacity"),
        lambda _: percentage("occupied", "capacity", IN_USE),
        "%",
        compared=END_OF_YESTERDAY,
        recalled=True,
    ),
    Figure(
        "hotel_rooms_occupied",
        HOTELS,
        Text("Phòng khách sạn đang dùng", "Hotel rooms occupied"),
        ("state", "occupied"),
        lambda _: total("occupied", IN_USE),
        "{room}",
        compared=END_OF_YESTERDAY,
        recalled=True,
        mapped=True,
        whole="hotel_rooms",
    ),
    Figure(
        "hotel_rooms",
        HOTELS,
        Text("Phòng khách sạn", "Hotel rooms"),
        ("state", "rooms"),
        lambda _: total("rooms", IN_USE),
        "{room}",
        compared=END_OF_YESTERDAY,
        recalled=True,
        mapped=True,
    ),
    Figure(
        "hotel_rooms_quarantine",
        HOTELS,
        Text("Phòng dành cho cách ly", "Rooms for quarantine"),
        ("state", "rooms_quarantine"),
        lambda _: total("rooms_quarantine", IN_USE),
        "{room}",
        compared=END_OF_YESTERDAY,
        recalled=True,
    ),
)
