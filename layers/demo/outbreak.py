"""A synthetic wave of cases by commune and day, testing sites, samples, and coverage."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
from psycopg2.extras import execute_values

from layers.demo.geography import Geography
from layers.demo.sites import Row, largest_settlements
from layers.outbreaks.computing import compute

DAYS = 60
FIXED, MOBILE = 18, 12
SAMPLES_A_DAY = 90
SAMPLE_DAYS = 10
_PEAK = 90.0
"""Cases a day of the province where the wave is highest."""

_CLEAR = (
    "DELETE FROM register.case_reports",
    "DELETE FROM private.flag WHERE declaration_id IS NULL",
    "DELETE FROM register.samples",
    "DELETE FROM register.sample_day",
    "DELETE FROM register.risk_day",
    "DELETE FROM register.change WHERE register IN ('case_reports', 'samples')",
    "DELETE FROM private.reported_coverage",
)
_REPORTS = """
INSERT INTO register.case_reports (place, day, community, isolated, deaths, made_at, updated_at)
VALUES %s
"""
_REPORT = "('admin_units/' || %s, %s, %s, %s, %s, %s, %s)"
# One in ten is a pool; one in five of the others names a made-up person.
_SAMPLES = """
WITH sites AS (
  SELECT id, row_number() OVER (ORDER BY id) - 1 AS n, count(*) OVER () AS many, commune_code
  FROM layer.testing_sites WHERE state = 'open'
), made AS (
  SELECT g.n, md5(format('%(seed)s sample %%s', g.n)) AS digest,
    %(until)s::timestamptz - make_interval(secs => g.n * %(gap)s) AS taken_at
  FROM generate_series(1, %(count)s) AS g (n)
), rolled AS (
  SELECT m.*, ('x' || substr(m.digest, 1, 7))::bit(28)::integer AS chance, s.id AS site,
    s.commune_code AS commune FROM made AS m JOIN sites AS s
    ON ('x' || substr(m.digest, 8, 7))::bit(28)::integer %% s.many = s.n
), people AS (
  INSERT INTO private.person (id, name, birth_year, sex, commune_code)
  SELECT digest::uuid, 'Người lấy mẫu ' || n || ' (mô phỏng)', 1940 + chance %% 70,
    CASE chance %% 2 WHEN 0 THEN 'female' ELSE 'male' END, commune
  FROM rolled WHERE n %% 10 <> 0 AND n %% 5 = 1 ON CONFLICT (id) DO NOTHING
)
INSERT INTO register.samples (id, person_id, place, code, pool_size, method, taken_at, result,
  resulted_at, laboratory)
SELECT digest::uuid, CASE WHEN n %% 10 <> 0 AND n %% 5 = 1 THEN digest::uuid END,
  'testing_sites/' || site, 'MP-' || lpad(n::text, 5, '0'),
  CASE WHEN n %% 10 = 0 THEN 5 ELSE 1 END,
  CASE WHEN chance %% 3 = 0 THEN 'antigen' ELSE 'pcr' END, taken_at,
  CASE WHEN waits THEN NULL WHEN chance %% 1000 < 32 THEN 'positive'
    WHEN chance %% 1000 < 40 THEN 'inconclusive' ELSE 'negative' END,
  CASE WHEN NOT waits THEN taken_at + took END,
  CASE WHEN chance %% 3 = 0 THEN NULL ELSE 'Phòng xét nghiệm mô phỏng' END
FROM (SELECT *, CASE WHEN chance %% 3 = 0 THEN interval '20 minutes'
    ELSE make_interval(hours => 6 + chance %% 30) END AS took,
  taken_at + CASE WHEN chance %% 3 = 0 THEN interval '20 minutes'
    ELSE make_interval(hours => 6 + chance %% 30) END > %(until)s AS waits FROM rolled) AS r
