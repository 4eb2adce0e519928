"""Directives that hold, and those of the week."""

from __future__ import annotations

from datetime import timedelta

from layers.documents.directives import DIRECTIVES
from layers.figures import Figure, Moment, count
from layers.layer import Text
from spatial.sql import Sql, bind, sql


def _in_force(now: Moment) -> Sql:
    """Of public directives alone: everybody is told the same number."""
    at = now.ago(0)
    return sql(
        "audience = 'public' AND valid_from <= {} AND (ends_at IS NULL OR ends_at > {})", at, at
    )


FIGURES: tuple[Figure, ...] = (
    Figure(
        "directives_in_force",
        DIRECTIVES,
        Text("Văn bản đang có hiệu lực", "Directives in force"),
        ("valid_from", "ends_at"),
        lambda now: count(_in_force(now)),
        "{document}",
    ),
    Figure(
        "directives_week",
        DIRECTIVES,
        Text("Văn bản ban hành trong 7 ngày", "Directives issued in 7 days"),
        ("issued_on",),
        lambda now: count(
            sql(
                "audience = 'public' AND issued_on > {}",
                bind(now.day - timedelta(days=7), "date"),
            )
        ),
        "{document}",
    ),
)
