"""What of the network is down, or was not heard of."""

from __future__ import annotations

from layers.figures import Figure, count, one_of
from layers.infrastructure import NETWORK_ASSETS
from layers.layer import Text

FIGURES: tuple[Figure, ...] = (
    Figure(
        "network_down",
        NETWORK_ASSETS,
        Text("Thiết bị mạng mất kết nối", "Network assets down"),
        ("state",),
        lambda _: count(one_of("state", ("down",))),
        "{device}",
        better="less",
        mapped=True,
    ),
    Figure(
        "network_silent",
        NETWORK_ASSETS,
        Text("Thiết bị mạng chưa rõ trạng thái", "Network assets not heard of"),
        ("state",),
        lambda _: count(one_of("state", ("unknown",))),
        "{device}",
        better="less",
        mapped=True,
    ),
)
