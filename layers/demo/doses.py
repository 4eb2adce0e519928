"""Synthetic vaccination: lots and stock, doses of two months, today's sessions, who waits.

The registers are kept at some of the demo's points, and their books balance: the server brings
these points' numbers into step as it begins. The other points have not begun to keep them, and
their numbers stay as they were made. Lists on paper have been entered too: all doses of the two
communes of the fewest people, whose coverage is counted from them, and some of each other commune.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from layers.vaccination import REGISTERS

POINTS = 8
"""Points whose registers are kept."""
PEOPLE = 24
"""People who have had a dose or two at each of them."""
INVITED = 16
"""People who are invited to each of them on the last day."""
WAITING = 100
"""People who wait for an invitation."""

_CLEAR = (
    "DELETE FROM register.vaccine_reactions",
    "DELETE FROM register.vaccination_corrections",
    "DELETE FROM register.vaccinations",
    "DELETE FROM register.stock_movements",
    "DELETE FROM register.stock_balance",
    "DELETE FROM register.vaccination_registrations",
    "DELETE FROM register.vaccination_sessions",
    "DELETE FROM register.vaccine_lots",
    "DELETE FROM register.point_count",
    "DELETE FROM private.counted_resident",
    "DELETE FROM register.change WHERE register = ANY (%(registers)s)",
)
_LOTS = """
INSERT INTO register.vaccine_lots (lot, vaccine, expires_on, document)
SELECT 'MP-' || l.lot, l.vaccine, %(until)s::date + l.days, 'Lô mô phỏng'
FROM (VALUES ('AZ1', 'astrazeneca', 90), ('AZ2', 'astrazeneca', 10), ('PF1', 'pfizer', 60))
  AS l(lot, vaccine, days)
"""
_PLACES = """
CREATE TEMPORARY TABLE demo_point ON COMMIT DROP AS
SELECT 'vaccination_points/' || p.id AS place, p.commune_code AS commune,
  row_number() OVER (ORDER BY p.id) AS ord
FROM layer.vaccination_points AS p WHERE p.state = 'open' ORDER BY p.id LIMIT %(points)s
"""
_STOCK = (
    """
    INSERT INTO register.stock_movements (place, lot, kind, doses, document, made_at)
    SELECT 'store', lot, 'received', 5000, 'Phiếu mô phỏng',
      %(until)s::timestamptz - interval '90 days'
    FROM register.vaccine_lots ORDER BY lot
    """,
    """
    INSERT INTO register.stock_movements (place, lot, kind, doses, other_place, document, made_at)
    SELECT 'store', l.lot, 'moved', 200, p.place, 'Phiếu mô phỏng',
      %(until)s::timestamptz - interval '80 days'
    FROM register.vaccine_lots AS l, demo_point AS p ORDER BY l.lot, p.ord
    """,
)
# Who was given what: every third the second dose too, of whom the first was long enough ago.
_PEOPLE = """
CREATE TEMPORARY TABLE demo_dose ON COMMIT DROP AS
SELECT md5(format('%%s dose %%s %%s', %(seed)s::integer, p.ord, n))::uuid AS id, p.place, p.commune,
  p.ord, n, 18 + (n * 7 + p.ord * 11) %% 60 AS age,
  (ARRAY['front_line', 'essential_services', 'education_administration', 'chronic_elderly',
    'outbreak_area', 'others'])[1 + (n * 5 + p.ord) %% 6] AS priority_group,
  %(until)s::timestamptz - make_interval(days => (5 + (n * 13 + p.ord * 3) %% 70)::integer)
    AS given_at,
  CASE WHEN (n + p.ord) %% 2 = 0 THEN 'MP-AZ1' ELSE 'MP-PF1' END AS lot
FROM demo_point AS p, generate_series(1, %(people)s + %(invited)s) AS n
UNION ALL
SELECT md5(format('%%s wait %%s', %(seed)s::integer, n))::uuid, NULL, u.code, 0, n, 18 + n %% 60,
  (ARRAY['chronic_elderly', 'outbreak_area', 'poor_policy', 'others'])[1 + n %% 4], NULL, NULL
FROM generate_series(1, %(waiting)s) AS n JOIN (
  SELECT code, row_number() OVER (ORDER BY code) AS ord, count(*) OVER () AS many
  FROM layer.admin_units WHERE level = 'commune') AS u ON u.ord = 1 + n %% u.many
