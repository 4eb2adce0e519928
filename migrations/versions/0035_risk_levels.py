"""Levels of risk by the national rule, kept day by day, and the figures of the epidemic.

Revises: 0034
"""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

KEEPERS = "dieuhanh_officer, dieuhanh_admin"
STAFF = ", ".join(
    f"dieuhanh_{role}"
    for role in ("viewer", "analyst", "officer", "rescuer", "operator", "coordinator", "admin")
)

RISK = (
    # What is known of a commune's coverage on a day: the newest that was written until then.
    """
    CREATE FUNCTION private.vaccination_coverage(commune text, on_day date,
      OUT adults_percent float8, OUT elders_percent float8) LANGUAGE sql STABLE AS $$
      SELECT c.adults_percent, c.elders_percent FROM private.coverage AS c
      WHERE c.commune_code = commune AND c.day <= on_day ORDER BY c.day DESC LIMIT 1
    $$
    """,
    # The level from the numbers, by the rule; null where the rate is not known. Coverage that is
    # not known is taken as not reached, and the level that it would be else is told too.
    """
    CREATE FUNCTION private.risk_level(rule jsonb, cases integer, rate float8, adults float8,
      elders float8, OUT level integer, OUT if_covered integer, OUT coverage text,
      OUT is_raised boolean) LANGUAGE plpgsql IMMUTABLE AS $$
    DECLARE
      class integer := (SELECT count(*) FROM jsonb_array_elements_text(rule->'incidence') AS i
        WHERE i::float8 <= rate);
      is_thin boolean := cases > 0
        AND coalesce(elders < (rule->>'elders_percent')::float8, false);
    BEGIN
      coverage := CASE WHEN adults IS NULL THEN 'unknown'
        WHEN adults >= (rule->>'adults_percent')::float8 THEN 'reached' ELSE 'missed' END;
      is_raised := false;
      IF rate IS NULL THEN
        RETURN;
      END IF;
      level := (rule->(CASE coverage WHEN 'reached' THEN 'reached' ELSE 'missed' END)->>class)::integer;
      is_raised := is_thin AND level < 4;
      level := level + is_raised::integer;
      IF coverage = 'unknown' THEN
        if_covered := least(4, (rule->'reached'->>class)::integer + is_thin::integer);
      END IF;
    END $$
    """,
    # The levels of all communes, of the days before `today`; kept by their day, and shown.
    """
    CREATE FUNCTION private.keep_risk_levels(today date) RETURNS integer LANGUAGE plpgsql AS $$
    DECLARE
      rule jsonb := (SELECT r.rule->'risk' FROM register.epidemic_rule AS r);
      first_day date;
    BEGIN
      IF coalesce(rule, 'null') = 'null' THEN
        DELETE FROM layer.risk_levels;
        RETURN 0;
      END IF;
      first_day := today - (rule->>'days')::integer;
      INSERT INTO register.risk_day AS k (day, commune_code, level, level_if_covered, cases, rate,
        population, coverage, adults_percent, elders_percent, is_raised, rule)
      SELECT today, n.code, coalesce('level_' || l.level, 'unknown'), 'level_' || l.if_covered,
        n.cases, n.rate, n.population, l.coverage, n.adults_percent, n.elders_percent, l.is_raised,
        rule->>'id'
      FROM (
        SELECT u.code, u.population, c.cases, v.adults_percent, v.elders_percent,
          round((c.cases * (rule->>'per')::numeric / nullif(u.population, 0)), 1)::float8 AS rate
        FROM layer.admin_units AS u
        CROSS JOIN LATERAL (SELECT coalesce(sum(r.community), 0)::integer AS cases
          FROM register.case_reports AS r WHERE r.place = 'admin_units/' || u.code
            AND r.day >= first_day AND r.day < today) AS c
        CROSS JOIN LATERAL private.vaccination_coverage(u.code, today) AS v
        WHERE u.level = 'commune') AS n
      CROSS JOIN LATERAL private.risk_level(rule, n.cases, n.rate, n.adults_percent,
        n.elders_percent) AS l
      ON CONFLICT (day, commune_code) DO UPDATE SET level = excluded.level,
        level_if_covered = excluded.level_if_covered, cases = excluded.cases, rate = excluded.rate,
        population = excluded.population, coverage = excluded.coverage,
        adults_percent = excluded.adults_percent, elders_percent = excluded.elders_percent,
        is_raised = excluded.is_raised, rule = excluded.rule, computed_at = now();
      DELETE FROM layer.risk_levels AS l WHERE NOT EXISTS (SELECT FROM register.risk_day AS k
        WHERE k.day = today AND k.commune_code = l.id);
      INSERT INTO layer.risk_levels AS l (id, name, level, level_if_covered, cases_told, rate_told,
        cases, rate, population, coverage, adults_percent, elders_percent, is_raised, rule,
        first_day, last_day, district_code, geom)
      SELECT u.code, u.name, k.level, k.level_if_covered,
        CASE WHEN k.cases NOT BETWEEN 1 AND 4 THEN k.cases END,
        CASE WHEN k.cases NOT BETWEEN 1 AND 4 THEN k.rate END,
        k.cases, k.rate, k.population, k.coverage, k.adults_percent, k.elders_percent,
        k.is_raised, k.rule, first_day, today - 1, u.parent_code, u.geom
      FROM register.risk_day AS k JOIN layer.admin_units AS u ON u.code = k.commune_code
      WHERE k.day = today
      ON CONFLICT (id) DO UPDATE SET name = excluded.name, level = excluded.level,
        level_if_covered = excluded.level_if_covered, cases_told = excluded.cases_told,
        rate_told = excluded.rate_told, cases = excluded.cases, rate = excluded.rate,
        population = excluded.population, coverage = excluded.coverage,
        adults_percent = excluded.adults_percent, elders_percent = excluded.elders_percent,
        is_raised = excluded.is_raised, rule = excluded.rule, first_day = excluded.first_day,
        last_day = excluded.last_day, district_code = excluded.district_code, geom = excluded.geom
      WHERE (l.name, l.level, l.level_if_covered, l.cases, l.rate, l.population, l.coverage,
          l.adults_percent, l.elders_percent, l.is_raised, l.rule, l.first_day, l.last_day,
          l.district_code)
        IS DISTINCT FROM (excluded.name, excluded.level, excluded.level_if_covered, excluded.cases,
          excluded.rate, excluded.population, excluded.coverage, excluded.adults_percent,
          excluded.elders_percent, excluded.is_raised, excluded.rule, excluded.first_day,
          excluded.last_day, excluded.district_code) OR NOT ST_Equals(l.geom, excluded.geom);
      RETURN (SELECT count(*) FROM layer.risk_levels);
    END $$
    """,
    # What levels and estimates are computed from, in one line: another line, other numbers.
    """
    CREATE FUNCTION private.epidemic_now() RETURNS text LANGUAGE sql STABLE AS $$
      SELECT format('%s %s %s %s', dieuhanh.today(),
        (SELECT format('%s/%s/%s', count(*), sum(version), max(updated_at))
         FROM register.case_reports),
        (SELECT format('%s/%s/%s', count(*), sum(adults_percent), sum(elders_percent))
         FROM private.coverage),
        (SELECT md5(r.rule::text) FROM register.epidemic_rule AS r))
    $$
    """,
    # Cases by day, every day of them: of the province (unit ''), a district or a commune.
    """
    CREATE FUNCTION private.case_days(unit text, first date, last date)
    RETURNS TABLE (day date, community bigint, isolated bigint, deaths bigint, reports bigint)
    LANGUAGE sql STABLE AS $$
      SELECT g.day::date, coalesce(sum(r.community), 0), coalesce(sum(r.isolated), 0),
        coalesce(sum(r.deaths), 0), count(r.id)
      FROM generate_series(first::timestamp, last::timestamp, '1 day') AS g (day)
      LEFT JOIN register.case_reports AS r ON r.day = g.day::date
        AND (unit = '' OR r.district_code = unit OR r.commune_code = unit)
      GROUP BY 1 ORDER BY 1
    $$
    """,
)