"""


def testing_sites(geography: Geography, rng: np.random.Generator) -> list[Row]:
    """A site and a laboratory where most people of a district live, and mobile teams."""
    share = geography.people / geography.people.sum()
    centres = largest_settlements(geography)
    chosen = [("fixed", one) for one in centres[:FIXED]]
    chosen += [("laboratory", one) for one in centres[::6]]
    chosen += [("facility", one) for one in centres[1::5]]
    teams = rng.choice(len(share), MOBILE, replace=False, p=share)
    chosen += [("mobile", int(one)) for one in teams]
    longitude, latitude = geography.scatter(rng, np.array([one for _, one in chosen], np.int64))
    words = {
        "fixed": "Điểm lấy mẫu",
        "laboratory": "Phòng xét nghiệm",
        "facility": "Khu lấy mẫu cơ sở y tế",
        "mobile": "Đội lấy mẫu lưu động",
    }
    rows = []
    for number, (kind, settlement) in enumerate(chosen, 1):
        rows.append(
            {
                "code": f"XN-{number:03d}",
                "name": f"{words[kind]} {geography.settlement_names[settlement]}",
                "kind": kind,
                "state": str(rng.choice(["open", "paused", "closed"], p=[0.85, 0.1, 0.05])),
                "methods": "pcr" if kind == "laboratory" else str(rng.choice(["antigen", "both"])),
                "capacity_day": int(rng.integers(8, 60)) * 10,
                "hours": "07:00-17:00",
                "age": int(rng.integers(30, 4000)),
                "lon": float(longitude[number - 1]),
                "lat": float(latitude[number - 1]),
            }
        )
    return rows


def give_cases(cursor: Any, geography: Geography, seed: int, until: datetime) -> int:
    """Write a wave of cases, samples of its last days and coverage, in place of all there was.

    Args:
        cursor: of psycopg2, in a bulk load whose testing sites have just been replaced.
        until: when the demo ends; that day has been reported in part.

    Returns:
        How many reports.
    """
    for statement in _CLEAR:
        cursor.execute(statement)
    rng = np.random.default_rng([seed, *b"cases"])
    population = geography.population()
    cursor.execute("SELECT code FROM layer.admin_units WHERE level = 'commune' ORDER BY code")
    communes = [code for (code,) in cursor.fetchall()]
    people = np.array([population.get(code, 0) for code in communes], float)
    # An outbreak begins in some places and comes to the others later.
    weight = people * rng.lognormal(0, 0.9, len(communes))
    delay = rng.integers(0, 18, len(communes))
    weight /= weight.sum()
    rows = []
    for back in reversed(range(DAYS)):
        day = (until - timedelta(days=back)).date()
        wave = np.exp(-(((DAYS - back - delay - 40) / 16.0) ** 2))
        community = rng.poisson(_PEAK * 0.6 * weight * wave * 1.6)
        isolated = rng.poisson(_PEAK * 0.4 * weight * wave * 1.6)
        deaths = rng.binomial(community, 0.012)
        for at, code in enumerate(communes):
            if back == 0 and rng.random() < 0.4:
                continue
            made = min(
                until, until.replace(hour=17) - timedelta(days=back - (rng.random() < 0.04) * 3)
            )
            rows.append(
                (code, day, int(community[at]), int(isolated[at]), int(deaths[at]), made, made)
            )
    execute_values(cursor, _REPORTS, rows, template=_REPORT, page_size=1000)
    cursor.execute(
        _SAMPLES,
        {
            "seed": seed,
            "until": until,
            "count": SAMPLES_A_DAY * SAMPLE_DAYS,
            "gap": 86_400 / SAMPLES_A_DAY,
        },
    )
    _cover(cursor, communes, rng, until)
    compute(cursor)
    return len(rows)


def _cover(cursor: Any, communes: list[str], rng: np.random.Generator, until: datetime) -> None:
    """Coverage of most communes; of some nobody knows it."""
    adults = np.round(100 * rng.beta(8, 3, len(communes)), 1)
    elders = np.round(100 * rng.beta(12, 2.2, len(communes)), 1)
    known = [at for at in range(len(communes)) if rng.random() < 0.9]
    day = (until - timedelta(days=3)).date()
    execute_values(
        cursor,
        "INSERT INTO private.reported_coverage (commune_code, day, adults_percent, elders_percent)"
        " VALUES %s",
        [(communes[at], day, float(adults[at]), float(elders[at])) for at in known],
    )
