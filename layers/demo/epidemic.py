"""Synthetic outbreak zones around settlements and areas outside the province, and declarations.

Some of the declarations raise a flag.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import numpy as np
import orjson
import pyarrow as pa
from psycopg2.extras import execute_batch, execute_values

from layers.declarations.codes import SYMPTOM
from layers.demo.geography import Geography
from layers.demo.sites import largest_settlements

DECLARATIONS = 400
DAYS = 14

_LEVELS = (
    ("lockdown", "Vùng phong tỏa", 0.5, "Không ra vào vùng; người dân ở tại nhà."),
    ("very_high", "Vùng nguy cơ rất cao", 1.0, "Chỉ ra ngoài khi thật cần thiết; khai báo y tế."),
    ("high", "Vùng nguy cơ cao", 2.0, "Không tụ tập quá 5 người; đeo khẩu trang."),
    ("increased", "Vùng có nguy cơ", 4.0, "Đeo khẩu trang, giữ khoảng cách."),
)
OUTSIDE = (
    ("Hồ Chí Minh", "TP HCM; TPHCM; Sài Gòn", 60, None),
    ("Bình Dương", None, 45, None),
    ("Đồng Nai", None, 40, None),
    ("Long An", None, 40, 6),
    ("Hà Nội", None, 70, 30),
)
"""Provinces and cities, what else they are called, and since and until how many days ago."""
OUTSIDE_EVERY = 40
"""One of so many who declare has been in one of them."""
_SYMPTOM_SHARE = 0.12
_CONTACT_SHARE = 0.03
_TERMS = {"card_days": 7, "valid_hours": 72}

_OUTSIDE = """
INSERT INTO register.outside_areas (name, also_named, unit, decision_number, valid_from,
  valid_until)
SELECT v.name, v.also_named, 'province', v.number, v.since, v.until::date
FROM (VALUES %s) AS v (name, also_named, number, since, until)
WHERE NOT EXISTS (SELECT FROM layer.admin_units AS u WHERE u.level = 'province'
  AND strpos(private.place_words(u.name), private.place_words(v.name)) > 0)
ON CONFLICT (name, valid_from) DO NOTHING
"""
_POST = """
SELECT private.post_declaration(%(given)s::jsonb, %(facts)s::jsonb, NULL, NULL, '\\x00',
  %(content)s, NULL, true, NULL, '{}', %(terms)s::jsonb)
"""
# They came when they were made, as a demo that shows two weeks wants; one in two that waits for
# days has been seen, and what is older has been settled.
_AGE = """
WITH mine AS (
  UPDATE private.declaration SET received_at = made_at WHERE id = ANY (%(ids)s::uuid[])
  RETURNING id, person_id, made_at
), cards AS (
  UPDATE private.card AS c SET made_at = m.made_at, expires_at = m.made_at + interval '7 days'
  FROM mine AS m WHERE c.person_id = m.person_id
), people AS (
  UPDATE private.person AS p SET made_at = m.made_at, used_at = m.made_at
  FROM mine AS m WHERE p.id = m.person_id
)
UPDATE private.flag AS f SET raised_at = m.made_at, last_at = m.made_at,
  state = CASE WHEN m.made_at < %(until)s - interval '3 days' THEN 'closed'
    WHEN f.id %% 3 = 0 THEN 'seen' ELSE 'open' END
FROM mine AS m WHERE f.declaration_id = m.id
"""
_SETTLED = """
UPDATE private.flag SET seen_at = raised_at + interval '1 hour', seen_by = 'demo',
  closed_at = CASE state WHEN 'closed' THEN raised_at + interval '5 hours' END,
  closed_by = CASE state WHEN 'closed' THEN 'demo' END,
  note = CASE state WHEN 'closed' THEN 'Đã gọi, đã lấy mẫu: âm tính (dữ liệu mô phỏng)' END
