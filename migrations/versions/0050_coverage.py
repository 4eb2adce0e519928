"""Vaccination coverage counted from the doses where all of them are here, else as reported.

Revises: 0049
"""

from importlib import import_module

from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

TABLES = (
    "DROP FUNCTION private.vaccination_coverage(text, date)",
    "DROP FUNCTION private.vaccination_coverage(date)",
    # What the health department reports of a commune, in per cent, from a day on.
    "ALTER TABLE private.coverage RENAME TO reported_coverage",
    "ALTER INDEX private.coverage_pkey RENAME TO reported_coverage_pkey",
    # How many adults and old people live in a commune whose doses are all in the registers, from a
    # day on; without a number of adults they are not all there any more.
    """
    CREATE TABLE private.counted_resident (
      commune_code text NOT NULL,
      day date NOT NULL,
      adults integer CHECK (adults BETWEEN 1 AND 10000000),
      elders integer CHECK (elders BETWEEN 1 AND 10000000),
      PRIMARY KEY (commune_code, day)
    )
    """,
    """
    ALTER TABLE register.risk_day ADD COLUMN coverage_source text, ADD COLUMN coverage_day date
    """,
    """
    ALTER TABLE layer.risk_levels ADD COLUMN coverage_source TEXT, ADD COLUMN coverage_day DATE,
      ADD CONSTRAINT ck_risk_levels_coverage_source_code
        CHECK ("coverage_source" IN ('doses', 'reported'))
    """,
    "UPDATE register.risk_day SET coverage_source = 'reported' WHERE adults_percent IS NOT NULL"
    " OR elders_percent IS NOT NULL",
)

COVERAGE = (
    # People by the commune where they lived at their newest dose until the end of a day: adults
    # who had one or more, adults who had all, and old people who had all.
    """
    CREATE FUNCTION private.dose_coverage(until date, elders_age integer)
    RETURNS TABLE (commune_code text, one_dose bigint, complete bigint, elders_complete bigint)
    LANGUAGE sql STABLE AS $$
      SELECT d.residence, count(*) FILTER (WHERE d.is_adult),
        count(*) FILTER (WHERE d.is_adult AND d.is_full),
        count(*) FILTER (WHERE d.is_full
          AND extract(year FROM until)::integer - p.birth_year >= elders_age)
      FROM (
        SELECT v.person_id, (array_agg(v.residence ORDER BY v.number DESC))[1] AS residence,
          bool_or(v.is_adult) AS is_adult, bool_or(v.is_full) AS is_full
        FROM register.vaccinations AS v
        WHERE v.given_on <= until AND v.number IS NOT NULL AND v.state <> 'void'
        GROUP BY v.person_id) AS d
      JOIN private.person AS p ON p.id = d.person_id
      WHERE d.residence IS NOT NULL GROUP BY 1
    $$
    """,
    # What is known of each commune on a day: from the doses until the end of the day before, where
    # it is said how many people live there and five or more of them had one; else as reported. As
    # everybody is told of it, fewer than five old people count as none.
    """
    CREATE FUNCTION private.coverage_on(day date, elders_age integer)
    RETURNS TABLE (commune_code text, adults_percent float8, elders_percent float8, source text,
      as_of date) LANGUAGE sql STABLE AS $$
      SELECT u.code,
        CASE WHEN d.commune_code IS NULL THEN r.adults_percent
          ELSE round(100.0 * least(d.one_dose, n.adults) / n.adults, 1) END,
        CASE WHEN d.commune_code IS NULL THEN r.elders_percent
          ELSE round(100.0 * CASE WHEN d.elders_complete < 5 THEN 0
            ELSE least(d.elders_complete, n.elders) END / n.elders, 1) END,
        CASE WHEN d.commune_code IS NOT NULL THEN 'doses'
          WHEN r.day IS NOT NULL THEN 'reported' END,
        CASE WHEN d.commune_code IS NULL THEN r.day ELSE coverage_on.day - 1 END
      FROM layer.admin_units AS u
      LEFT JOIN LATERAL (SELECT c.adults, c.elders FROM private.counted_resident AS c
        WHERE c.commune_code = u.code AND c.day <= coverage_on.day
        ORDER BY c.day DESC LIMIT 1) AS n ON true
      LEFT JOIN private.dose_coverage(coverage_on.day - 1, elders_age) AS d
        ON d.commune_code = u.code AND n.adults IS NOT NULL AND d.one_dose >= 5
      LEFT JOIN LATERAL (SELECT c.* FROM private.reported_coverage AS c
        WHERE c.commune_code = u.code AND c.day <= coverage_on.day
        ORDER BY c.day DESC LIMIT 1) AS r ON true
      WHERE u.level = 'commune'
    $$
    """,
)

