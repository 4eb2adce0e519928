"""The epidemic in the database: the rule of risk levels, who may do what, zones and directives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg2
import psycopg2.errors
import pytest

from layers.outbreaks.rule import RiskRule, epidemic_rules
from layers.province import load_province
from layers.roles import Role

RULE = load_province("quang-nam").epidemic
STAFF = {role for role in Role if role is not Role.PUBLIC}
KEEPERS = {Role.OFFICER, Role.ADMIN}
CALLS = {
    "case_reports_correct(uuid, jsonb)": KEEPERS,
    "report_cases(jsonb, text, boolean)": KEEPERS,
    "samples_report(uuid, jsonb)": KEEPERS,
    "keep_people(text, text[], bytea[], bytea[])": KEEPERS,
    "case_reports_of(date)": KEEPERS,
    "epidemic_figures(text, integer)": STAFF,
    "risk_levels_of(date)": STAFF,
    "epidemic_told(integer)": set(Role),
    "risk_levels_told(date)": set(Role),
}
PRIVATE = (
    "register.risk_day",
    "register.sample_day",
    "register.epidemic_rule",
    "register.epidemic_estimate",
    "register.epidemic_seen",
    "private.reported_coverage",
    "private.counted_resident",
)


@pytest.fixture
def cursor(database_url: str) -> Iterator[Any]:
    """A cursor of the owner on the shared database; what it does is undone."""
    connection = psycopg2.connect(database_url)
    yield connection.cursor()
    connection.rollback()
    connection.close()


def test_each_function_is_for_its_roles_and_tables_are_for_none(cursor: Any) -> None:
    for call, roles in CALLS.items():
        for role in Role:
            cursor.execute(
                "SELECT has_function_privilege(%s, %s, 'EXECUTE')",
                (role.database_role, f"dieuhanh.{call}"),
            )
            assert cursor.fetchone() == (role in roles,), (call, role)
    for table in PRIVATE:
        for role in Role:
            cursor.execute(
                "SELECT has_table_privilege(%s, %s, 'SELECT, INSERT, UPDATE, DELETE')",
                (role.database_role, table),
            )
            assert cursor.fetchone() == (False,), (table, role)
    for role in Role:
        cursor.execute(
            "SELECT has_table_privilege(%s, 'layer.risk_levels', 'INSERT, UPDATE, DELETE'),"
            " has_column_privilege(%s, 'layer.risk_levels', 'cases', 'SELECT')",
            (role.database_role, role.database_role),
        )
        assert cursor.fetchone() == (False, role is not Role.PUBLIC)


@pytest.mark.parametrize(
    ("cases", "rate", "adults", "elders", "expected"),
    [
        (0, 0.0, 90, 90, (1, None, "reached", False)),
        (5, 19.9, 90, 90, (1, None, "reached", False)),
        (5, 20.0, 90, 90, (1, None, "reached", False)),
        (5, 50.0, 70, 90, (2, None, "reached", False)),
        (5, 150.0, 90, 80, (3, None, "reached", False)),
        (5, 19.9, 69.9, 90, (1, None, "missed", False)),
        (5, 20.0, 60, 90, (2, None, "missed", False)),
        (5, 50.0, 60, 90, (3, None, "missed", False)),
        (5, 500.0, 60, 90, (4, None, "missed", False)),
        (5, 500.0, 60, 10, (4, None, "missed", False)),
        (5, 30.0, 90, 79.9, (2, None, "reached", True)),
        (0, 0.0, 90, 10, (1, None, "reached", False)),
        (5, 60.0, None, None, (3, 2, "unknown", False)),
        (5, 160.0, None, 10, (4, 4, "unknown", False)),
        (5, None, 90, 90, (None, None, "reached", False)),
    ],
)
def test_the_level_follows_the_rule(
    cursor: Any, cases: int, rate: float | None, adults: float | None, elders: float | None,
    expected: tuple[Any, ...],
) -> None:  # fmt: skip
    cursor.execute(
        "SELECT l.* FROM register.epidemic_rule AS r,"
        " private.risk_level(r.rule->'risk', %s, %s, %s, %s) AS l",
        (cases, rate, adults, elders),
    )
    assert cursor.fetchone() == expected


def test_the_rule_is_the_provinces(cursor: Any) -> None:
    cursor.execute("SELECT rule->'risk'->>'id', rule->'interval' FROM register.epidemic_rule")
    number, interval = cursor.fetchone()
    assert RULE.risk is not None
    assert (number, interval["mean_days"]) == (RULE.risk.id, 4.7)
    nothing = epidemic_rules({})
    cursor.execute("UPDATE register.epidemic_rule SET rule = %s", (nothing.to_json(),))
    cursor.execute("SELECT private.keep_risk_levels(dieuhanh.today())")
    assert cursor.fetchone() == (0,)


@pytest.mark.parametrize(
    "wrong",
    [
        {"incidence": (50, 20, 150)},
        {"incidence": (20, 50)},
        {"reached": (1, 2, 3)},
        {"missed": (1, 2, 3, 5)},
        {"days": 0},
        {"elders_age": 6},
    ],
)
def test_a_rule_that_is_none_is_refused(wrong: dict[str, Any]) -> None:
    right: dict[str, Any] = {
        "id": "1", "source": "", "incidence": (20, 50, 150),
        "reached": (1, 1, 2, 3), "missed": (1, 2, 3, 4),
    }  # fmt: skip
    assert RiskRule(**right).days == 7
    with pytest.raises(ValueError, match="epidemic"):
        RiskRule(**{**right, **wrong})


def test_the_newest_coverage_until_the_day_counts(cursor: Any) -> None:
    cursor.execute("SELECT min(code) FROM layer.admin_units WHERE level = 'commune'")
    commune = cursor.fetchone()
    cursor.execute(
        "INSERT INTO private.reported_coverage VALUES (%s, '2001-08-01', 10, NULL),"
        " (%s, '2001-09-01', 50, 60)", commune * 2
    )  # fmt: skip
    found = []
    for day in ("2001-07-31", "2001-08-31", "2001-09-01"):
        cursor.execute(
            "SELECT adults_percent, elders_percent, source, as_of::text"
            " FROM private.coverage_on(%s, 65) WHERE commune_code = %s", (day, *commune)
        )  # fmt: skip
        found.append(cursor.fetchone())
    assert found == [
        (None, None, None, None),
        (10, None, "reported", "2001-08-01"),
        (50, 60, "reported", "2001-09-01"),
    ]


def test_a_zone_finds_the_directive_of_its_decision(cursor: Any) -> None:
    cursor.execute(
        "INSERT INTO layer.outbreak_zones (name, level, decision_number, decision_date, geom)"
        " SELECT 'Vùng', 'high', '77/qđ-ubnd', '2021-08-01', geom FROM layer.admin_units"
        " WHERE code = '503' RETURNING id"
    )
    (zone,) = cursor.fetchone()

    def directive() -> object:
        cursor.execute("SELECT directive FROM layer.outbreak_zones WHERE id = %s", (zone,))
        return cursor.fetchone()[0]

    assert directive() is None
    cursor.execute(
        "INSERT INTO layer.directives (number, kind, title, issued_on, issuer, field, valid_from,"
        " unit_codes) VALUES ('77/QĐ-UBND', 'decision', 'Phong tỏa', '2021-08-01', 'UBND',"
        " 'epidemic', '2021-08-01', '503') RETURNING id"
    )
    (made,) = cursor.fetchone()
    assert directive() == f"/directives#{made}"
    cursor.execute("UPDATE layer.directives SET audience = 'internal' WHERE id = %s", (made,))
    assert directive() is None