"""
_PERSONS = """
INSERT INTO private.person (id, name, birth_year, sex, commune_code)
SELECT id, 'Người mô phỏng tiêm ' || row_number() OVER (ORDER BY ord, n),
  extract(year FROM %(until)s::timestamptz)::integer - age,
  CASE n %% 2 WHEN 0 THEN 'female' ELSE 'male' END, commune
FROM demo_dose ON CONFLICT (id) DO NOTHING
"""
_DOSES = """
INSERT INTO register.vaccinations (id, person_id, place, priority_group, residence, is_adult, state,
  arrived_at, screened_at, number, vaccine, lot, site, given_at, given_on, given_by, is_full,
  observe_until, left_at)
SELECT md5(d.id::text || k.number)::uuid, d.id, d.place, d.priority_group, d.commune, true, 'done',
  k.at - interval '20 minutes', k.at - interval '5 minutes', k.number, l.vaccine, d.lot, 'left_arm',
  k.at, dieuhanh.local_day(k.at), 'demo', k.number = v.doses, k.at + interval '30 minutes',
  k.at + interval '31 minutes'
FROM demo_dose AS d JOIN register.vaccine_lots AS l ON l.lot = d.lot
JOIN register.vaccine AS v ON v.id = l.vaccine,
LATERAL (VALUES (1, d.given_at), (2, d.given_at + make_interval(days => v.recommended_days)))
  AS k(number, at)
WHERE d.n <= %(people)s AND k.at < %(until)s::timestamptz AND (k.number = 1 OR d.n %% 3 = 0)
"""
_USED = """
INSERT INTO register.stock_movements (place, lot, kind, doses, dose_id, made_at)
SELECT place, lot, 'used', 1, id, given_at FROM register.vaccinations ORDER BY place, lot, given_at
"""
_SESSIONS = """
INSERT INTO register.vaccination_sessions (place, day, vaccine, lot, opens, closes, slot_capacity,
  teams)
SELECT place, dieuhanh.local_day(%(until)s::timestamptz), 'pfizer', 'MP-PF1', '07:30', '16:30', 12,
  2 + ord %% 3 FROM demo_point ORDER BY ord
"""
# Who has had one dose waits for the next; of the others some are invited, in their order.
_REGISTERED = """
INSERT INTO register.vaccination_registrations (id, person_id, priority_group, source, state, place,
  session_id, slot_at, made_at)
SELECT d.id, d.id, d.priority_group, CASE d.n %% 3 WHEN 0 THEN 'self' ELSE 'officer' END,
  CASE WHEN s.id IS NULL THEN 'waiting' ELSE 'invited' END, coalesce(s.place, 'home'), s.id,
  k.starts_at, %(until)s::timestamptz - make_interval(days => 20 - (d.n %% 20)::integer)
FROM demo_dose AS d
LEFT JOIN register.vaccination_sessions AS s ON s.place = d.place AND d.n > %(people)s
LEFT JOIN LATERAL (SELECT starts_at FROM register.session_slot AS k WHERE k.session_id = s.id
  ORDER BY starts_at OFFSET greatest(d.n - %(people)s - 1, 0) / 12 LIMIT 1) AS k ON true
WHERE NOT EXISTS (SELECT FROM register.vaccinations AS v WHERE v.person_id = d.id AND v.is_full)
ORDER BY d.ord, d.n
"""
_TAKEN = """
UPDATE register.session_slot AS k SET taken = r.people FROM (
  SELECT session_id, slot_at, count(*) AS people FROM register.vaccination_registrations
  WHERE state = 'invited' GROUP BY 1, 2) AS r
WHERE k.session_id = r.session_id AND k.starts_at = r.slot_at
"""
_REACTIONS = """
INSERT INTO register.vaccine_reactions (person_id, vaccination_id, place, vaccine, lot, number,
  severity, symptoms, outcome, began_at)
SELECT v.person_id, v.id, v.place, v.vaccine, v.lot, v.number,
  CASE v.ord WHEN 1 THEN 'severe' ELSE 'mild' END,
  CASE v.ord WHEN 1 THEN 'rash,low_pressure' ELSE 'fever,local_pain' END, 'recovered', v.given_at
FROM (SELECT *, row_number() OVER (ORDER BY given_at DESC, id) AS ord
  FROM register.vaccinations) AS v
WHERE v.ord <= 6
"""
_CORRECTIONS = """
INSERT INTO register.vaccination_corrections (person_id, place, vaccination_id, number, field,
  new_birth_year, old_value, new_value, evidence, asked_by, made_at)
