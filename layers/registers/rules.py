"""What the database's rules need of the province: its zone, regimes, thresholds and approvers."""

from __future__ import annotations

import sqlalchemy as sa

from layers.province import Province
from layers.vaccines import Vaccination


def write_rules(connection: sa.Connection, province: Province) -> None:
    """Bring the rules in the database in step with the province's settings; the caller commits.

    A regime that the province no longer has stays for the stays that began with it.
    """
    connection.execute(
        sa.text("UPDATE register.province SET time_zone = :zone WHERE time_zone <> :zone"),
        {"zone": str(province.time_zone)},
    )
    for regime in province.regimes:
        connection.execute(
            sa.text(
                "INSERT INTO register.quarantine_regime AS r (id, days, tests)"
                " VALUES (:id, :days, :tests) ON CONFLICT (id)"
                " DO UPDATE SET days = excluded.days, tests = excluded.tests"
                " WHERE (r.days, r.tests) IS DISTINCT FROM (excluded.days, excluded.tests)"
            ),
            {"id": regime.id, "days": regime.days, "tests": list(regime.tests)},
        )
    connection.execute(
        sa.text(
            "UPDATE private.trace_rule SET approvers = :approvers WHERE approvers <> :approvers"
        ),
        {"approvers": list(province.trace_approvers)},
    )
    connection.execute(
        sa.text(
            "UPDATE register.epidemic_rule SET rule = CAST(:rule AS jsonb)"
            " WHERE rule <> CAST(:rule AS jsonb)"
        ),
        {"rule": province.epidemic.to_json()},
    )
    _write_vaccination(connection, province.vaccination)


def _write_vaccination(connection: sa.Connection, told: Vaccination) -> None:
    """As `write_rules`: vaccines and groups that have gone stay for those who were given them."""
    connection.execute(
        sa.text("UPDATE register.vaccination_rule SET observe_minutes = :minutes"),
        {"minutes": told.observe_minutes},
    )
    for vaccine in told.vaccines:
        connection.execute(
            sa.text(
                "INSERT INTO register.vaccine"
                " (id, doses, least_days, recommended_days, least_age, completes)"
                " VALUES (:id, :doses, :least_days, :recommended_days, :least_age, :completes)"
                " ON CONFLICT (id) DO UPDATE SET doses = excluded.doses,"
                " least_days = excluded.least_days, recommended_days = excluded.recommended_days,"
                " least_age = excluded.least_age, completes = excluded.completes"
            ),
            {
                "id": vaccine.id,
                "doses": vaccine.doses,
                "least_days": vaccine.least_days,
                "recommended_days": vaccine.recommended_days,
                "least_age": vaccine.least_age,
                "completes": list(vaccine.completes),
            },
        )
    for rank, group in enumerate(told.groups, 1):
        connection.execute(
            sa.text(
                "INSERT INTO register.priority_group (id, rank) VALUES (:id, :rank)"
                " ON CONFLICT (id) DO UPDATE SET rank = excluded.rank"
            ),
            {"id": group.id, "rank": rank},
        )
    # Those who wait keep their time within the group.
    connection.execute(
        sa.text(
            "UPDATE register.vaccination_registrations AS r"
            " SET queue = lpad(g.rank::text, 2, '0') || ' ' || right(r.queue, 26)"
            " FROM register.priority_group AS g"
            " WHERE g.id = r.priority_group AND left(r.queue, 2) <> lpad(g.rank::text, 2, '0')"
        )
    )
