"""Doses that are entered together leave the stock together; contacts are searched by place.

Revises: 0051
"""

from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

_TAKES = "g.number IS NOT NULL AND g.state <> 'void' AND g.place <> 'elsewhere'"

DOSES = (
    # Doses that have been counted together come with what is left. Nobody else gives a balance: the
    # column is no keeper's to write.
    "DROP TRIGGER enter_movement ON register.stock_movements",
    "CREATE TRIGGER enter_movement BEFORE INSERT ON register.stock_movements FOR EACH ROW"
    " WHEN (NEW.balance IS NULL) EXECUTE FUNCTION register.enter_movement()",
    # Doses that one statement enters leave each stock together, its row written once: written once
    # for each dose, a transaction passes over all its earlier versions each time.
    f"""
    CREATE FUNCTION register.use_doses() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      dose register.vaccinations;
    BEGIN
      IF private.is_bulk() THEN
        RETURN NULL;
      END IF;
      -- Always in the same order: statements that cross do not wait for each other.
      PERFORM FROM register.stock_balance AS b
      WHERE (b.place, b.lot) IN (SELECT g.place, g.lot FROM given AS g WHERE {_TAKES})
      ORDER BY b.place, b.lot FOR UPDATE;
      PERFORM private.refuse('DH409', format(
        'Ở đây chỉ còn %s liều của lô %s. / There are only %s doses of lot %s here.',
        coalesce(b.doses, 0), u.lot, coalesce(b.doses, 0), u.lot),
        jsonb_build_object('on_hand', coalesce(b.doses, 0)))
      FROM (SELECT g.place, g.lot, count(*) AS n FROM given AS g WHERE {_TAKES} GROUP BY 1, 2) AS u
      LEFT JOIN register.stock_balance AS b USING (place, lot)
      WHERE u.n > coalesce(b.doses, 0) ORDER BY u.place, u.lot LIMIT 1;
      INSERT INTO register.stock_movements (place, lot, kind, doses, dose_id, change, balance)
      SELECT g.place, g.lot, 'used', 1, g.id, -1,
        b.doses - row_number() OVER (PARTITION BY g.place, g.lot ORDER BY g.given_at, g.id)
      FROM given AS g JOIN register.stock_balance AS b ON b.place = g.place AND b.lot = g.lot
      WHERE {_TAKES};
      UPDATE register.stock_balance AS b SET doses = b.doses - u.n
      FROM (SELECT g.place, g.lot, count(*) AS n FROM given AS g WHERE {_TAKES} GROUP BY 1, 2) AS u
      WHERE b.place = u.place AND b.lot = u.lot;
      FOR dose IN SELECT g.* FROM given AS g WHERE g.number IS NOT NULL LOOP
        PERFORM private.plan_next(dose);
      END LOOP;
      UPDATE register.vaccination_registrations AS r SET state = 'arrived', place = g.place
      FROM given AS g WHERE r.id = g.registration_id AND g.number IS NULL;
      RETURN NULL;
    END $$
    """,
    # The function of 0038, for what becomes of a dose that is there.
    "DROP TRIGGER use_dose ON register.vaccinations",
    "CREATE TRIGGER use_dose AFTER UPDATE ON register.vaccinations"
    " FOR EACH ROW EXECUTE FUNCTION register.use_dose()",
    "CREATE TRIGGER use_doses AFTER INSERT ON register.vaccinations"
    " REFERENCING NEW TABLE AS given FOR EACH STATEMENT EXECUTE FUNCTION register.use_doses()",
)