SELECT v.person_id, v.place, v.id, v.number, 'birth_year', p.birth_year - 1, p.birth_year::text,
  (p.birth_year - 1)::text, 'Căn cước công dân', 'system:citizen',
  %(until)s::timestamptz - make_interval(days => v.ord::integer * 2)
FROM (SELECT *, row_number() OVER (ORDER BY given_at, id) AS ord FROM register.vaccinations
  WHERE number = 1) AS v
JOIN private.person AS p ON p.id = v.person_id WHERE v.ord <= 8
"""
_PAPER = """
CREATE TEMPORARY TABLE demo_paper ON COMMIT DROP AS
SELECT md5(format('%%s paper %%s %%s', %(seed)s::integer, u.code, n))::uuid AS id,
  u.code AS commune, u.ord <= 2 AS is_whole, n,
  CASE n %% 8 WHEN 0 THEN 65 + n %% 25 ELSE 18 + n * 37 %% 47 END AS age,
  %(until)s::timestamptz - make_interval(days => 31 + n %% 50) AS given_at
FROM (
  SELECT code, population, row_number() OVER (ORDER BY population, code) AS ord
  FROM layer.admin_units WHERE level = 'commune' AND population >= 1000) AS u,
  generate_series(1, CASE WHEN u.ord <= 2 THEN u.population * (0.75 - 0.15 * u.ord)
    ELSE 20 + u.population %% 60 END::integer) AS n
"""
_PAPER_PERSONS = """
INSERT INTO private.person (id, name, birth_year, sex, commune_code)
SELECT id, 'Người mô phỏng tiêm ' || commune || '-' || n,
  extract(year FROM %(until)s::timestamptz)::integer - age,
  CASE n %% 2 WHEN 0 THEN 'female' ELSE 'male' END, commune
FROM demo_paper ON CONFLICT (id) DO NOTHING
"""
# Old people and every third of the others have had both.
_PAPER_DOSES = """
INSERT INTO register.vaccinations (id, person_id, place, priority_group, residence, is_adult, state,
  number, vaccine, given_at, given_on, given_by, is_full)
SELECT md5(d.id::text || k.number)::uuid, d.id, 'elsewhere',
  CASE WHEN d.age >= 65 THEN 'chronic_elderly' WHEN d.n %% 7 = 1 THEN 'front_line'
    WHEN d.n %% 7 < 4 THEN 'essential_services' ELSE 'others' END,
  d.commune, true, 'done', k.number, v.id, k.at, dieuhanh.local_day(k.at), 'demo',
  k.number = v.doses
FROM demo_paper AS d JOIN register.vaccine AS v ON v.id = 'astrazeneca',
LATERAL (VALUES (1, d.given_at), (2, d.given_at + interval '28 days')) AS k(number, at)
WHERE k.number = 1 OR d.n %% 8 = 0 OR d.n %% 3 = 0
"""
_RESIDENTS = """
INSERT INTO private.counted_resident (commune_code, day, adults, elders)
SELECT u.code, dieuhanh.local_day(%(until)s::timestamptz) - 30, u.population * 0.72,
  u.population * 0.09
FROM layer.admin_units AS u WHERE u.code IN (SELECT commune FROM demo_paper WHERE is_whole)
"""


def give_doses(cursor: Any, seed: int, until: datetime) -> int:
    """Vaccinate people, in place of all that the registers held.

    Args:
        cursor: of psycopg2, in a bulk load whose points have just been replaced.
        until: when the demo ends; nobody was vaccinated later.

    Returns:
        How many doses were given.
    """
    values = {
        "registers": [one.id for one in REGISTERS],
        "points": POINTS,
        "people": PEOPLE,
        "invited": INVITED,
        "waiting": WAITING,
        "seed": seed,
        "until": until,
    }
    steps = (_LOTS, _PLACES, *_STOCK, _PEOPLE, _PERSONS, _DOSES, _USED, _SESSIONS, _REGISTERED)
    paper = (_PAPER, _PAPER_PERSONS, _PAPER_DOSES, _RESIDENTS)
    for statement in (*_CLEAR, *steps, _TAKEN, _REACTIONS, _CORRECTIONS, *paper):
        cursor.execute(statement, values)
    cursor.execute("SELECT count(*) FROM register.vaccinations")
    return int(cursor.fetchone()[0])