FIGURES = (
    # A number that stands for one to four people is not told to everybody.
    """
    CREATE FUNCTION private.told_of_few(number bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS
    $$ SELECT CASE WHEN number NOT BETWEEN 1 AND 4 THEN number END $$
    """,
    # For everybody: the province's cases by day, its districts' and all testing by week, without
    # what stands for few. Weeks do not overlap and are not theirs to choose: of two windows, or of
    # a week and its days, the difference could be taken.
    """
    CREATE FUNCTION dieuhanh.epidemic_told(days integer) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      last date := dieuhanh.today() - 1;
      first date := last - least(greatest(days, 7), 366) + 1;
    BEGIN
      RETURN jsonb_build_object('unit', '', 'first', first, 'last', last,
        'days', (SELECT jsonb_agg(jsonb_build_object('day', d.day, 'community', d.community,
            'isolated', d.isolated, 'deaths', d.deaths) ORDER BY d.day)
          FROM private.case_days('', first, last) AS d),
        'estimate', (SELECT e.told || jsonb_build_object('day', e.day)
          FROM register.epidemic_estimate AS e WHERE e.unit = ''),
        'testing', (SELECT coalesce(jsonb_agg(jsonb_build_object('day', t.day,
            'samples', private.told_of_few(t.samples), 'tested', private.told_of_few(t.tested),
            'positive', private.told_of_few(t.positive)) ORDER BY t.day), '[]')
          FROM (SELECT last - (last - d.day) / 7 * 7 AS day, sum(d.samples)::bigint AS samples,
              sum(d.tested)::bigint AS tested, sum(d.positive)::bigint AS positive
            FROM private.sample_days(last - (last - first + 1) / 7 * 7 + 1, last) AS d
            GROUP BY 1) AS t),
        'testing_days', 7,
        'areas', (SELECT coalesce(jsonb_agg(jsonb_build_object('code', u.code, 'name', u.name,
            'population', u.population,
            'week', private.told_of_few(c.week), 'before', private.told_of_few(c.before),
            'tested', private.told_of_few(t.tested), 'positive', private.told_of_few(t.positive))
            ORDER BY dieuhanh.fold(u.name)), '[]')
          FROM private.epidemic_areas('', last) AS u
          CROSS JOIN LATERAL (SELECT u.week, u.before) AS c
          CROSS JOIN LATERAL (SELECT u.tested, u.positive) AS t));
    END $$
    """,
    # The units below one, with their cases of the two weeks until a day and the tests of the last.
    """
    CREATE FUNCTION private.epidemic_areas(of_unit text, last date)
    RETURNS TABLE (code text, name text, population bigint, week bigint, before bigint,
      tested bigint, positive bigint) LANGUAGE sql STABLE AS $$
      WITH units AS (
        SELECT u.code, u.name, u.population::bigint, u.level FROM layer.admin_units AS u
        WHERE CASE of_unit WHEN '' THEN u.level = 'district'
          ELSE u.level = 'commune' AND u.parent_code = of_unit END
      ), cases AS (
        SELECT CASE of_unit WHEN '' THEN r.district_code ELSE r.commune_code END AS code,
          sum(r.community + r.isolated) FILTER (WHERE r.day > last - 7) AS week,
          sum(r.community + r.isolated) FILTER (WHERE r.day <= last - 7) AS before
        FROM register.case_reports AS r WHERE r.day > last - 14 AND r.day <= last GROUP BY 1
      ), tests AS (
        SELECT d.district AS code, sum(d.tested)::bigint AS tested, sum(d.positive)::bigint AS positive
        FROM private.sample_days(last - 6, last) AS d WHERE of_unit = '' GROUP BY 1
      )
      SELECT u.code, u.name, coalesce(u.population, (SELECT sum(c.population)
          FROM layer.admin_units AS c WHERE c.parent_code = u.code)),
        coalesce(c.week, 0), coalesce(c.before, 0), coalesce(t.tested, 0), coalesce(t.positive, 0)
      FROM units AS u LEFT JOIN cases AS c ON c.code = u.code LEFT JOIN tests AS t ON t.code = u.code
    $$
    """,
    # For staff: of the province, a district or a commune, all of it.
    """
    CREATE FUNCTION dieuhanh.epidemic_figures(of_unit text, days integer) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      last date := dieuhanh.today() - 1;
      first date := last - least(greatest(days, 7), 366) + 1;
      reached text[] := dieuhanh.reach('samples');
      found jsonb;
    BEGIN
      PERFORM private.acting_as('viewer', 'analyst', 'officer', 'rescuer', 'operator',
        'coordinator', 'admin');
      IF of_unit <> '' AND NOT EXISTS (SELECT FROM layer.admin_units AS u
          WHERE u.code = of_unit AND u.level IN ('district', 'commune')) THEN
        PERFORM private.refuse('DH404', format('Không có huyện, xã mang mã %s.'
          ' / There is no district or commune of the code %s.', of_unit, of_unit));
      END IF;
      SELECT jsonb_build_object('unit', of_unit, 'first', first, 'last', last,
        'days', (SELECT jsonb_agg(jsonb_build_object('day', d.day, 'community', d.community,
            'isolated', d.isolated, 'deaths', d.deaths, 'reports', d.reports) ORDER BY d.day)
          FROM private.case_days(of_unit, first, last) AS d),
        'estimate', (SELECT e.told || jsonb_build_object('day', e.day)
          FROM register.epidemic_estimate AS e WHERE e.unit = of_unit),
        'testing', (SELECT coalesce(jsonb_agg(jsonb_build_object('day', t.day,
            'samples', t.samples, 'tested', t.tested, 'positive', t.positive,
            'hours', CASE WHEN t.tested > 0 THEN round((t.hours / t.tested)::numeric, 1) END)
            ORDER BY t.day), '[]')
          FROM (SELECT d.day, sum(d.samples) AS samples, sum(d.tested) AS tested,
              sum(d.positive) AS positive, sum(d.hours) AS hours
            FROM private.sample_days(first, last) AS d
            WHERE of_unit IN ('', d.district) GROUP BY 1) AS t),
        'testing_days', 1,
        'areas', (SELECT coalesce(jsonb_agg(to_jsonb(a) ORDER BY dieuhanh.fold(a.name)), '[]')
          FROM private.epidemic_areas(of_unit, last) AS a),
        'late', (SELECT count(*) FROM register.case_reports AS r, register.epidemic_rule AS e
          WHERE r.day > last - 7 AND (of_unit = '' OR of_unit IN (r.district_code, r.commune_code))
            AND dieuhanh.local_day(r.made_at) > r.day + (e.rule->>'late_after_days')::integer),
        'to_report', (SELECT count(*) FROM register.samples AS s WHERE s.result = 'positive'
            AND s.pool_size = 1 AND s.case_day IS NULL
            AND reached && dieuhanh.place_keys(s.place, s.district_code))) INTO found;
      RETURN found;
    END $$
    """,
    # The communes that the account reports for, with what they reported of a day.
    """
    CREATE FUNCTION dieuhanh.case_reports_of(on_day date) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('officer', 'admin');
      reached text[] := dieuhanh.reach('case_reports');
    BEGIN
      RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('commune', u.code, 'name', u.name,
          'district', d.name, 'community', r.community, 'isolated', r.isolated,
          'deaths', r.deaths, 'id', r.id)
          ORDER BY dieuhanh.fold(d.name), dieuhanh.fold(u.name)), '[]')
        FROM layer.admin_units AS u JOIN layer.admin_units AS d ON d.code = u.parent_code
        LEFT JOIN register.case_reports AS r
          ON r.place = 'admin_units/' || u.code AND r.day = on_day
        WHERE u.level = 'commune'
          AND reached && dieuhanh.place_keys('admin_units/' || u.code, u.parent_code));
    END $$
    """,
    # The levels that were computed on a day, or the newest; for everybody, few cases left out.
    """
    CREATE FUNCTION private.risk_told(on_day date, is_all boolean) RETURNS jsonb
    LANGUAGE sql STABLE AS $$
      SELECT coalesce(jsonb_agg(jsonb_build_object('commune', k.commune_code, 'name', u.name,
        'district', u.parent_code, 'level', k.level, 'level_if_covered', k.level_if_covered,
        'cases', CASE WHEN is_all OR k.cases NOT BETWEEN 1 AND 4 THEN k.cases END,
        'rate', CASE WHEN is_all OR k.cases NOT BETWEEN 1 AND 4 THEN k.rate END,
        'population', k.population, 'coverage', k.coverage, 'adults_percent', k.adults_percent,
        'elders_percent', k.elders_percent, 'is_raised', k.is_raised, 'rule', k.rule, 'day', k.day)
        ORDER BY k.level DESC, dieuhanh.fold(u.name)), '[]')
      FROM register.risk_day AS k JOIN layer.admin_units AS u ON u.code = k.commune_code
      WHERE k.day = coalesce(on_day, (SELECT max(day) FROM register.risk_day))
    $$
    """,
    """
    CREATE FUNCTION dieuhanh.risk_levels_told(on_day date) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
    $$ SELECT private.risk_told(on_day, false) $$
    """,
    """
    CREATE FUNCTION dieuhanh.risk_levels_of(on_day date) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      PERFORM private.acting_as('viewer', 'analyst', 'officer', 'rescuer', 'operator',
        'coordinator', 'admin');
      RETURN private.risk_told(on_day, true);
    END $$
    """,
)

CALLED = {
    "case_reports_of(date)": KEEPERS,
    "epidemic_figures(text, integer)": STAFF,
    "risk_levels_of(date)": STAFF,
    "epidemic_told(integer)": f"dieuhanh_public, {STAFF}",
    "risk_levels_told(date)": f"dieuhanh_public, {STAFF}",
}


def upgrade() -> None:
    grants = (
        statement
        for name, callers in CALLED.items()
        for statement in (
            f"REVOKE EXECUTE ON FUNCTION dieuhanh.{name} FROM PUBLIC",
            f"GRANT EXECUTE ON FUNCTION dieuhanh.{name} TO {callers}",
        )
    )
    for statement in (*RISK, *FIGURES, *grants):
        # Straight to the driver, so that a colon stays what it is.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    for name in CALLED:
        op.execute(f"DROP FUNCTION dieuhanh.{name}")
    for name in (
        "risk_told(date, boolean)",
        "epidemic_areas(text, date)",
        "told_of_few(bigint)",
        "case_days(text, date, date)",
        "epidemic_now()",
        "keep_risk_levels(date)",
        "risk_level(jsonb, integer, float8, float8, float8)",
        "vaccination_coverage(text, date)",
    ):
        op.execute(f"DROP FUNCTION private.{name}")
