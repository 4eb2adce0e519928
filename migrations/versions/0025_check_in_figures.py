"""What staff learn of check-ins: figures of sites and districts, and flows between units.

No function tells of a person, and what few persons did is left out.

Revises: 0024
"""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

STAFF = ("viewer", "analyst", "officer", "coordinator", "admin")
_ACTING = ", ".join(f"'{role}'" for role in STAFF)

FUNCTIONS = (
    # How long each stay was: from a check-in to the check-out that follows it at the same site.
    """
    CREATE FUNCTION private.check_in_stays(since timestamptz, until timestamptz)
    RETURNS TABLE (site bigint, person_id uuid, minutes float8)
    LANGUAGE sql STABLE AS $$
      SELECT site, person_id, extract(epoch FROM left_at - at) / 60 FROM (
        SELECT c.site, c.person_id, c.at, c.direction, lead(c.at) OVER later AS left_at,
          lead(c.direction) OVER later AS next
        FROM private.check_in AS c WHERE c.at >= since AND c.at < until
        WINDOW later AS (PARTITION BY c.person_id, c.site ORDER BY c.at, c.id)
      ) AS stay WHERE direction = 'in' AND next = 'out'
    $$
    """,
    # Days of the zone, both included. The median stay is told of at least five persons, and only
    # where the period holds at most `most_stays` check-ins: else it takes too long to find.
    f"""
    CREATE FUNCTION dieuhanh.check_in_figures(
      first date, last date, zone text, district text, only_site bigint, most_stays bigint
    ) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as({_ACTING});
      since timestamptz := first::timestamp AT TIME ZONE zone;
      until timestamptz := (last + 1)::timestamp AT TIME ZONE zone;
      with_stays boolean := most_stays >= coalesce((SELECT sum(h.n_in + h.n_out)
        FROM private.check_in_hours AS h WHERE h.hour >= since AND h.hour < until), 0);
    BEGIN
      RETURN (
        WITH sites AS MATERIALIZED (
          SELECT s.* FROM private.check_in_site AS s
          WHERE (district IS NULL OR s.district_code = district)
            AND (only_site IS NULL OR s.site = only_site)
        ), counted AS MATERIALIZED (
          SELECT h.* FROM private.check_in_hours AS h
          WHERE h.hour >= since AND h.hour < until
            AND (district IS NULL OR h.site IN (SELECT site FROM sites))
            AND (only_site IS NULL OR h.site = only_site)
        ), stays AS MATERIALIZED (
          SELECT t.*, s.district_code
          FROM private.check_in_stays(since, until) AS t JOIN sites AS s USING (site)
          WHERE with_stays
        ), of_site AS (
          SELECT site, percentile_cont(0.5) WITHIN GROUP (ORDER BY minutes) AS dwell_min
          FROM stays GROUP BY site HAVING count(DISTINCT person_id) >= 5
        ), of_district AS (
          SELECT district_code, percentile_cont(0.5) WITHIN GROUP (ORDER BY minutes) AS dwell_min
          FROM stays GROUP BY district_code HAVING count(DISTINCT person_id) >= 5
        ), summed AS MATERIALIZED (
          SELECT s.*, coalesce(sum(c.n_in), 0) AS n_in, coalesce(sum(c.n_out), 0) AS n_out,
            coalesce(sum(c.declared), 0) AS declared, coalesce(max(c.n_in + c.n_out), 0) AS busiest
          FROM sites AS s LEFT JOIN counted AS c USING (site)
          GROUP BY s.site, s.layer, s.id, s.code, s.name, s.short, s.commune_code,
            s.district_code, s.is_open
        )
        SELECT jsonb_build_object(
          'in', coalesce(sum(n_in), 0), 'out', coalesce(sum(n_out), 0),
          'declared', coalesce(sum(declared), 0),
          'stays', with_stays,
          'dwell_min', (SELECT round(percentile_cont(0.5) WITHIN GROUP (ORDER BY minutes)::numeric)
            FROM stays HAVING count(DISTINCT person_id) >= 5),
          'hours', (SELECT coalesce(jsonb_agg(jsonb_build_object('hour', hour, 'in', n_in,
              'out', n_out, 'declared', declared) ORDER BY hour), '[]')
            FROM (SELECT hour, sum(n_in) AS n_in, sum(n_out) AS n_out, sum(declared) AS declared
              FROM counted GROUP BY hour) AS h),
          'districts', (SELECT coalesce(jsonb_agg(d.told ORDER BY d.district_code), '[]') FROM (
            SELECT s.district_code, jsonb_build_object('code', s.district_code,
              'in', sum(s.n_in), 'out', sum(s.n_out), 'declared', sum(s.declared),
              'points', count(*) FILTER (WHERE s.is_open),
              'silent', count(*) FILTER (WHERE s.is_open AND s.n_in + s.n_out = 0),
              'dwell_min', round(max(t.dwell_min)::numeric)) AS told
            FROM summed AS s LEFT JOIN of_district AS t USING (district_code)
            WHERE s.district_code IS NOT NULL GROUP BY s.district_code) AS d),
          'sites', (SELECT coalesce(jsonb_agg(d.told ORDER BY d.total DESC, d.site), '[]') FROM (
            SELECT s.site, s.n_in + s.n_out AS total, jsonb_build_object('layer', s.layer,
              'id', s.id, 'code', s.short, 'name', s.name, 'district', s.district_code,
              'in', s.n_in, 'out', s.n_out, 'declared', s.declared, 'busiest_hour', s.busiest,
              'dwell_min', round(t.dwell_min::numeric)) AS told
            FROM summed AS s LEFT JOIN of_site AS t USING (site) WHERE s.n_in + s.n_out > 0
            ORDER BY total DESC, s.site LIMIT 500) AS d),
          'silent', (SELECT coalesce(jsonb_agg(d.told ORDER BY d.district_code, d.name), '[]')
            FROM (SELECT s.district_code, s.name, jsonb_build_object('layer', s.layer, 'id', s.id,
                'code', s.short, 'name', s.name, 'district', s.district_code) AS told
              FROM summed AS s WHERE s.is_open AND s.n_in + s.n_out = 0
              ORDER BY s.district_code, s.name LIMIT 500) AS d))
        FROM counted
      );
    END $$
    """,
    # Flows in a window of whole days; of fewer persons than `fewest`, five at least, only how many
    # there are. The window must not reach into days of which check-ins have been dropped.
    f"""
    CREATE FUNCTION dieuhanh.check_in_flows(
      first date, last date, zone text, level text, fewest integer
    ) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as({_ACTING});
      k integer := greatest(fewest, 5);
      gone date := (SELECT max(day) FROM private.check_in_day WHERE is_purged);
    BEGIN
      IF first <= gone THEN
        PERFORM private.refuse('DH422', format(
          'Lượt ra vào đến ngày %s đã được xóa; hãy chọn từ ngày %s.'
          ' / Check-ins up to %s have been removed; begin at %s.', gone, gone + 1, gone, gone + 1));
      END IF;
      RETURN (
        SELECT jsonb_build_object(
          'left_out', count(*) FILTER (WHERE persons < k),
          'left_out_n', coalesce(sum(n) FILTER (WHERE persons < k), 0),
          'flows', coalesce(jsonb_agg(jsonb_build_object('from', from_code, 'to', to_code, 'n', n,
            'persons', persons) ORDER BY n DESC, from_code, to_code)
            FILTER (WHERE persons >= k), '[]'))
        FROM private.check_in_steps(first::timestamp AT TIME ZONE zone,
          (last + 1)::timestamp AT TIME ZONE zone, level)
      );
    END $$
    """,
    # The flows between communes of each day, as they are kept for ever.
    f"""
    CREATE FUNCTION dieuhanh.check_in_flow_days(first date, last date) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as({_ACTING});
    BEGIN
      RETURN (
        SELECT coalesce(jsonb_agg(jsonb_build_object('day', d.day, 'check_ins', d.check_ins,
          'left_out', d.left_out, 'left_out_n', d.left_out_flows,
          'flows', (SELECT coalesce(jsonb_agg(jsonb_build_object('from', f.from_code,
              'to', f.to_code, 'n', f.n, 'persons', f.persons)
              ORDER BY f.n DESC, f.from_code, f.to_code), '[]')
            FROM private.check_in_flow AS f WHERE f.day = d.day)) ORDER BY d.day), '[]')
        FROM private.check_in_day AS d WHERE d.day BETWEEN first AND last
      );
    END $$
    """,
)

CALLED = (
    "check_in_figures(date, date, text, text, bigint, bigint)",
    "check_in_flows(date, date, text, text, integer)",
    "check_in_flow_days(date, date)",
)
CALLERS = ", ".join(f"dieuhanh_{role}" for role in STAFF)
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
    op.execute("DROP FUNCTION private.check_in_stays(timestamptz, timestamptz)")
