"""What figures of several themes are made of: times they are compared with, states in use."""

from __future__ import annotations

from layers.figures import other_than
from layers.layer import Text
from spatial.sql import Sql, literal, raw

IN_USE = other_than("state", "closed")

SAME_TIME = Text("so với cùng giờ hôm qua", "against yesterday at the same time")
DAY_BEFORE = Text("so với 24 giờ trước đó", "against the 24 hours before")
END_OF_YESTERDAY = Text("so với cuối ngày hôm qua", "against the end of yesterday")
WEEK_BEFORE = Text("so với 7 ngày trước đó", "against the 7 days before")
DAY, WEEK = 24, 7 * 24
"""In hours."""


def help_figure(what: str) -> Sql:
    """A number of what no layer has: it stands beside those of a layer of its theme."""
    return raw(f"(SELECT dieuhanh.help_figure({literal(what)}))")