WHERE state <> 'open' AND declaration_id = ANY (%s::uuid[])
"""


def outbreak_zones(geography: Geography, rng: np.random.Generator, until: datetime) -> pa.Table:
    """A zone around the largest settlement of each district; two in three hold still."""
    rows = []
    for number, settlement in enumerate(largest_settlements(geography), 1):
        level, title, kilometres, measures = _LEVELS[number % len(_LEVELS)]
        begun = (until - timedelta(days=float(rng.integers(2, 20)))).replace(hour=0)
        lifted = number % 3 == 0
        place = geography.settlement_names[settlement]
        rows.append(
            {
                "id": str(UUID(bytes=rng.bytes(16), version=4)),
                "name": f"{title} {place} (mô phỏng)",
                "level": level,
                "state": "lifted" if lifted else "in_force",
                "decision_number": f"{100 + number}/QĐ-MP",
                "decision_date": begun.date(),
                "valid_from": begun,
                "valid_until": begun + (until - begun) * 0.7 if lifted else None,
                "measures": measures,
                "updated_at": begun,
                "geom": geography.circle(settlement, kilometres * float(rng.uniform(0.8, 1.2))),
            }
        )
    return pa.Table.from_pylist(rows)


def declare(cursor: Any, geography: Geography, seed: int, until: datetime, zone: str) -> int:
    """Declare for made-up people of the two weeks before `until`, in place of the earlier ones.

    What flags them comes first: areas outside the province, in place of the demo's earlier ones.

    Returns:
        How many.
    """
    ids = [uuid5(NAMESPACE_OID, f"dieuhanh demo declaration {n}") for n in range(DECLARATIONS)]
    _forget(cursor, [str(one) for one in ids], zone)
    _name_outside(cursor, until)
    rng = np.random.default_rng([seed, *b"declarations"])
    cursor.execute(
        "SELECT DISTINCT unnest(string_to_array(commune_codes, ',')) AS code"
        " FROM layer.outbreak_zones ORDER BY code"
    )
    zoned = [code for (code,) in cursor.fetchall()]
    share = geography.people / geography.people.sum()
    homes = rng.choice(len(share), DECLARATIONS, p=share)
    communes = {
        home: geography.commune_at(geography.longitude[home], geography.latitude[home]).code
        for home in np.unique(homes)
    }
    terms = orjson.dumps({**_TERMS, "zone": zone}).decode()
    rows = []
    for number, (declaration, home) in enumerate(zip(ids, homes, strict=True), 1):
        age = timedelta(hours=DAYS * 24 * float(rng.random()) ** 1.3)
        given, facts = _one(rng, number, communes[home], zoned)
        given |= {"id": str(declaration), "made_at": (until - age).isoformat()}
        rows.append(
            {
                "given": orjson.dumps(given).decode(),
                "facts": orjson.dumps(facts | {"commune_code": communes[home]}).decode(),
                "content": declaration.bytes,
                "terms": terms,
            }
        )
    execute_batch(cursor, _POST, rows, page_size=100)
    keys = [str(one) for one in ids]
    cursor.execute(_AGE, {"ids": keys, "until": until})
    cursor.execute(_SETTLED, (keys,))
    return len(rows)


def _one(
    rng: np.random.Generator, number: int, commune: str, zoned: list[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What one person declares, and what is said of the person; nobody's name or number."""
    symptoms: list[str] = []
    if rng.random() < _SYMPTOM_SHARE:
        count = int(rng.integers(1, 4))
        symptoms = [str(one) for one in rng.choice(SYMPTOM.values, count, replace=False)]
    travelled = rng.random() < 0.04 and bool(zoned)
    given = {
        "declared_by": str(rng.choice(["self", "family", "officer"], p=[0.7, 0.2, 0.1])),
        "commune_code": commune,
        "symptoms": symptoms,
        "contact": bool(rng.random() < _CONTACT_SHARE),
        "places": [str(rng.choice(zoned))] if travelled else [],
        "elsewhere": [] if number % OUTSIDE_EVERY else [_been(number // OUTSIDE_EVERY)],
    }
    facts = {
        "name": f"Người khai {number:03d} (mô phỏng)",
        "birth_year": int(rng.integers(1940, 2015)),
        "sex": str(rng.choice(["female", "male"])),
        "phone": f"0900000{number:03d}",
        "address": f"Tổ {int(rng.integers(1, 12))}",
    }
    return given, facts


def _been(number: int) -> str:
    return OUTSIDE[number % len(OUTSIDE)][0]


def _name_outside(cursor: Any, until: datetime) -> None:
    """Put areas outside into the register, but for the province itself."""
    mark = "/QĐ-MP"
    cursor.execute(
        "DELETE FROM register.outside_areas WHERE decision_number LIKE %s", (f"%{mark}",)
    )
    execute_values(
        cursor,
        _OUTSIDE,
        [
            (name, also, f"{200 + number}{mark}", (until - timedelta(since)).date(),
             None if ended is None else (until - timedelta(ended)).date())
            for number, (name, also, since, ended) in enumerate(OUTSIDE, 1)
        ],
    )  # fmt: skip


def _forget(cursor: Any, ids: list[str], zone: str) -> None:
    """Take an earlier demo's declarations back, their people and their counts."""
    cursor.execute(
        "UPDATE private.declaration_day AS a SET declarations = a.declarations - n.all_,"
        " with_symptoms = a.with_symptoms - n.ill, contacts = a.contacts - n.met,"
        " flagged = a.flagged - n.flagged"
        " FROM (SELECT (made_at AT TIME ZONE %s)::date AS day, commune_code, count(*) AS all_,"
        " count(*) FILTER (WHERE symptoms <> '{}') AS ill, count(*) FILTER (WHERE contact) AS met,"
        " count(*) FILTER (WHERE kinds <> '{}') AS flagged FROM private.declaration"
        " WHERE id = ANY (%s::uuid[]) GROUP BY 1, 2) AS n"
        " WHERE n.day = a.day AND n.commune_code = a.commune_code",
        (zone, ids),
    )
    cursor.execute("DELETE FROM private.declaration_day WHERE declarations <= 0")
    cursor.execute(
        "DELETE FROM private.declaration WHERE id = ANY (%s::uuid[]) RETURNING person_id", (ids,)
    )
    people = [person for (person,) in cursor.fetchall()]
    cursor.execute("DELETE FROM private.person WHERE id = ANY (%s::uuid[])", (people,))