# The visit that a check-in begins or, where nobody checked in before it, ends; at most one. At a
# checkpoint (an even site) people pass: each check-in there is a moment.
_VISITS = """
  SELECT e.person_id, e.site,
    CASE WHEN e.site % 2 = 0 OR e.direction = 'in' THEN e.at
      ELSE greatest(e.at - dwell, e.before_at) END AS from_at,
    CASE WHEN e.site % 2 = 0 OR e.direction = 'out' THEN e.at
      WHEN e.after = 'out' AND e.after_at - e.at <= stay THEN e.after_at
      ELSE least(e.at + dwell, e.after_at) END AS to_at,
    e.site % 2 = 1 AND (e.direction = 'in' AND e.after = 'out' AND e.after_at - e.at <= stay)
      IS NOT TRUE AS estimated
  FROM (
    SELECT c.person_id, c.site, c.at, c.direction,
      lag(c.at) OVER near AS before_at, lag(c.direction) OVER near AS before,
      lead(c.at) OVER near AS after_at, lead(c.direction) OVER near AS after
    FROM {check_ins}
    WINDOW near AS (PARTITION BY {of} ORDER BY c.at, c.id)
  ) AS e
  WHERE (e.site % 2 = 1 AND e.direction = 'out' AND e.before = 'in'
    AND e.at - e.before_at <= stay) IS NOT TRUE
"""
_OF_PEOPLE = _VISITS.format(
    of="c.site, c.person_id",
    check_ins="""{people} AS s CROSS JOIN LATERAL (
      SELECT i.site, i.person_id, i.at, i.direction, i.id FROM private.check_in AS i
      WHERE i.person_id = s.person AND i.at >= s.since - stay AND i.at <= until + stay
      OFFSET 0) AS c""",
)
_AT_SITE = _VISITS.format(
    of="c.person_id",
    check_ins="""(SELECT i.site, i.person_id, i.at, i.direction, i.id
      FROM unnest(s.during) AS d CROSS JOIN LATERAL (
        SELECT i.site, i.person_id, i.at, i.direction, i.id FROM private.check_in AS i
        WHERE i.site = s.site AND i.at >= lower(d) AND i.at <= upper(d) OFFSET 0) AS i) AS c""",
)
# Arrays of sorted times are looked up by `width_bucket`: the last that is no later.
_MEETS = """CASE WHEN v.to_at - shared >= v.from_at
            THEN s.meets_until[width_bucket(v.to_at - shared, s.meets_since)] >= v.from_at END"""
_SECONDS_BEFORE = """coalesce(s.there_before[width_bucket({at}, s.there_since)] + least(
              date_part('epoch', {at} - s.there_since[width_bucket({at}, s.there_since)]),
              s.there_long[width_bucket({at}, s.there_since)]), 0)"""

