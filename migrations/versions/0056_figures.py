"""Contact tracing in numbers, and levels of risk that follow doses too.

Revises: 0055
"""

from importlib import import_module

from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

EVERYBODY = (
    "dieuhanh_public, dieuhanh_viewer, dieuhanh_analyst, dieuhanh_officer, dieuhanh_rescuer,"
    " dieuhanh_operator, dieuhanh_coordinator, dieuhanh_admin"
)

TRACING = (
    # Numbers of requests, of contacts, of meetings of devices. A request of the last seven days is
    # by when it was asked, closed, or searched. Whom two requests have found counts for both.
    """
    CREATE FUNCTION private.trace_count(what text) RETURNS bigint LANGUAGE sql STABLE AS $$
      SELECT CASE what
        WHEN 'asked' THEN (SELECT count(*) FROM private.trace_request AS r
          WHERE r.state = 'asked')
        WHEN 'live' THEN (SELECT count(*) FROM private.trace_request AS r
          WHERE private.trace_is_live(r))
        WHEN 'closed_week' THEN (SELECT count(*) FROM private.trace_request AS r
          WHERE r.closed_at > now() - interval '7 days')
        WHEN 'province_week' THEN (SELECT count(*) FROM private.trace_request AS r
          WHERE r.asked_at > now() - interval '7 days' AND cardinality(r.districts) = 0)
        WHEN 'district_week' THEN (SELECT count(*) FROM private.trace_request AS r
          WHERE r.asked_at > now() - interval '7 days' AND cardinality(r.districts) > 0)
        WHEN 'searched_week' THEN (SELECT count(*) FROM private.trace_request AS r
          WHERE r.searched_at > now() - interval '7 days')
        WHEN 'first_week' THEN (SELECT coalesce(sum((r.found->>'first')::integer), 0)
          FROM private.trace_request AS r WHERE r.searched_at > now() - interval '7 days')
        WHEN 'second_week' THEN (SELECT coalesce(sum((r.found->>'second')::integer), 0)
          FROM private.trace_request AS r WHERE r.searched_at > now() - interval '7 days')
        WHEN 'contacts' THEN (SELECT count(*) FROM private.trace_request AS r
          JOIN private.trace_contact AS c ON c.request_id = r.id WHERE private.trace_is_live(r))
        WHEN 'to_call' THEN (SELECT count(*) FROM private.trace_request AS r
          JOIN private.trace_contact AS c ON c.request_id = r.id
          WHERE private.trace_is_live(r) AND c.state = 'to_call')
        WHEN 'devices_week' THEN (SELECT count(*) FROM private.proximity AS x
          WHERE x.to_at > now() - interval '7 days')
        END
    $$
    """,
    # The median from asking to the result, of the last seven days.
    """
    CREATE FUNCTION private.trace_minutes() RETURNS float8 LANGUAGE sql STABLE AS $$
      SELECT percentile_cont(0.5) WITHIN GROUP (
        ORDER BY extract(epoch FROM r.searched_at - r.asked_at)) / 60
      FROM private.trace_request AS r WHERE r.searched_at > now() - interval '7 days'
    $$
    """,
    # One number for the dashboard. Each request is about a person, so who has no account is told
    # no number from 1 to 4, and no median of fewer than five: NULL.
    """
    CREATE FUNCTION dieuhanh.trace_figure(what text) RETURNS float8
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      is_staff boolean := EXISTS (SELECT FROM private.account AS a
        WHERE a.id = dieuhanh.account_id() AND a.disabled_at IS NULL);
      found bigint := private.trace_count(CASE what WHEN 'minutes' THEN 'searched_week' ELSE what END);
    BEGIN
      IF NOT is_staff AND found BETWEEN 1 AND 4 THEN
        RETURN NULL;
      END IF;
      RETURN CASE what WHEN 'minutes' THEN private.trace_minutes() ELSE found END;
    END $$
    """,
    # As in 0043, with all that the dashboard has.
    """
    CREATE OR REPLACE FUNCTION dieuhanh.trace_figures() RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      PERFORM private.acting_as('viewer', 'analyst', 'officer', 'coordinator', 'admin');
      RETURN (SELECT jsonb_object_agg(w.what, private.trace_count(w.what))
        FROM unnest('{asked,live,contacts,to_call,closed_week,province_week,district_week,
          first_week,second_week,devices_week}'::text[]) AS w (what))
        || jsonb_build_object('minutes_week', round(private.trace_minutes()));
    END $$
    """,
    "REVOKE EXECUTE ON FUNCTION dieuhanh.trace_figure(text) FROM PUBLIC",
    f"GRANT EXECUTE ON FUNCTION dieuhanh.trace_figure(text) TO {EVERYBODY}",
)

