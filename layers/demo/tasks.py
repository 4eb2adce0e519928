"""Which team has which of the demo's requests that are under way."""

from __future__ import annotations

from typing import Any

ACTOR = "demo"
"""Who gave the tasks, as the desk shows it."""

# Those at work already, the nearest first, that can do it; a request is assigned after a part of
# the time that it takes to be on its way and there.
_GIVE = """
INSERT INTO private.sos_assignment (request_id, team_id, at, actor)
SELECT r.id, chosen.id, r.reported_at + (r.updated_at - r.reported_at)
    * CASE r.state WHEN 'en_route' THEN 0.57 WHEN 'on_site' THEN 0.33 ELSE 1 END, %s
FROM layer.sos_requests AS r CROSS JOIN LATERAL (
  SELECT t.id FROM layer.rescue_teams AS t WHERE dieuhanh.team_can(t, r.category)
  ORDER BY array_position('{busy,free,off}', t.state), t.geom_exact <-> r.geom_exact, t.id
  LIMIT 1
) AS chosen
WHERE r.state IN ('assigned', 'en_route', 'on_site')
ORDER BY r.updated_at, r.id
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


def give_tasks(cursor: Any) -> int:
    """Give each request under way a team, in place of all that teams had; how many there are.

    Requests and teams have just been replaced, so what teams had is gone.
    """
    cursor.execute("DELETE FROM private.sos_assignment")
    cursor.execute(_GIVE, (ACTOR,))
    given: int = cursor.rowcount
    cursor.execute(_SETTLE)
    return given