SEARCH = (
    # As in 0042. What is new: the visits of others are made a place at a time, of what is read there,
    # and added up by person at once; those of the contacts that are kept are made again, of their
    # own check-ins. So nothing is sorted or kept that is as large as all check-ins of the days. And
    # a place's times are arrays: whether a visit meets one, and how many seconds it shares with
    # them, is looked up, and no range is made of a visit.
    f"""
    CREATE OR REPLACE FUNCTION private.trace_order(
      request private.trace_request, nth integer, seeds uuid[], sinces timestamptz[],
      known uuid[], stay interval, dwell interval, most integer, most_evidence integer
    ) RETURNS TABLE (everyone uuid[], kept uuid[], kept_since timestamptz[])
    LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan SET work_mem = '128MB'
      SET enable_nestloop = off SET jit = off AS $$
    #variable_conflict use_column
    DECLARE
      until timestamptz := request.until;
      apart interval := make_interval(secs => greatest(-request.least_s, 0));
      shared interval := make_interval(secs => greatest(request.least_s, 0));
    BEGIN
      RETURN QUERY
      WITH seed AS MATERIALIZED (
        SELECT s.person, s.since, s.n FROM unnest(seeds, sinces) WITH ORDINALITY AS s (person, since, n)
      ), own AS MATERIALIZED (
        SELECT s.person, s.n, v.site, greatest(v.from_at, s.since) AS from_at,
          least(v.to_at, until) AS to_at, v.estimated,
          CASE WHEN least(v.to_at, until) - shared >= greatest(v.from_at, s.since) THEN
            tstzrange(greatest(v.from_at - apart, s.since), least(v.to_at + apart, until) - shared, '[]')
          END AS meets
        FROM ({_OF_PEOPLE.format(people="seed")}) AS v JOIN seed AS s ON s.person = v.person_id
        WHERE v.to_at >= s.since AND v.from_at <= until
      ), at_site AS MATERIALIZED (
        SELECT o.site, o.during, m.*, t.* FROM (
          SELECT o.site, range_agg(o.meets) AS meets,
            range_agg(tstzrange(o.from_at, o.to_at, '[]')) AS there,
            range_agg(tstzrange(lower(o.meets) - w.wide, upper(o.meets) + shared + w.wide, '[]'))
              FILTER (WHERE o.meets IS NOT NULL) AS during
          FROM own AS o CROSS JOIN LATERAL (
            SELECT CASE WHEN o.site % 2 = 0 THEN interval '0' ELSE stay END AS wide) AS w
          GROUP BY o.site) AS o
        CROSS JOIN LATERAL (
          SELECT array_agg(lower(r) ORDER BY r) AS meets_since,
            array_agg(upper(r) ORDER BY r) AS meets_until FROM unnest(o.meets) AS r) AS m
        CROSS JOIN LATERAL (
          SELECT array_agg(r.since ORDER BY r.since) AS there_since,
            array_agg(r.until ORDER BY r.since) AS there_until,
            array_agg(r.long ORDER BY r.since) AS there_long,
            array_agg(r.total - r.long ORDER BY r.since) AS there_before
          FROM (SELECT lower(u) AS since, upper(u) AS until,
              date_part('epoch', upper(u) - lower(u)) AS long,
              sum(date_part('epoch', upper(u) - lower(u))) OVER (ORDER BY lower(u)) AS total
            FROM unnest(o.there) AS u) AS r) AS t
      ), near AS MATERIALIZED (
        SELECT s.n, p.other AS person, greatest(p.from_at, s.since) AS from_at,
          least(p.to_at, until) AS to_at
        FROM seed AS s CROSS JOIN LATERAL (
          SELECT x.b AS other, x.from_at, x.to_at FROM private.proximity AS x WHERE x.a = s.person
          UNION ALL
          SELECT x.a, x.from_at, x.to_at FROM private.proximity AS x WHERE x.b = s.person
          OFFSET 0) AS p
        WHERE p.to_at >= s.since AND p.from_at <= until
          AND least(p.to_at, until) >= greatest(p.from_at, s.since) + shared
          AND NOT EXISTS (SELECT FROM unnest(known) AS k WHERE k = p.other)
      ), one AS MATERIALIZED (
        SELECT m.person, sum(m.meetings) AS meetings,
          round((sum(m.seconds) / 60)::numeric) AS minutes FROM (
          SELECT v.person, v.meetings, v.seconds FROM at_site AS s CROSS JOIN LATERAL (
            SELECT v.person_id AS person, count(*) AS meetings,
              sum(CASE WHEN s.there_until[width_bucket(v.from_at, s.there_since)] >= v.to_at
                THEN date_part('epoch', v.to_at - v.from_at)
                ELSE {_SECONDS_BEFORE.format(at="v.to_at")}
                  - {_SECONDS_BEFORE.format(at="v.from_at")} END) AS seconds
            FROM ({_AT_SITE}) AS v WHERE {_MEETS} GROUP BY v.person_id OFFSET 0) AS v
          WHERE NOT EXISTS (SELECT FROM unnest(known) AS k WHERE k = v.person)
          UNION ALL
          SELECT n.person, 1, date_part('epoch', n.to_at - n.from_at) FROM near AS n) AS m
        GROUP BY m.person
      ), nearest AS MATERIALIZED (
        SELECT o.*, request.since, row_number() OVER (
          ORDER BY o.minutes DESC, o.meetings DESC, o.person) AS place
        FROM one AS o ORDER BY o.minutes DESC, o.meetings DESC, o.person LIMIT most
      ), visit AS MATERIALIZED (
        SELECT v.person_id AS person, v.site, v.from_at, v.to_at, v.estimated,
          tstzrange(v.from_at, v.to_at - shared, '[]') AS meets
        FROM ({_OF_PEOPLE.format(people="nearest")}) AS v JOIN at_site AS s ON s.site = v.site
        WHERE {_MEETS}
      ), own_day AS MATERIALIZED (
        SELECT o.*, d.day FROM own AS o CROSS JOIN LATERAL generate_series(
          date_bin('1 day', lower(o.meets), request.since),
          date_bin('1 day', upper(o.meets), request.since), '1 day') AS d (day)
        WHERE o.meets IS NOT NULL
      ), visit_day AS MATERIALIZED (
        SELECT v.*, d.day FROM visit AS v
        CROSS JOIN LATERAL generate_series(date_bin('1 day', lower(v.meets), request.since),
          date_bin('1 day', upper(v.meets), request.since), '1 day') AS d (day)
      ), pair AS MATERIALIZED (
        SELECT v.person, o.n, v.site, v.from_at AS began_at, greatest(o.from_at, v.from_at) AS from_at,
          greatest(o.from_at, v.from_at, least(o.to_at, v.to_at)) AS to_at,
          o.estimated OR v.estimated AS estimated
        FROM visit_day AS v JOIN own_day AS o ON o.site = v.site AND o.day = v.day
          AND o.meets && v.meets AND v.day
            = date_bin('1 day', greatest(lower(o.meets), lower(v.meets)), request.since)
        UNION ALL
        SELECT n.person, n.n, NULL, n.from_at, n.from_at, n.to_at, false
        FROM nearest AS k JOIN near AS n ON n.person = k.person
      ), met AS MATERIALIZED (
        SELECT p.person, min(p.from_at) AS first_at, max(p.to_at) AS last_at,
          bool_and(p.estimated) AS estimated, (array_agg(s.district_code ORDER BY p.from_at, p.site)
            FILTER (WHERE s.district_code IS NOT NULL))[1] AS district_code
        FROM pair AS p LEFT JOIN private.check_in_site AS s ON s.site = p.site GROUP BY p.person
      ), contact AS (
        INSERT INTO private.trace_contact (request_id, person_id, degree, place, meetings, minutes,
          first_at, last_at, estimated, commune_code, district_code)
        SELECT request.id, k.person, nth, k.place, k.meetings, k.minutes, m.first_at, m.last_at,
          m.estimated, p.commune_code, coalesce(u.parent_code, m.district_code)
        FROM nearest AS k JOIN met AS m ON m.person = k.person
        CROSS JOIN LATERAL (
          SELECT x.commune_code FROM private.person AS x WHERE x.id = k.person OFFSET 0) AS p
        LEFT JOIN layer.admin_units AS u ON u.code = p.commune_code AND u.level = 'commune'
        ORDER BY k.place
        RETURNING id, person_id, first_at
      ), evidence AS (
        INSERT INTO private.trace_evidence (contact_id, with_id, site, from_at, to_at, estimated)
        SELECT e.id, k.id, e.site, e.from_at, e.to_at, e.estimated FROM (
          SELECT c.id, b.*, row_number() OVER (PARTITION BY c.id
            ORDER BY b.to_at - b.from_at DESC, b.from_at, b.site, b.n) AS rank
          FROM (SELECT DISTINCT ON (q.person, q.site, q.began_at, CASE WHEN q.site IS NULL THEN q.n END)
              q.* FROM pair AS q
            ORDER BY q.person, q.site, q.began_at, CASE WHEN q.site IS NULL THEN q.n END,
              q.to_at - q.from_at DESC, q.n, q.from_at) AS b
          JOIN contact AS c ON c.person_id = b.person) AS e
        LEFT JOIN private.trace_contact AS k
          ON nth > 1 AND k.request_id = request.id AND k.person_id = seeds[e.n]
        WHERE e.rank <= most_evidence
      )
      SELECT (SELECT array_agg(o.person) FROM one AS o), array_agg(c.person_id ORDER BY c.id),
        array_agg(c.first_at ORDER BY c.id) FROM contact AS c;
    END $$
    """,
)


def upgrade() -> None:
    for statement in (*DOSES, *SEARCH):
        # Straight to the driver, so that a colon stays what it is.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    # The search of 0042 tells the same as this one, which stays.
    op.execute("DROP TRIGGER use_doses ON register.vaccinations")
    op.execute("DROP FUNCTION register.use_doses()")
    op.execute("DROP TRIGGER use_dose ON register.vaccinations")
    op.execute(
        "CREATE TRIGGER use_dose AFTER INSERT OR UPDATE ON register.vaccinations"
        " FOR EACH ROW EXECUTE FUNCTION register.use_dose()"
    )
    op.execute("DROP TRIGGER enter_movement ON register.stock_movements")
    op.execute(
        "CREATE TRIGGER enter_movement BEFORE INSERT ON register.stock_movements"
        " FOR EACH ROW EXECUTE FUNCTION register.enter_movement()"
    )
