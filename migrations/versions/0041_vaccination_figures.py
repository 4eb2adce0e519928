"""What is told of vaccination: progress, the points' numbers, coverage, figures; the purge.

Revises: 0040
"""

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

STAFF = (
    "dieuhanh_viewer, dieuhanh_analyst, dieuhanh_coordinator, dieuhanh_operator,"
    " dieuhanh_officer, dieuhanh_admin"
)

FIGURES = (
    # What is told of doses, brought up to date from time to time by the server.
    """
    CREATE TABLE register.dose_count (
      commune_code text NOT NULL,
      priority_group text NOT NULL,
      number integer NOT NULL,
      doses integer NOT NULL,
      complete integer NOT NULL,
      PRIMARY KEY (commune_code, priority_group, number)
    )
    """,
    "ALTER TABLE register.vaccination_rule ADD COLUMN counted_at timestamptz",
    # How many of a point's `doses_given` the register accounts for.
    "CREATE TABLE register.point_count (place text PRIMARY KEY, given integer NOT NULL)",
    """
    CREATE FUNCTION private.count_doses() RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM set_config('dieuhanh.actor', 'system:vaccination', true);
      DELETE FROM register.dose_count;
      INSERT INTO register.dose_count
      SELECT coalesce(v.residence, ''), coalesce(v.priority_group, ''), v.number, count(*),
        count(*) FILTER (WHERE v.is_full)
      FROM register.vaccinations AS v WHERE v.number IS NOT NULL AND v.state <> 'void'
      GROUP BY 1, 2, 3;
      UPDATE register.vaccination_rule SET counted_at = now();
      -- Points that do not keep the registers keep what is typed; what was given before stays.
      WITH stock AS (
        SELECT b.place, sum(b.doses)::integer AS doses FROM register.stock_balance AS b GROUP BY 1
      ), given AS (
        SELECT v.place, count(*)::integer AS doses,
          (count(*) FILTER (WHERE v.given_on = dieuhanh.today()))::integer AS today
        FROM register.vaccinations AS v WHERE v.number IS NOT NULL AND v.state <> 'void' GROUP BY 1
      ), session AS (
        SELECT s.place, max(s.teams) AS teams, CASE WHEN max(s.closes) <= '13:00' THEN 'morning'
          WHEN min(s.opens) >= '12:00' THEN 'afternoon' ELSE 'all_day' END AS part
        FROM register.vaccination_sessions AS s
        WHERE s.day = dieuhanh.today() AND s.state = 'planned' GROUP BY 1
      ), kept AS (
        SELECT p.id, 'vaccination_points/' || p.id AS place, s.part, s.teams,
          coalesce(k.doses, 0) AS stock, coalesce(g.today, 0) AS today, coalesce(g.doses, 0) AS given
        FROM layer.vaccination_points AS p
        LEFT JOIN stock AS k ON k.place = 'vaccination_points/' || p.id
        LEFT JOIN given AS g ON g.place = 'vaccination_points/' || p.id
        LEFT JOIN session AS s ON s.place = 'vaccination_points/' || p.id
        WHERE k.place IS NOT NULL OR g.place IS NOT NULL OR s.place IS NOT NULL
      ), told AS (
        UPDATE layer.vaccination_points AS p SET stock_doses = k.stock, doses_today = k.today,
          doses_given = p.doses_given + k.given - coalesce(c.given, 0),
          sessions = coalesce(k.part, p.sessions), teams = coalesce(k.teams, p.teams)
        FROM kept AS k LEFT JOIN register.point_count AS c ON c.place = k.place
        WHERE p.id = k.id AND (p.stock_doses, p.doses_today, k.given, p.sessions, p.teams)
          IS DISTINCT FROM (k.stock, k.today, coalesce(c.given, 0), coalesce(k.part, p.sessions),
          coalesce(k.teams, p.teams))
      )
      INSERT INTO register.point_count (place, given) SELECT k.place, k.given FROM kept AS k
      ON CONFLICT (place) DO UPDATE SET given = excluded.given
      WHERE point_count.given <> excluded.given;
    END $$
    """,
    # Doses by district, priority group and number. Fewer than five are not told, nor the next few
    # where a single number that is missing could be worked out from the district's.
    """
    CREATE FUNCTION dieuhanh.vaccination_progress() RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
      WITH counted AS (
        SELECT coalesce(u.parent_code, '') AS district, c.priority_group, c.number,
          sum(c.doses)::integer AS doses, sum(c.complete)::integer AS complete
        FROM register.dose_count AS c LEFT JOIN layer.admin_units AS u ON u.code = c.commune_code
        GROUP BY 1, 2, 3
      ), cells AS (
        SELECT c.*, count(*) FILTER (WHERE c.doses < 5) OVER w AS small,
          row_number() OVER (PARTITION BY c.district, c.number, c.doses < 5
            ORDER BY c.doses, c.priority_group) AS place
        FROM counted AS c WINDOW w AS (PARTITION BY c.district, c.number)
      ), totals AS (
        SELECT c.district, c.number, sum(c.doses)::integer AS doses, sum(c.complete)::integer
          AS complete FROM counted AS c GROUP BY 1, 2
      )
      SELECT jsonb_build_object('least', 5,
        'counted_at', (SELECT counted_at FROM register.vaccination_rule),
        'districts', (SELECT coalesce(jsonb_agg(jsonb_build_object('district', t.district,
            'name', u.name, 'number', t.number, 'population', u.population,
            'doses', CASE WHEN t.doses >= 5 THEN t.doses END,
            'complete', CASE WHEN t.complete >= 5 OR t.complete = 0 THEN t.complete END)
            ORDER BY t.district, t.number), '[]')
          FROM totals AS t LEFT JOIN layer.admin_units AS u ON u.code = t.district),
        'cells', (SELECT coalesce(jsonb_agg(jsonb_build_object('district', c.district,
            'priority_group', c.priority_group, 'number', c.number,
            'doses', CASE WHEN c.doses >= 5 AND NOT (c.small = 1 AND c.place = 1) THEN c.doses END)
            ORDER BY c.district, c.priority_group, c.number), '[]') FROM cells AS c))
    $$
    """,
    # Doses by the commune where people lived, day and number, between two days: for other registers.
    """
    CREATE FUNCTION private.vaccination_doses(first date, last date)
    RETURNS TABLE (commune_code text, day date, number integer, doses bigint, complete bigint)
    LANGUAGE sql STABLE AS $$
      SELECT v.residence, v.given_on, v.number, count(*), count(*) FILTER (WHERE v.is_full)
      FROM register.vaccinations AS v
      WHERE v.given_on BETWEEN first AND last AND v.number IS NOT NULL AND v.state <> 'void'
      GROUP BY 1, 2, 3
    $$
    """,
    # Adults who had one dose or more, and all doses, by the end of a day.
    """
    CREATE FUNCTION private.vaccination_coverage(day date)
    RETURNS TABLE (commune_code text, one_dose bigint, complete bigint)
    LANGUAGE sql STABLE AS $$
      SELECT v.residence, count(DISTINCT v.person_id),
        count(DISTINCT v.person_id) FILTER (WHERE v.is_full)
      FROM register.vaccinations AS v
      WHERE v.given_on <= day AND v.is_adult AND v.number IS NOT NULL AND v.state <> 'void'
      GROUP BY 1
    $$
    """,
    # Numbers that somebody must look after, of the rows that the account keeps.
    """
    CREATE FUNCTION dieuhanh.vaccination_figures() RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as(
        'viewer', 'analyst', 'operator', 'coordinator', 'officer', 'admin');
      mine text[] := CASE WHEN who.role = 'officer' THEN dieuhanh.reach('vaccination_corrections')
        ELSE '{*}' END;
    BEGIN
      RETURN jsonb_build_object(
        'corrections', (SELECT jsonb_build_object('open', count(*),
            'oldest_days', max(now()::date - c.made_at::date),
            'over_week', count(*) FILTER (WHERE c.made_at < now() - interval '7 days'))
          FROM register.vaccination_corrections AS c
          WHERE c.state = 'open' AND mine && dieuhanh.place_keys(c.place, c.district_code)),
        'reactions_due', (SELECT count(*) FROM register.vaccine_reactions AS r
          WHERE r.severity <> 'mild' AND r.reported_at IS NULL
            AND mine && dieuhanh.place_keys(r.place, r.district_code)),
        'waiting', (SELECT count(*) FROM register.vaccination_registrations AS r
          WHERE r.state = 'waiting' AND mine && dieuhanh.place_keys(r.place, r.district_code)),
        'on_hand', (SELECT coalesce(sum(b.doses), 0) FROM register.stock_balance AS b),
        'expiring', (SELECT coalesce(sum(b.doses), 0) FROM register.stock_balance AS b
          JOIN register.vaccine_lots AS l ON l.lot = b.lot
          WHERE l.expires_on < dieuhanh.today() + 14));
    END $$
    """,
    # Registrations that nothing has come of, and requests that were refused, with their histories.
    """
    CREATE FUNCTION private.purge_vaccination(keep_days float8, piece integer) RETURNS integer
    LANGUAGE plpgsql AS $$
    DECLARE
      until timestamptz := now() - make_interval(secs => keep_days * 86400);
      gone uuid[];
      refused uuid[];
    BEGIN
      gone := ARRAY(SELECT r.id FROM register.vaccination_registrations AS r
        WHERE r.updated_at < until AND r.state <> 'arrived'
          AND (r.not_before IS NULL OR r.not_before < until)
        ORDER BY r.updated_at LIMIT piece FOR UPDATE SKIP LOCKED);
      refused := ARRAY(SELECT c.id FROM register.vaccination_corrections AS c
        WHERE c.decided_at < until AND c.state = 'rejected'
        ORDER BY c.decided_at LIMIT piece FOR UPDATE SKIP LOCKED);
      PERFORM set_config('dieuhanh.bulk', 'on', true);
      DELETE FROM register.vaccination_registrations WHERE id = ANY (gone);
      DELETE FROM register.vaccination_corrections WHERE id = ANY (refused);
      DELETE FROM register.change AS c WHERE c.row_id = ANY (gone || refused)
        AND c.register IN ('vaccination_registrations', 'vaccination_corrections');
      RETURN greatest(cardinality(gone), cardinality(refused));
    END $$
    """,
)

GRANTS = (
    "REVOKE EXECUTE ON FUNCTION dieuhanh.vaccination_figures() FROM PUBLIC",
    f"GRANT EXECUTE ON FUNCTION dieuhanh.vaccination_figures() TO {STAFF}",
)


def upgrade() -> None:
    for statement in (*FIGURES, *GRANTS):
        # Straight to the driver, so that a colon stays what it is.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    for name in ("vaccination_figures()", "vaccination_progress()"):
        op.execute(f"DROP FUNCTION dieuhanh.{name}")
    for name in (
        "count_doses()",
        "vaccination_doses(date, date)",
        "vaccination_coverage(date)",
        "purge_vaccination(float8, integer)",
    ):
        op.execute(f"DROP FUNCTION private.{name}")
    for table in ("point_count", "dose_count"):
        op.execute(f"DROP TABLE register.{table}")
    op.execute("ALTER TABLE register.vaccination_rule DROP COLUMN counted_at")
