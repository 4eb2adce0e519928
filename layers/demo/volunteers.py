"""Synthetic volunteers with tasks, and synthetic requests for a doctor's call.

Nobody's number is invented: volunteers have none, and a request names the hotline.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from psycopg2.extras import execute_values

from layers.consultations.codes import CONDITION, SYMPTOM
from layers.consultations.triage import Facts, danger_signs, triage
from layers.volunteers.codes import MEANS, SKILL

VOLUNTEERS = 240
CONSULTATIONS = 48
REGISTERS = ("volunteers", "volunteer_tasks", "volunteer_assignments", "consultations")

_CLEAR = (
    "DELETE FROM register.volunteer_tasks",
    "DELETE FROM register.volunteers",
    "DELETE FROM register.consultations",
    f"DELETE FROM register.change WHERE register IN {REGISTERS}",
)
_PART = {"doctor": 0.06, "nurse": 0.12, "boatman": 0.08, "interpreter": 0.05}
"""How many of a hundred have a skill; of the others, a quarter."""
_TASKS = (
    ("Chia suất ăn cho khu cách ly", "kitchen", "cook", 6, 18, 5),
    ("Chở nhu yếu phẩm", "transport", "driver", 4, 20, 6),
    ("Hỗ trợ điểm tiêm", "vaccination", "nurse", 5, 22, 4),
    ("Chèo thuyền tiếp tế vùng ngập", "supplies", "boatman", 3, 26, 5),
    ("Trực đường dây hỏi đáp", "call_centre", None, 4, 30, 8),
    ("Sửa mái nhà sau bão", "clean_up", "carpenter", 8, 44, 9),
)
"""What, its kind, the skill, how many, hours from now and how long."""
# The nearest who suit, one fewer than wanted; who has a task then already is passed over.
_ASSIGN = """
INSERT INTO register.volunteer_assignments (place, volunteer_id, task_id, during, assigned_by,
  state)
SELECT t.place, v.id, t.id, 'empty', 'demo',
  CASE WHEN v.n % 3 = 0 THEN 'offered' ELSE 'accepted' END
FROM register.volunteer_tasks AS t, LATERAL (
  SELECT v.id, row_number() OVER (ORDER BY v.geom <-> t.geom) AS n FROM register.volunteers AS v
  WHERE private.volunteer_suits(v, t.skill, t.starts_at, t.ends_at)
  ORDER BY v.geom <-> t.geom LIMIT t.wanted - 1) AS v
ORDER BY t.starts_at, v.n
ON CONFLICT DO NOTHING
"""


def give_help(cursor: Any, seed: int, until: datetime, hotline: str) -> tuple[int, int]:
    """Put volunteers, tasks and consultations into the registers, in place of all they held.

    Args:
        cursor: of psycopg2, in a bulk load.
        until: when the demo ends.
        hotline: the number that stands for those who wait for a call.

    Returns:
        How many volunteers and how many consultations.
    """
    rng = np.random.default_rng([seed, *b"volunteers"])
    for statement in _CLEAR:
        cursor.execute(statement)
    cursor.execute("SELECT code FROM layer.admin_units WHERE level = 'commune' ORDER BY code")
    communes = [row[0] for row in cursor.fetchall()]
    _volunteers(cursor, rng, until, communes)
    execute_values(
        cursor,
        "INSERT INTO register.volunteer_tasks (place, home_commune, title, kind, skill, wanted,"
        " starts_at, ends_at) VALUES %s",
        [
            ("commune", communes[(7 * n + 3) % len(communes)], title, kind, skill, wanted,
             until + timedelta(hours=after), until + timedelta(hours=after + long))
            for n, (title, kind, skill, wanted, after, long) in enumerate(_TASKS)
        ],
    )  # fmt: skip
    cursor.execute(_ASSIGN)
    _consultations(cursor, rng, until, communes, hotline)
    return VOLUNTEERS, CONSULTATIONS


def _identifier(rng: np.random.Generator) -> str:
    return str(UUID(bytes=rng.bytes(16), version=4))


def _volunteers(
    cursor: Any, rng: np.random.Generator, until: datetime, communes: Sequence[str]
) -> None:
    flags = (*SKILL.values, *MEANS.values)
    ids = [_identifier(rng) for _ in range(VOLUNTEERS)]
    # Most live where most people do: a third of the communes has two thirds of them.
    few = communes[: len(communes) // 3]
    execute_values(
        cursor,
        "INSERT INTO private.person (id, name, birth_year, commune_code) VALUES %s"
        " ON CONFLICT (id) DO NOTHING",
        [
            (one, f"Tình nguyện viên mô phỏng {n}", int(rng.integers(1965, 2004)),
             str(rng.choice(few if rng.random() < 0.66 else communes)))
            for n, one in enumerate(ids, start=1)
        ],
    )  # fmt: skip
    rows = []
    for one in ids:
        has = {flag: bool(rng.random() < _PART.get(flag, 0.25)) for flag in flags}
        state = "paused" if rng.random() < 0.06 else "registered"
        if has["doctor"] and state == "registered" and rng.random() < 0.8:
            state = "verified"
        days = "67" if rng.random() < 0.2 else "1234567"
        reach = int(rng.choice([10, 20, 50])) if rng.random() < 0.5 else None
        verified = until if state == "verified" else None
        rows.append((one, one, state, verified, days, reach, until, *has.values()))
    execute_values(
        cursor,
        "INSERT INTO register.volunteers (id, person_id, state, verified_at, days, radius_km,"
        f" active_at, {', '.join(flags)}) VALUES %s",
        rows,
    )


def _consultations(
    cursor: Any, rng: np.random.Generator, until: datetime, communes: Sequence[str], hotline: str
) -> None:
    lists, cases = [], []
    grave = sorted(danger_signs())
    mild = [code for code in SYMPTOM.values if code not in grave]
    for n in range(1, CONSULTATIONS + 1):
        one = _identifier(rng)
        symptoms = [str(code) for code in rng.choice(mild, 2, replace=False)]
        if rng.random() < 0.1:
            symptoms.append(str(rng.choice(grave)))
        spo2 = int(rng.integers(92, 100)) if rng.random() < 0.5 else None
        conditions = [str(rng.choice(CONDITION.values))] if rng.random() < 0.3 else []
        facts = Facts(symptoms, int(rng.integers(18, 90)), spo2, False, conditions)
        level, met = triage(facts)
        is_over = n > CONSULTATIONS // 3
        ago = rng.integers(200, 1400) if is_over else rng.integers(1, 90)
        came = until - timedelta(minutes=int(ago))
        called = came + timedelta(minutes=int(rng.integers(4, 60) * level)) if is_over else None
        outcome = (
            str(rng.choice(["advice", "advice", "prescribed", "no_need"])) if is_over else None
        )
        lists.append((one, str(rng.choice(communes)), f"p{level}",
                      "closed" if is_over else "waiting",
                      outcome, called, called, came))  # fmt: skip
        rules = [rule.id for rule in met]
        cases.append((one, b"", rng.bytes(16), f"Người mô phỏng {n}", hotline, facts.age,
                      symptoms, spo2, conditions, rules))  # fmt: skip
    execute_values(
        cursor,
        "INSERT INTO register.consultations (id, home_commune, priority, state, outcome, called_at,"
        " closed_at, made_at) VALUES %s",
        lists,
    )
    execute_values(
        cursor,
        # Of the last nobody knows any more who it was: it ended long enough ago.
        "INSERT INTO private.consultation (id, content_hash, follow_hash, name, phone, age,"
        " symptoms, spo2, conditions, rules) VALUES %s",
        cases[:-1],
    )
