"""What the desk reads before and after it acts: which request is meant, how it stands, teams.

Revises: 0011
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

FUNCTIONS = (
    # A request by its id or by the code that people read out, also one that waits in the queue.
    """
    CREATE FUNCTION dieuhanh.sos_find(named text) RETURNS uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      found uuid;
    BEGIN
      PERFORM private.acting_as('rescuer', 'operator', 'coordinator', 'admin');
      IF named ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN
        RETURN named::uuid;
      END IF;
      SELECT r.id INTO found FROM layer.sos_requests AS r WHERE r.code = upper(named);
      IF found IS NULL THEN
        SELECT i.request_id INTO found FROM private.sos_intake AS i WHERE i.code = upper(named);
      END IF;
      IF found IS NULL THEN
        PERFORM private.refuse('DH404', 'Không có yêu cầu này. / There is no such request.');
      END IF;
      RETURN found;
    END $$
    """,
    # How a request stands, without anything private of who reported it. It tells of one that
    # the caller may not work on no more than everybody sees, and who has it.
    """
    CREATE FUNCTION dieuhanh.sos_brief(request uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      found jsonb;
    BEGIN
      PERFORM private.acting_as('rescuer', 'operator', 'coordinator', 'admin');
      SELECT jsonb_build_object('id', r.id, 'code', r.code, 'state', r.state,
        'priority', r.priority, 'updated_at', r.updated_at,
        'team', (
          SELECT jsonb_build_object('id', t.id, 'name', t.name, 'by', a.actor, 'since', a.at)
          FROM private.sos_assignment AS a JOIN layer.rescue_teams AS t ON t.id = a.team_id
          WHERE a.request_id = r.id AND a.ended_at IS NULL),
        'merged_into', (
          SELECT k.code FROM private.sos_merge AS m
          JOIN layer.sos_requests AS k ON k.id = m.into_id
          WHERE m.request_id = r.id AND m.undone_at IS NULL))
      INTO found FROM layer.sos_requests AS r WHERE r.id = request;
      IF found IS NULL THEN
        SELECT jsonb_build_object('id', i.request_id, 'code', i.code, 'state', i.state)
        INTO found FROM private.sos_intake AS i WHERE i.request_id = request;
      END IF;
      RETURN found;
    END $$
    """,
    # Teams with who belongs to them, and their tasks: what a crew must know to set out.
    """
    CREATE FUNCTION private.teams_told(teams bigint[]) RETURNS jsonb LANGUAGE sql STABLE AS $$
      SELECT coalesce(jsonb_agg(jsonb_build_object(
        'id', t.id, 'code', t.code, 'name', t.name, 'kind', t.kind, 'state', t.state,
        'capacity', t.capacity, 'lon', ST_X(t.geom_exact), 'lat', ST_Y(t.geom_exact),
        'accuracy_m', t.accuracy_m, 'position_at', t.position_at,
        'leader', c.leader, 'phone', c.phone,
        'members', (
          SELECT coalesce(jsonb_agg(a.login ORDER BY a.login), '[]')
          FROM private.team_member AS m JOIN private.account AS a ON a.id = m.account_id
          WHERE m.team_id = t.id),
        'tasks', (
          SELECT coalesce(jsonb_agg(jsonb_build_object(
            'id', r.id, 'code', r.code, 'category', r.category, 'priority', r.priority,
            'state', r.state, 'people', r.people, 'injured', r.injured,
            'children', r.children, 'elderly', r.elderly, 'commune_code', r.commune_code,
            'lon', ST_X(r.geom_exact), 'lat', ST_Y(r.geom_exact), 'accuracy_m', r.accuracy_m,
            'reported_at', r.reported_at, 'assigned_at', a.at) ORDER BY a.at, a.id), '[]')
          FROM private.sos_assignment AS a JOIN layer.sos_requests AS r ON r.id = a.request_id
          WHERE a.team_id = t.id AND a.ended_at IS NULL)
        ) ORDER BY t.name, t.id), '[]')
      FROM layer.rescue_teams AS t LEFT JOIN private.team_contact AS c ON c.team_id = t.id
      WHERE t.id = ANY (teams)
    $$
    """,
    """
    CREATE FUNCTION dieuhanh.my_teams() RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('rescuer', 'operator', 'coordinator', 'admin');
    BEGIN
      RETURN private.teams_told(ARRAY(
        SELECT m.team_id FROM private.team_member AS m WHERE m.account_id = who.id));
    END $$
    """,
    """
    CREATE FUNCTION dieuhanh.team_detail(team bigint) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('rescuer', 'operator', 'coordinator', 'admin');
      told jsonb := private.teams_told(ARRAY[team]);
    BEGIN
      IF who.role = 'rescuer' AND NOT EXISTS (SELECT FROM private.team_member AS m
        WHERE m.account_id = who.id AND m.team_id = team) THEN
        PERFORM private.refuse('DH403', 'Đây không phải đội của bạn. / This is not your team.');
      END IF;
      IF jsonb_array_length(told) = 0 THEN
        PERFORM private.refuse('DH404', format(
          'Không có đội số %s. / There is no team %s.', team, team));
      END IF;
      RETURN told->0;
    END $$
    """,
)

CALLED = ("sos_find(text)", "sos_brief(uuid)", "my_teams()", "team_detail(bigint)")
CALLERS = "dieuhanh_rescuer, dieuhanh_operator, dieuhanh_coordinator, dieuhanh_admin"
GRANTS = (
    *(f"REVOKE EXECUTE ON FUNCTION dieuhanh.{name} FROM PUBLIC" for name in CALLED),
    *(f"GRANT EXECUTE ON FUNCTION dieuhanh.{name} TO {CALLERS}" for name in CALLED),
)


def upgrade() -> None:
    for statement in (*FUNCTIONS, *GRANTS):
        # Straight to the driver, so that a colon stays what it is.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    for name in CALLED:
        op.execute(f"DROP FUNCTION dieuhanh.{name}")
    op.execute("DROP FUNCTION private.teams_told(bigint[])")
