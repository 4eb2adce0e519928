"""What the database's rules need to know of the province: its time zone, its regimes,
and who approves tracing.
"""

from __future__ import annotations

import sqlalchemy as sa

from layers.province import Province


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