COVERAGE = (
    # Of the doses, those until the end of yesterday: coverage is made of these.
    """
    ALTER TABLE register.dose_count ADD COLUMN past integer NOT NULL DEFAULT 0,
      ADD COLUMN past_adults integer NOT NULL DEFAULT 0,
      ADD COLUMN past_complete integer NOT NULL DEFAULT 0
    """,
    # As in 0041, with these.
    """
    CREATE OR REPLACE FUNCTION private.count_doses() RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
      this_day date := dieuhanh.today();
    BEGIN
      PERFORM set_config('dieuhanh.actor', 'system:vaccination', true);
      DELETE FROM register.dose_count;
      INSERT INTO register.dose_count (commune_code, priority_group, number, doses, complete, past,
        past_adults, past_complete)
      SELECT coalesce(v.residence, ''), coalesce(v.priority_group, ''), v.number, count(*),
        count(*) FILTER (WHERE v.is_full),
        count(*) FILTER (WHERE v.given_on < this_day),
        count(*) FILTER (WHERE v.given_on < this_day AND v.is_adult),
        count(*) FILTER (WHERE v.given_on < this_day AND v.is_full)
      FROM register.vaccinations AS v WHERE v.number IS NOT NULL AND v.state <> 'void'
      GROUP BY 1, 2, 3;
      UPDATE register.vaccination_rule SET counted_at = now();
      -- Points that do not keep the registers keep what is typed; what was given before stays.
      WITH stock AS (
        SELECT b.place, sum(b.doses)::integer AS doses FROM register.stock_balance AS b GROUP BY 1
      ), given AS (
        SELECT v.place, count(*)::integer AS doses,
          (count(*) FILTER (WHERE v.given_on = this_day))::integer AS today
        FROM register.vaccinations AS v WHERE v.number IS NOT NULL AND v.state <> 'void' GROUP BY 1
      ), session AS (
        SELECT s.place, max(s.teams) AS teams, CASE WHEN max(s.closes) <= '13:00' THEN 'morning'
          WHEN min(s.opens) >= '12:00' THEN 'afternoon' ELSE 'all_day' END AS part
        FROM register.vaccination_sessions AS s
        WHERE s.day = this_day AND s.state = 'planned' GROUP BY 1
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
    # Beside the reports, the doses of communes whose coverage is of doses, as they were counted
    # last: who enters doses waits for nothing, and those given today change nothing until tomorrow.
    """
    CREATE OR REPLACE FUNCTION private.epidemic_now() RETURNS text LANGUAGE sql STABLE AS $$
      SELECT format('%s %s %s %s %s %s', dieuhanh.today(),
        (SELECT format('%s/%s/%s', count(*), sum(version), max(updated_at))
         FROM register.case_reports),
        (SELECT format('%s/%s/%s', count(*), sum(adults_percent), sum(elders_percent))
         FROM private.reported_coverage),
        (SELECT format('%s/%s/%s', count(*), sum(adults), sum(elders))
         FROM private.counted_resident),
        (SELECT md5(string_agg(concat_ws('/', c.commune_code, c.number, c.past, c.past_adults,
            c.past_complete), ' ' ORDER BY c.commune_code, c.number))
         FROM (SELECT d.commune_code, d.number, sum(d.past) AS past,
             sum(d.past_adults) AS past_adults, sum(d.past_complete) AS past_complete
           FROM register.dose_count AS d
           WHERE d.past > 0 AND d.commune_code IN (
             SELECT r.commune_code FROM private.counted_resident AS r WHERE r.adults IS NOT NULL)
           GROUP BY 1, 2) AS c),
        (SELECT md5(r.rule::text) FROM register.epidemic_rule AS r))
    $$
    """,
)


def _execute(statement: str) -> None:
    # Straight to the driver, so that a colon stays what it is.
    op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def upgrade() -> None:
    for statement in (*TRACING, *COVERAGE):
        _execute(statement)


def _restore(module: str, part: str, name: str) -> None:
    """Make a function as the migration before made it."""
    for statement in getattr(import_module(f"migrations.versions.{module}"), part):
        if f".{name}(" in statement.split("RETURNS")[0]:
            _execute(statement.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1))


def downgrade() -> None:
    _restore("0041_vaccination_figures", "FIGURES", "count_doses")
    _restore("0050_coverage", "RISK", "epidemic_now")
    op.execute(
        "ALTER TABLE register.dose_count DROP COLUMN past, DROP COLUMN past_adults,"
        " DROP COLUMN past_complete"
    )
    _restore("0043_tracing_desk", "LOOKING", "trace_figures")
    for name in (
        "dieuhanh.trace_figure(text)",
        "private.trace_minutes()",
        "private.trace_count(text)",
    ):
        op.execute(f"DROP FUNCTION {name}")
