"""Volunteers, tasks and consultations for tests, as the database has them."""

from __future__ import annotations

import itertools
from typing import Any
from uuid import uuid4

import orjson

from tests.db.test_sos_rules import owner
from tests.people import Person, person

HOME, NEIGHBOUR, FAR = "20335", "20341", "20401"
"""Two communes of a district, and one of another."""
LIMITS = '{"minutes": 10, "per_address": 100000, "per_phone": 100000}'
_numbers = itertools.count(1)


def digest() -> bytes:
    """Something unlike all else, where a digest is kept."""
    return uuid4().bytes


def volunteer(
    url: str, *, commune: str = HOME, name: str = "", follow: bytes = b"", **columns: Any
) -> str:
    """The id of somebody who has registered by themselves."""
    number = next(_numbers)
    given = {"id": str(uuid4()), "consent": "2026-1", **columns}
    facts = {
        "name": name or f"Tình nguyện {number}",
        "birth_year": 1990,
        "phone": f"0906{number:06d}",
        "commune_code": commune,
    }
    ((outcome,),) = owner(
        url,
        "SELECT outcome FROM private.post_volunteer(%s, %s, %s, %s, %s, %s, %s)",
        orjson.dumps(given).decode(),
        orjson.dumps(facts).decode(),
        digest(),
        digest(),
        digest(),
        follow or digest(),
        LIMITS,
    )
    assert outcome == "created"
    return str(given["id"])


def doctor(url: str, role: str = "viewer", **account: Any) -> Person:
    """The account of a doctor whom the health department has verified."""
    who = person(url, role, **account)
    row = volunteer(url, doctor=True, licence="000123/QNA")
    owner(
        url,
        "UPDATE register.volunteers SET state = 'verified', verified_at = now() WHERE id = %s",
        row,
    )
    owner(
        url, "UPDATE private.volunteer_key SET account_id = %s WHERE volunteer_id = %s", who.id, row
    )
    return who


def task(url: str, begins: str = "1 day", ends: str = "1 day 4 hours", **columns: Any) -> str:
    """The id of a task in a commune, so long from now."""
    values = {"place": "commune", "home_commune": HOME, "title": "Chở hàng", "kind": "supplies"}
    values |= columns
    names = ", ".join(values)
    marks = ", ".join(["%s"] * len(values))
    ((found,),) = owner(
        url,
        f"INSERT INTO register.volunteer_tasks ({names}, starts_at, ends_at)"
        f" VALUES ({marks}, date_trunc('hour', now()) + %s::interval,"
        " date_trunc('hour', now()) + %s::interval) RETURNING id",
        *values.values(),
        begins,
        ends,
    )
    return str(found)


def consultation(
    url: str,
    *,
    priority: str = "p4",
    commune: str = HOME,
    due: str | None = None,
    follow: bytes = b"",
    content: bytes = b"content",
    row: str = "",
    **facts: Any,
) -> tuple[str, str]:
    """The id of a request for a call, and what came of sending it."""
    number = next(_numbers)
    given = {
        "id": row or str(uuid4()),
        "home_commune": commune,
        "priority": priority,
        "channel": "web",
        "due_at": due,
    }
    said = {"name": f"Người hỏi {number}", "phone": f"0907{number:06d}", "age": 40,
            "symptoms": ["cough"], **facts}  # fmt: skip
    ((outcome,),) = owner(
        url,
        "SELECT outcome FROM private.post_consultation(%s, %s, %s, %s, %s, %s, false, %s)",
        orjson.dumps(given).decode(),
        orjson.dumps(said).decode(),
        content,
        follow or digest(),
        digest(),
        digest(),
        LIMITS,
    )
    return str(given["id"]), outcome
