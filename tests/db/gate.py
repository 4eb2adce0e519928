"""What the tests of check-ins share: a database with sites, persons with cards, and a recorder."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg2
from psycopg2.extras import register_uuid

from tests.people import Person

ZONE = "Asia/Ho_Chi_Minh"
KEEP_DAYS = 21.0
_numbers = itertools.count(1)
_RECORD = """
SELECT outcome, declared FROM private.record_check_ins(%s, %s::uuid[], %s::timestamptz[],
  %s::text[], %s::text[], %s::uuid[], %s::jsonb[], %s::bytea[], %s::boolean[], %s, 300, %s)
"""


@dataclass(frozen=True)
class Event:
    """A check-in as it is sent."""

    site: str
    at: datetime
    card: UUID | None
    direction: str = "in"
    id: UUID | None = None
    identity: bytes | None = None
    name: str = "Người Thử"


class Gate:
    """A connection as the owner of the database; each call commits."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.connection = psycopg2.connect(url)
        self.connection.autocommit = True
        register_uuid(conn_or_curs=self.connection)

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a statement."""
        with self.connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return list(cursor.fetchall()) if cursor.description else []

    def site(self, district: int = 0, state: str = "active") -> tuple[str, int]:
        """The code and the number of a new control point in the middle of some commune."""
        name = f"T{next(_numbers):06d}"
        ((feature, code),) = self.sql(
            "INSERT INTO layer.control_points (code, name, kind, state, geom)"
            " SELECT %s, %s, 'market', %s, ST_PointOnSurface(geom) FROM layer.admin_units"
            " WHERE level = 'commune' AND parent_code = (SELECT code FROM layer.admin_units"
            "  WHERE level = 'district' ORDER BY code OFFSET %s LIMIT 1)"
            " ORDER BY code OFFSET %s LIMIT 1 RETURNING id, qr_code",
            name, f"Chợ {name}", state, district, next(_numbers) % 3,
        )  # fmt: skip
        return code, feature * 2 + 1

    def card(self, used: str = "1 day") -> tuple[UUID, UUID]:
        """A card and its person, who was used so long ago."""
        ((person,),) = self.sql(
            "INSERT INTO private.person (name, used_at) VALUES ('Người Thử', now() - %s::interval)"
            " RETURNING id",
            used,
        )
        ((card,),) = self.sql(
            "INSERT INTO private.card (person_id, expires_at)"
            " VALUES (%s, now() + interval '9 days') RETURNING id",
            person,
        )
        return card, person

    def record(
        self,
        events: Sequence[Event],
        who: Person | None,
        per_hour: int = 100,
        connection: Any = None,
    ) -> list[str]:
        """What came of a batch."""
        with (connection or self.connection).cursor() as cursor:
            cursor.execute(
                _RECORD,
                (
                    "" if who is None else str(who.id),
                    [str(one.id or uuid4()) for one in events],
                    [one.at for one in events],
                    [one.site for one in events],
                    [one.direction for one in events],
                    [None if one.card is None else str(one.card) for one in events],
                    [f'{{"name": "{one.name}"}}' if one.identity else None for one in events],
                    [one.identity for one in events],
                    [True for _ in events],
                    KEEP_DAYS,
                    per_hour,
                ),
            )
            return [outcome for outcome, _ in cursor.fetchall()]

    def counts(self, site: int) -> tuple[int, int, int]:
        """In, out and declared of a site, by the hours that staff read."""
        ((n_in, n_out, declared),) = self.sql(
            "SELECT coalesce(sum(n_in), 0), coalesce(sum(n_out), 0), coalesce(sum(declared), 0)"
            " FROM private.check_in_hours WHERE site = %s",
            site,
        )
        return int(n_in), int(n_out), int(declared)

    def days(self) -> list[str]:
        """The partitions there are."""
        rows = self.sql(
            "SELECT inhrelid::regclass::text FROM pg_inherits"
            " WHERE inhparent = 'private.check_in'::regclass ORDER BY 1"
        )
        return [name for (name,) in rows]

    def as_staff(self, who: Person, statement: str, *values: Any) -> Any:
        """The one value of a statement, run as a caller's role."""
        self.connection.autocommit = False
        try:
            with self.connection.cursor() as cursor:
                cursor.execute(
                    "SELECT set_config('role', %s, true), set_config('dieuhanh.account', %s, true)",
                    (who.role.database_role, str(who.id)),
                )
                cursor.execute(statement, values)
                return cursor.fetchone()[0]
        finally:
            self.connection.rollback()
            self.connection.autocommit = True


def now() -> datetime:
    """This moment, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def ago(**parts: float) -> datetime:
    """A moment of the past."""
    return now() - timedelta(**parts)
