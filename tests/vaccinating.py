"""What the tests of vaccination share: points, lots with doses, people, and who works there."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2

from tests.people import Person, person

NEAR, FAR = "502", "515"
_numbers = itertools.count(1)


class Centre:
    """A database with points in two districts, a lot, and accounts that work there."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.point, self.far = self.new_point(NEAR), self.new_point(FAR)
        self.people: dict[str, Person] = {
            "health": person(url, "officer", departments=("health",)),
            "second": person(url, "officer", departments=("health",)),
            "point": person(url, "officer", departments=("health",), places=(self.point,)),
            "near": person(url, "officer", departments=("district",), districts=(NEAR,)),
            "far": person(url, "officer", departments=("district",), districts=(FAR,)),
            "viewer": person(url, "viewer"),
        }

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a statement as the owner; committed."""
        connection = psycopg2.connect(self.url)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement, values or None)
                return list(cursor.fetchall()) if cursor.description else []
        finally:
            connection.close()

    @contextmanager
    def acting(self, who: str) -> Iterator[Any]:
        """A cursor that acts for somebody, in a transaction that commits."""
        connection = psycopg2.connect(self.url)
        try:
            with connection, connection.cursor() as cursor:
                acts = self.people[who]
                cursor.execute(
                    "SELECT set_config('role', %s, true), set_config('dieuhanh.account', %s, true)",
                    (acts.role.database_role, str(acts.id)),
                )
                yield cursor
        finally:
            connection.close()

    def act(self, row: Any, action: str, who: str = "health", **facts: Any) -> None:
        """What is done to a row: `<register>_<action>`."""
        with self.acting(who) as cursor:
            told = json.dumps(facts, default=str)
            cursor.execute(f"SELECT dieuhanh.{action}(%s, %s::jsonb)", (row, told))

    def make(self, register: str, who: str = "health", **values: Any) -> str:
        """A row that somebody makes; its number."""
        names = ", ".join(values)
        marks = ", ".join(["%s"] * len(values))
        with self.acting(who) as cursor:
            cursor.execute(
                f"INSERT INTO register.{register} ({names}) VALUES ({marks}) RETURNING id",
                tuple(values.values()),
            )
            return str(cursor.fetchone()[0])

    def today(self) -> str:
        """The day in the province's zone."""
        ((day,),) = self.sql("SELECT dieuhanh.today()::text")
        return str(day)

    def new_point(self, district: str) -> str:
        """A point in a district."""
        ((number,),) = self.sql(
            "INSERT INTO layer.vaccination_points (code, name, kind, geom)"
            " SELECT %s, 'Điểm thử', 'school', ST_PointOnSurface(geom) FROM dieuhanh.admin_piece"
            " WHERE district_code = %s ORDER BY ST_Area(geom) DESC LIMIT 1 RETURNING id",
            f"THU-{next(_numbers)}",
            district,
        )
        return f"vaccination_points/{number}"

    def new_lot(self, doses: int = 0, vaccine: str = "pfizer", at: str | None = None) -> str:
        """A lot, with so many doses at a point."""
        lot = f"LO{next(_numbers)}"
        self.make("vaccine_lots", lot=lot, vaccine=vaccine, expires_on="2099-01-01")
        if doses:
            self.move(lot, "received", doses, at=at)
        return lot

    def move(self, lot: str, kind: str, doses: int, at: str | None = None, **more: Any) -> str:
        """A movement of the ledger."""
        values = {"place": at or self.point, "lot": lot, "kind": kind, "doses": doses, **more}
        return self.make("stock_movements", **values)

    def new_person(self, year: int | None = 1980, district: str = NEAR) -> str:
        """Somebody who lives in a district."""
        ((number,),) = self.sql(
            "INSERT INTO private.person (name, birth_year, commune_code) SELECT %s, %s,"
            " commune_code FROM dieuhanh.admin_piece WHERE district_code = %s"
            " GROUP BY 1, 2, 3 ORDER BY sum(ST_Area(geom)) DESC LIMIT 1 RETURNING id",
            f"Người thử {next(_numbers)}",
            year,
            district,
        )
        return str(number)

    def register(self, group: str = "others", who: str = "health", **person: Any) -> str:
        """A registration of somebody new."""
        return self.register_of(self.new_person(**person), group, who)

    def register_of(self, about: str, group: str = "others", who: str = "health") -> str:
        """A registration of somebody."""
        return self.make("vaccination_registrations", who, person_id=about, priority_group=group)

    def given(self, about: str, lot: str, days_ago: int, **more: Any) -> str:
        """A dose that was given some days ago and is entered now."""
        ((at,),) = self.sql("SELECT now() - make_interval(days => %s)", days_ago)
        values = {"person_id": about, "place": self.point, "lot": lot, "given_at": at, **more}
        return self.make("vaccinations", **values)

    def book(self, place: str | None = None, lot: str | None = None) -> dict[str, int]:
        """The books of a place and a lot."""
        names = "received arrived moved used unused wasted returned corrected on_hand balance"
        (row,) = self.sql("SELECT * FROM private.stock_book(%s, %s)", place, lot)
        return {name: int(value) for name, value in zip(names.split(), row, strict=True)}