RISK = (
    # As in 0035, with where the coverage is from.
    """
    CREATE OR REPLACE FUNCTION private.keep_risk_levels(today date) RETURNS integer
    LANGUAGE plpgsql AS $$
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
        population, coverage, adults_percent, elders_percent, coverage_source, coverage_day,
        is_raised, rule)
      SELECT today, n.code, coalesce('level_' || l.level, 'unknown'), 'level_' || l.if_covered,
        n.cases, n.rate, n.population, l.coverage, n.adults_percent, n.elders_percent, n.source,
        n.as_of, l.is_raised, rule->>'id'
      FROM (
        SELECT u.code, u.population, c.cases, v.adults_percent, v.elders_percent, v.source, v.as_of,
          round((c.cases * (rule->>'per')::numeric / nullif(u.population, 0)), 1)::float8 AS rate
        FROM layer.admin_units AS u
        CROSS JOIN LATERAL (SELECT coalesce(sum(r.community), 0)::integer AS cases
          FROM register.case_reports AS r WHERE r.place = 'admin_units/' || u.code
            AND r.day >= first_day AND r.day < today) AS c
        JOIN private.coverage_on(today, (rule->>'elders_age')::integer) AS v
          ON v.commune_code = u.code) AS n
      CROSS JOIN LATERAL private.risk_level(rule, n.cases, n.rate, n.adults_percent,
        n.elders_percent) AS l
      ON CONFLICT (day, commune_code) DO UPDATE SET level = excluded.level,
        level_if_covered = excluded.level_if_covered, cases = excluded.cases, rate = excluded.rate,
        population = excluded.population, coverage = excluded.coverage,
        adults_percent = excluded.adults_percent, elders_percent = excluded.elders_percent,
        coverage_source = excluded.coverage_source, coverage_day = excluded.coverage_day,
        is_raised = excluded.is_raised, rule = excluded.rule, computed_at = now();
      DELETE FROM layer.risk_levels AS l WHERE NOT EXISTS (SELECT FROM register.risk_day AS k
        WHERE k.day = today AND k.commune_code = l.id);
      INSERT INTO layer.risk_levels AS l (id, name, level, level_if_covered, cases_told, rate_told,
        cases, rate, population, coverage, adults_percent, elders_percent, coverage_source,
        coverage_day, is_raised, rule, first_day, last_day, district_code, geom)
      SELECT u.code, u.name, k.level, k.level_if_covered,
        CASE WHEN k.cases NOT BETWEEN 1 AND 4 THEN k.cases END,
        CASE WHEN k.cases NOT BETWEEN 1 AND 4 THEN k.rate END,
        k.cases, k.rate, k.population, k.coverage, k.adults_percent, k.elders_percent,
        k.coverage_source, k.coverage_day, k.is_raised, k.rule, first_day, today - 1,
        u.parent_code, u.geom
      FROM register.risk_day AS k JOIN layer.admin_units AS u ON u.code = k.commune_code
      WHERE k.day = today
      ON CONFLICT (id) DO UPDATE SET name = excluded.name, level = excluded.level,
        level_if_covered = excluded.level_if_covered, cases_told = excluded.cases_told,
        rate_told = excluded.rate_told, cases = excluded.cases, rate = excluded.rate,
        population = excluded.population, coverage = excluded.coverage,
        adults_percent = excluded.adults_percent, elders_percent = excluded.elders_percent,
        coverage_source = excluded.coverage_source, coverage_day = excluded.coverage_day,
        is_raised = excluded.is_raised, rule = excluded.rule, first_day = excluded.first_day,
        last_day = excluded.last_day, district_code = excluded.district_code, geom = excluded.geom
      WHERE (l.name, l.level, l.level_if_covered, l.cases, l.rate, l.population, l.coverage,
          l.adults_percent, l.elders_percent, l.coverage_source, l.coverage_day, l.is_raised,
          l.rule, l.first_day, l.last_day, l.district_code)
        IS DISTINCT FROM (excluded.name, excluded.level, excluded.level_if_covered, excluded.cases,
          excluded.rate, excluded.population, excluded.coverage, excluded.adults_percent,
          excluded.elders_percent, excluded.coverage_source, excluded.coverage_day,
          excluded.is_raised, excluded.rule, excluded.first_day, excluded.last_day,
          excluded.district_code) OR NOT ST_Equals(l.geom, excluded.geom);
      RETURN (SELECT count(*) FROM layer.risk_levels);
    END $$
    """,
    # Doses come with every new day and every new report: one alone makes no new computation.
    """
    CREATE OR REPLACE FUNCTION private.epidemic_now() RETURNS text LANGUAGE sql STABLE AS $$
      SELECT format('%s %s %s %s %s', dieuhanh.today(),
        (SELECT format('%s/%s/%s', count(*), sum(version), max(updated_at))
         FROM register.case_reports),
        (SELECT format('%s/%s/%s', count(*), sum(adults_percent), sum(elders_percent))
         FROM private.reported_coverage),
        (SELECT format('%s/%s/%s', count(*), sum(adults), sum(elders))
         FROM private.counted_resident),
        (SELECT md5(r.rule::text) FROM register.epidemic_rule AS r))
    $$
    """,
    # As in 0035, with where the coverage is from.
    """
    CREATE OR REPLACE FUNCTION private.risk_told(on_day date, is_all boolean) RETURNS jsonb
    LANGUAGE sql STABLE AS $$
      SELECT coalesce(jsonb_agg(jsonb_build_object('commune', k.commune_code, 'name', u.name,
        'district', u.parent_code, 'level', k.level, 'level_if_covered', k.level_if_covered,
        'cases', CASE WHEN is_all OR k.cases NOT BETWEEN 1 AND 4 THEN k.cases END,
        'rate', CASE WHEN is_all OR k.cases NOT BETWEEN 1 AND 4 THEN k.rate END,
        'population', k.population, 'coverage', k.coverage, 'adults_percent', k.adults_percent,
        'elders_percent', k.elders_percent, 'coverage_source', k.coverage_source,
        'coverage_day', k.coverage_day, 'is_raised', k.is_raised, 'rule', k.rule, 'day', k.day)
        ORDER BY k.level DESC, dieuhanh.fold(u.name)), '[]')
      FROM register.risk_day AS k JOIN layer.admin_units AS u ON u.code = k.commune_code
      WHERE k.day = coalesce(on_day, (SELECT max(day) FROM register.risk_day))
    $$
    """,
)


