"""What a team does in the field: reports that are taken once, its own state, its way to a task.

Revises: 0017
"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TABLES = (
    # The sender's own id of what was reported, so that sending it again changes nothing.
    "ALTER TABLE private.sos_step ADD COLUMN once uuid",
    "CREATE UNIQUE INDEX sos_step_once ON private.sos_step (once) WHERE once IS NOT NULL",
)

_NOTE_STEP = """
    CREATE OR REPLACE FUNCTION private.sos_note_step(
      request uuid, what text, was text, becomes text, said text DEFAULT NULL
    ) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
      {insert}
      PERFORM set_config('dieuhanh.note', '', true);
    END $$
"""
NOTE_STEP = _NOTE_STEP.format(
    insert="""INSERT INTO private.sos_step (
        request_id, actor, kind, from_value, to_value, note, once)
      VALUES (request, dieuhanh.actor(), what, was, becomes,
        coalesce(said, nullif(current_setting('dieuhanh.note', true), '')),
        nullif(current_setting('dieuhanh.once', true), '')::uuid);
      PERFORM set_config('dieuhanh.once', '', true);"""
)
NOTE_STEP_BEFORE = _NOTE_STEP.format(
    insert="""INSERT INTO private.sos_step (request_id, actor, kind, from_value, to_value, note)
      VALUES (request, dieuhanh.actor(), what, was, becomes,
        coalesce(said, nullif(current_setting('dieuhanh.note', true), '')));"""
)

FUNCTIONS = (
    NOTE_STEP,
    # Whether a report has been taken already. Locks the request first, so that of the same report
    # sent twice at once the second finds the first; the next step of the transaction gets the id.
    """
    CREATE FUNCTION dieuhanh.sos_reported(request uuid, once uuid, becomes text)
    RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('rescuer', 'operator', 'coordinator', 'admin');
      before private.sos_step;
    BEGIN
      PERFORM FROM layer.sos_requests AS r WHERE r.id = request FOR UPDATE;
      SELECT * INTO before FROM private.sos_step AS s WHERE s.once = sos_reported.once;
      IF before.id IS NULL THEN
        PERFORM set_config('dieuhanh.once', sos_reported.once::text, true);
        RETURN false;
      END IF;
      IF before.request_id <> request OR before.actor <> who.login
        OR becomes <> (
          CASE before.kind WHEN 'state' THEN before.to_value ELSE before.kind END) THEN
        PERFORM private.refuse('DH409',
          'Mã id này đã dùng cho một báo cáo khác. / This id is another report''s already.');
      END IF;
      RETURN true;
    END $$
    """,
    # Its members say whether a team is free. With tasks it is busy until they have ended.
    """
    CREATE FUNCTION dieuhanh.set_team_state(team bigint, becomes text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('rescuer', 'operator', 'coordinator', 'admin');
      was layer.rescue_teams;
      busy_with text;
    BEGIN
      IF who.role = 'rescuer' AND NOT EXISTS (SELECT FROM private.team_member AS m
        WHERE m.account_id = who.id AND m.team_id = team) THEN
        PERFORM private.refuse('DH403', 'Đây không phải đội của bạn. / This is not your team.');
      END IF;
      SELECT * INTO was FROM layer.rescue_teams WHERE id = team FOR UPDATE;
      IF was.id IS NULL THEN
        PERFORM private.refuse('DH404', format(
          'Không có đội số %s. / There is no team %s.', team, team));
      END IF;
      SELECT string_agg(r.code, ', ' ORDER BY a.at) INTO busy_with
      FROM private.sos_assignment AS a JOIN layer.sos_requests AS r ON r.id = a.request_id
      WHERE a.team_id = team AND a.ended_at IS NULL;
      IF busy_with IS NOT NULL AND becomes <> 'busy' THEN
        PERFORM private.refuse('DH409', format(
          'Đội %s còn nhiệm vụ (%s): hãy làm xong hoặc từ chối trước.'
          ' / Team %s still has tasks (%s): finish or decline them first.',
          was.name, busy_with, was.name, busy_with));
      END IF;
      UPDATE layer.rescue_teams SET state = becomes WHERE id = team AND state <> becomes;
    END $$
    """,
    # The way to a request from a place in degrees: by road where there is a graph in the metric
    # system and a way on it, as `sos_teams` measures it, else the straight line.
    """
    CREATE FUNCTION dieuhanh.sos_way(request uuid, lon float8, lat float8, srid integer)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('rescuer', 'operator', 'coordinator', 'admin');
      place layer.sos_requests := private.sos_for(request, who, false);
      here geometry := ST_SetSRID(ST_MakePoint(lon, lat), 4326);
      straight_m float8 := ST_Distance(ST_Transform(here, srid),
        ST_Transform(place.geom_exact, srid));
      entry record;
      goal record;
      way record;
      off_m float8;
    BEGIN
      IF EXISTS (SELECT FROM road.graph AS g WHERE g.srid = sos_way.srid)
        AND EXISTS (SELECT FROM pg_extension WHERE extname = 'pgrouting') THEN
        SELECT n.id, ST_Distance(n.geom, ST_Transform(here, srid)) AS away INTO entry
        FROM road.node AS n ORDER BY n.geom <-> ST_Transform(here, srid) LIMIT 1;
        SELECT n.id, ST_Distance(n.geom, ST_Transform(place.geom_exact, srid)) AS away INTO goal
        FROM road.node AS n ORDER BY n.geom <-> ST_Transform(place.geom_exact, srid) LIMIT 1;
        off_m := entry.away + goal.away;
        IF entry.id <> goal.id AND off_m <= straight_m THEN
          EXECUTE
            'SELECT sum(e.length_m) AS metres, max(w.agg_cost) AS minutes, ST_MakeLine(
               CASE WHEN w.node = e.source THEN e.geom ELSE ST_Reverse(e.geom) END
               ORDER BY w.seq) AS line
             FROM pgr_dijkstra(
               ''SELECT id, source, target, cost, reverse_cost FROM road.edge'', $1, $2, true) AS w
             LEFT JOIN road.edge AS e ON e.id = w.edge'
            INTO way USING entry.id, goal.id;
          IF way.line IS NOT NULL THEN
            RETURN jsonb_build_object('by', 'road', 'distance_m', round(way.metres + off_m),
              'travel_min', round((way.minutes + off_m * 1.4 / 1000 / 30 * 60)::numeric, 1),
              'line', ST_AsGeoJSON(
                ST_MakeLine(ARRAY[here, way.line, place.geom_exact]), 6)::jsonb);
          END IF;
        END IF;
      END IF;
      RETURN jsonb_build_object('by', 'straight', 'distance_m', round(straight_m),
        'travel_min', NULL,
        'line', ST_AsGeoJSON(ST_MakeLine(here, place.geom_exact), 6)::jsonb);
    END $$
    """,
)

CALLED = (
    "sos_reported(uuid, uuid, text)",
    "set_team_state(bigint, text)",
    "sos_way(uuid, float8, float8, integer)",
)
CALLERS = "dieuhanh_rescuer, dieuhanh_operator, dieuhanh_coordinator, dieuhanh_admin"
GRANTS = (
    *(f"REVOKE EXECUTE ON FUNCTION dieuhanh.{name} FROM PUBLIC" for name in CALLED),
    *(f"GRANT EXECUTE ON FUNCTION dieuhanh.{name} TO {CALLERS}" for name in CALLED),
)


def upgrade() -> None:
    for statement in (*TABLES, *FUNCTIONS, *GRANTS):
        # Straight to the driver, so that a colon stays what it is.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    for name in CALLED:
        op.execute(f"DROP FUNCTION dieuhanh.{name}")
    op.get_bind().exec_driver_sql(NOTE_STEP_BEFORE.replace("%", "%%"))
    op.execute("ALTER TABLE private.sos_step DROP COLUMN once")
