"""The alerts of the layer as messages of the Common Alerting Protocol 1.2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from layers.database import Database
from layers.layer import Text
from layers.province import Province

_COLUMNS = """a.id, a.revision, a.headline, a.event, a.severity, a.urgency, a.certainty, a.category,
  a.status, a.message, a.description, a.instruction, a.area_desc, a.event_en, a.headline_en,
  a.description_en, a.instruction_en, a.sent, a.onset, a.expires"""

# A ring as CAP writes it: "lat,lon lat,lon …", closed, a metre being 5 decimals.
_RING = """(SELECT string_agg(
      trim_scale(round(ST_Y(p.geom)::numeric, 5)) || ',' ||
      trim_scale(round(ST_X(p.geom)::numeric, 5)), ' ' ORDER BY p.path[1])
    FROM ST_DumpPoints(ST_ExteriorRing(part.geom)) AS p)"""

# $1 the alert.
_MESSAGE = f"""
SELECT {_COLUMNS},
  ARRAY(SELECT {_RING} FROM ST_Dump(a.geom) AS part ORDER BY part.path) AS rings,
  ARRAY(SELECT u.code FROM layer.admin_units AS u
    WHERE u.level = 'commune' AND ST_Intersects(u.geom, a.geom) ORDER BY u.code) AS communes,
  (SELECT coalesce(jsonb_agg(jsonb_build_array(i.revision, i.sent) ORDER BY i.revision), '[]')
    FROM dieuhanh.alert_issues(a.id) AS i)::text AS issues
FROM layer.alerts AS a WHERE a.id = $1
"""

# $1 alerts at most. What is over is not told any more.
_IN_FORCE = f"""
SELECT {_COLUMNS},
  ARRAY(SELECT {_RING} FROM ST_Dump(a.geom) AS part ORDER BY part.path) AS rings
FROM layer.alerts AS a WHERE a.expires > now()
ORDER BY a.sent DESC, a.id LIMIT $1
"""


@dataclass(frozen=True, slots=True)
class Alert:
    """One message: what the layer holds of an alert now.

    Attributes:
        rings: exterior rings, "lat,lon lat,lon …" in degrees of WGS 84.
        communes: the codes of the communes that the area meets.
        issues: the number and time of each earlier message.
    """

    id: UUID
    revision: int
    event: Text
    headline: Text
    description: Text
    instruction: Text
    area: str
    severity: str
    urgency: str
    certainty: str
    category: str
    status: str
    message: str
    sent: datetime
    onset: datetime
    expires: datetime
    rings: tuple[str, ...]
    communes: tuple[str, ...] = ()
    issues: tuple[tuple[int, datetime], ...] = ()

    @property
    def has_english(self) -> bool:
        """Whether there is any text in English."""
        return any((self.event.en, self.headline.en, self.description.en, self.instruction.en))


def identifier(province: Province, alert: UUID, revision: int) -> str:
    """A message's identifier, unique for the sender (CAP 1.2, 3.2.1)."""
    return f"{province.id}.{alert}.{revision}"


async def read_alert(database: Database, alert: UUID) -> Alert | None:
    """The newest message of an alert; None if there is no such alert.

    Raises:
        QueryTooSlow, DatabaseUnavailable: see `Database`.
    """
    rows = await database.fetch_text(_MESSAGE, [alert])
    return _alert(rows[0]) if rows else None


async def in_force(database: Database, most: int) -> list[Alert]:
    """The alerts that are not over, the newest first; raises as `read_alert` does."""
    return [_alert(row) for row in await database.fetch_text(_IN_FORCE, [most])]


def _alert(row: Mapping[str, Any]) -> Alert:
    def text(name: str) -> Text:
        return Text(row[name] or "", row[f"{name}_en"] or "")

    keys = row.keys()
    same = ("id", "revision", "severity", "urgency", "certainty", "category", "status", "message",
            "sent", "onset", "expires")  # fmt: skip
    return Alert(
        **{name: row[name] for name in same},
        event=text("event"),
        headline=text("headline"),
        description=text("description"),
        instruction=text("instruction"),
        area=row["area_desc"],
        rings=tuple(row["rings"]),
        communes=tuple(row["communes"]) if "communes" in keys else (),
        issues=tuple(
            (number, datetime.fromisoformat(sent)) for number, sent in orjson.loads(row["issues"])
        )
        if "issues" in keys
        else (),
    )
