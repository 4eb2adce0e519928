"""Synthetic people in quarantine: at some of the demo's sites and hotels, and at home.

The register lists everybody at the places it is kept for, so that `occupied` is what it counts
there; the other places have not begun to keep it, and their `occupied` stays as it was made.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

SITES = 10
"""Sites whose register is kept; each has about a hundred people."""
HOTELS = 4
HOMES = (12, 9, 7, 5, 4, 3)
"""People in quarantine at home in each of some communes."""

_CLEAR = (
    "DELETE FROM register.stays",
    "DELETE FROM register.occupancy",
    "DELETE FROM register.stay_day",
    "DELETE FROM register.change WHERE register IN ('stays', 'quarantine_tests')",
)
# One row for each person: where, the number there, whether the stay has ended.
_PEOPLE = """
CREATE TEMPORARY TABLE demo_stay ON COMMIT DROP AS
WITH places AS (
  (SELECT 'quarantine_sites/' || id AS place, occupied AS people, NULL::text AS commune
   FROM layer.quarantine_sites WHERE state IN ('receiving', 'full') AND occupied > 0
   ORDER BY id LIMIT %(sites)s)
  UNION ALL
  (SELECT 'hotels/' || id, least(occupied, rooms_quarantine), NULL FROM layer.hotels
   WHERE paid_quarantine AND state IN ('available', 'full') AND occupied > 0
   ORDER BY id LIMIT %(hotels)s)
  UNION ALL
  SELECT 'home', h.people, u.code
  FROM unnest(%(homes)s) WITH ORDINALITY AS h(people, ord)
  JOIN (SELECT code, row_number() OVER (ORDER BY code) AS ord FROM layer.admin_units
        WHERE level = 'commune') AS u ON u.ord = h.ord
), numbered AS (
  SELECT p.place, p.commune, g.n, g.n > p.people AS is_over,
    md5(format('%%s %%s %%s %%s', %(seed)s::integer, p.place, p.commune, g.n)) AS digest
  FROM places AS p, generate_series(1, p.people + p.people / 12) AS g(n)
)
SELECT n.place, n.commune, n.n, n.is_over, n.digest::uuid AS id,
  ('x' || substr(n.digest, 1, 7))::bit(28)::integer AS chance, r.id AS regime, r.days
FROM numbered AS n JOIN (
  SELECT id, days, row_number() OVER (ORDER BY id) - 1 AS ord, count(*) OVER () AS many
  FROM register.quarantine_regime) AS r
  ON ('x' || substr(n.digest, 8, 7))::bit(28)::integer %% r.many = r.ord
"""
_PERSONS = """
INSERT INTO private.person (id, name, birth_year, sex, commune_code)
SELECT id, 'Người mô phỏng ' || row_number() OVER (ORDER BY place, commune, n),
  1940 + chance %% 70, CASE chance %% 2 WHEN 0 THEN 'female' ELSE 'male' END, commune
FROM demo_stay ON CONFLICT (id) DO NOTHING
"""
# Who is over came before the others and left on the day it was due.
_STAYS = """
INSERT INTO register.stays (id, person_id, place, room, regime, admitted_at, state, released_at)
SELECT s.id, s.id, s.place,
  CASE WHEN s.place LIKE 'hotels/%%' THEN (100 + s.n)::text
       WHEN s.place <> 'home' THEN 'P' || 1 + s.n / 8 END,
  s.regime, s.came, CASE WHEN s.is_over THEN 'released' ELSE 'admitted' END,
  CASE WHEN s.is_over THEN s.came + make_interval(days => s.days) END
FROM (
  SELECT *, %(until)s::timestamptz - make_interval(hours => 1 + chance %% (days * 24 - 2))
    - CASE WHEN is_over THEN make_interval(days => days) ELSE '0' END AS came
  FROM demo_stay) AS s
"""
_LISTED = """
INSERT INTO register.occupancy (place, listed)
SELECT DISTINCT place, private.listed(place) FROM demo_stay WHERE place <> 'home'
"""


def give_stays(cursor: Any, seed: int, until: datetime) -> int:
    """Put people into quarantine, in place of all that the register held.

    Args:
        cursor: of psycopg2, in a bulk load whose sites and hotels have just been replaced.
        until: when the demo ends; nobody came later.

    Returns:
        How many are there.
    """
    values = {"sites": SITES, "hotels": HOTELS, "homes": list(HOMES), "seed": seed, "until": until}
    for statement in (*_CLEAR, _PEOPLE, _PERSONS, _STAYS, _LISTED):
        cursor.execute(statement, values)
    cursor.execute("SELECT count(*) FROM register.stays WHERE state = 'admitted'")
    return int(cursor.fetchone()[0])