def _execute(statement: str) -> None:
    # Straight to the driver, so that a colon stays what it is.
    op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def upgrade() -> None:
    for statement in (*TABLES, *COVERAGE, *RISK):
        _execute(statement)


def downgrade() -> None:
    for name in ("coverage_on(date, integer)", "dose_coverage(date, integer)"):
        op.execute(f"DROP FUNCTION private.{name}")
    op.execute("DROP TABLE private.counted_resident")
    op.execute("ALTER TABLE private.reported_coverage RENAME TO coverage")
    op.execute("ALTER INDEX private.reported_coverage_pkey RENAME TO coverage_pkey")
    for table in ("register.risk_day", "layer.risk_levels"):
        op.execute(f"ALTER TABLE {table} DROP COLUMN coverage_source, DROP COLUMN coverage_day")
    for module, part, names in (
        ("0035_risk_levels", "RISK", ("vaccination_coverage", "keep_risk_levels", "epidemic_now")),
        ("0035_risk_levels", "FIGURES", ("risk_told",)),
        ("0041_vaccination_figures", "FIGURES", ("vaccination_coverage",)),
    ):
        for statement in getattr(import_module(f"migrations.versions.{module}"), part):
            if any(f".{name}(" in statement.split("RETURNS")[0] for name in names):
                _execute(statement.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1))
