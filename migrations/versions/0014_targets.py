"""What Cursor on Target tells: by role, in the districts of who asks.

Revises: 0013
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ROLES = "'viewer', 'analyst', 'officer', 'rescuer', 'operator', 'coordinator', 'admin'"
CALLERS = ", ".join(f"dieuhanh_{name.strip(chr(39))}" for name in ROLES.split(", "))
STATEMENTS = (
    # All staff see where help is needed, as in the layer. Who asked and which team comes is for
    # coordination, and for a team of what it has.
    f"""
    CREATE FUNCTION dieuhanh.sos_targets(most integer) RETURNS TABLE (id uuid, code text,
      category text, priority text, state text, people integer, lon float8, lat float8,
      accuracy_m float8, reported_at timestamptz, updated_at timestamptz, measured boolean,
      team text, name text, phone text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as({ROLES});
      coordinates boolean := who.role NOT IN ('viewer', 'analyst', 'officer');
    BEGIN
      RETURN QUERY
        SELECT r.id, r.code, r.category, r.priority, r.state, r.people, ST_X(r.geom_exact),
          ST_Y(r.geom_exact), r.accuracy_m, r.reported_at, r.updated_at,
          coalesce(p.position_source = 'gps', false), t.name,
          CASE WHEN coordinates THEN p.name END, CASE WHEN coordinates THEN p.phone END
        FROM layer.sos_requests AS r
        LEFT JOIN private.sos_report AS p ON p.request_id = r.id
        LEFT JOIN private.sos_assignment AS a
          ON coordinates AND a.request_id = r.id AND a.ended_at IS NULL
        LEFT JOIN layer.rescue_teams AS t ON t.id = a.team_id
        WHERE dieuhanh.sos_open(r.state)
          AND (who.role <> 'rescuer' OR EXISTS (
            SELECT FROM private.team_member AS m
            WHERE m.team_id = a.team_id AND m.account_id = who.id))
          AND (who.role IN ('admin', 'rescuer') OR NOT coordinates
            OR cardinality(who.districts) = 0
            OR coalesce(r.district_code = ANY (who.districts), true))
        ORDER BY r.reported_at DESC, r.id LIMIT most;
    END $$
    """,
    "REVOKE EXECUTE ON FUNCTION dieuhanh.sos_targets(integer) FROM PUBLIC",
    f"GRANT EXECUTE ON FUNCTION dieuhanh.sos_targets(integer) TO {CALLERS}",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        # Straight to the driver, so that a colon stays what it is.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    op.execute("DROP FUNCTION dieuhanh.sos_targets(integer)")
