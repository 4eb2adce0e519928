"""Which team has which of the demo's requests that are under way."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

import numpy as np
from psycopg2.extras import execute_values

from layers.demo.geography import KM_PER_DEGREE
from layers.rescue.requests import CATEGORY

ACTOR = "demo"
"""Who gave the tasks, as the desk shows it."""

_WITH_TEAM = """
SELECT id, category, ST_X(geom_exact), ST_Y(geom_exact), reported_at, updated_at, state
FROM layer.sos_requests WHERE state IN ('assigned', 'en_route', 'on_site') ORDER BY updated_at, id
"""
_TEAMS = "SELECT id, state, ST_X(geom_exact), ST_Y(geom_exact) FROM layer.rescue_teams ORDER BY id"
_ABLE = """
SELECT category, t.id FROM unnest(%s) AS category, layer.rescue_teams AS t
WHERE dieuhanh.team_can(t, category)
"""
_SETTLE = """
UPDATE layer.rescue_teams AS t SET state = CASE WHEN given IS NULL THEN 'free' ELSE 'busy' END,
  updated_at = coalesce(given, t.position_at + interval '1 minute')
FROM (
  SELECT id, (SELECT max(a.at) FROM private.sos_assignment AS a
    WHERE a.team_id = rescue_teams.id AND a.ended_at IS NULL) AS given
  FROM layer.rescue_teams
) AS known
WHERE known.id = t.id AND (given IS NOT NULL) <> (t.state = 'busy')
"""
# Kilometres that a team counts as farther away: for each task that it has, and by its state, so
# that some stay free.
_TASK_KM = 15.0
_STATE_KM = {"busy": 0.0, "free": 120.0, "off": 1e6}
# A request is assigned after a part of the time that it takes to be on its way, and there.
_SHARES = {"assigned": 1.0, "en_route": 0.57, "on_site": 0.33}


def give_tasks(cursor: Any) -> int:
    """Give each request under way a team that can do it, in place of all that teams had.

    Requests and teams have just been replaced, so what teams had is gone.

    Returns:
        How many there are.
    """
    cursor.execute("DELETE FROM private.sos_assignment")
    cursor.execute(_TEAMS)
    teams = cursor.fetchall()
    if not teams:
        return 0
    able = _able(cursor, [team for team, *_ in teams])
    east, north = np.array([(lon, lat) for _, _, lon, lat in teams], float).T
    cost = np.array([_STATE_KM[state] for _, state, _, _ in teams])
    cursor.execute(_WITH_TEAM)
    given = []
    for request, category, lon, lat, reported, updated, state in cursor.fetchall():
        away = np.hypot((east - lon) * np.cos(np.radians(lat)), north - lat) * KM_PER_DEGREE
        chosen = int(np.argmin(np.where(able[category], away + cost, np.inf)))
        cost[chosen] += _TASK_KM
        given.append((request, teams[chosen][0], _at(reported, updated, state), ACTOR))
    execute_values(
        cursor,
        "INSERT INTO private.sos_assignment (request_id, team_id, at, actor) VALUES %s",
        given,
    )
    cursor.execute(_SETTLE)
    return len(given)


def _able(cursor: Any, teams: list[int]) -> dict[str, Any]:
    """By category, which of the teams can do it."""
    cursor.execute(_ABLE, (list(CATEGORY.values),))
    known = defaultdict(set)
    for category, team in cursor.fetchall():
        known[category].add(team)
    return {
        category: np.array([team in known[category] for team in teams])
        for category in CATEGORY.values
    }


def _at(reported: datetime, updated: datetime, state: str) -> datetime:
    return reported + (updated - reported) * _SHARES[state]
