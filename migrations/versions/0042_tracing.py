"""Contact tracing: its tables, the search for contacts, and how long they are kept.

Revises: 0041
"""

from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

TABLES = (
    # Reads of a site's check-ins in a time never touch the table: tracing reads many of them.
    "CREATE INDEX check_in_at_site ON private.check_in (site, at)"
    " INCLUDE (person_id, direction, id)",
    "DROP INDEX private.check_in_site_at_idx",
    # Departments whose officers approve, beside administrators; `dieuhanh migrate` writes it.
    """
    CREATE TABLE private.trace_rule (
      single boolean PRIMARY KEY DEFAULT true CHECK (single),
      approvers text[] NOT NULL
    )
    """,
    "INSERT INTO private.trace_rule (approvers) VALUES ('{health}')",
    # Two persons whose devices were near each other, once whoever of the two told it.
    """
    CREATE TABLE private.proximity (
      a uuid NOT NULL REFERENCES private.person ON DELETE CASCADE,
      b uuid NOT NULL REFERENCES private.person ON DELETE CASCADE,
      from_at timestamptz NOT NULL,
      to_at timestamptz NOT NULL,
      rssi smallint,
      metres real,
      PRIMARY KEY (a, b, from_at),
      CHECK (a < b),
      CHECK (to_at >= from_at)
    )
    """,
    "CREATE INDEX ON private.proximity (b, from_at)",
    "CREATE INDEX ON private.proximity (to_at)",
    # `least_s`: seconds that two must have been at a place together, or, below zero, that they
    # may at most have been apart. No account approves what it asked for.
    """
    CREATE TABLE private.trace_request (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      code text NOT NULL UNIQUE
        DEFAULT 'TV' || upper(substr(md5(gen_random_uuid()::text), 1, 6)),
      person_id uuid NOT NULL REFERENCES private.person,
      reason text NOT NULL CHECK (char_length(reason) BETWEEN 1 AND 1000),
      case_ref text NOT NULL CHECK (char_length(case_ref) BETWEEN 1 AND 80),
      since timestamptz NOT NULL,
      until timestamptz NOT NULL,
      least_s integer NOT NULL CHECK (least_s BETWEEN -7200 AND 86400),
      orders smallint NOT NULL CHECK (orders IN (1, 2)),
      asked_by bigint REFERENCES private.account ON DELETE SET NULL,
      asked_login text NOT NULL,
      departments text[] NOT NULL,
      districts text[] NOT NULL,
      asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      state text NOT NULL DEFAULT 'asked'
        CHECK (state IN ('asked', 'approved', 'searched', 'refused', 'closed')),
      decided_by bigint REFERENCES private.account ON DELETE SET NULL,
      decided_login text,
      decided_at timestamptz,
      decision text CHECK (char_length(decision) <= 1000),
      expires_at timestamptz,
      searched_at timestamptz,
      found jsonb,
      closed_at timestamptz,
      closed_login text,
      CHECK (until > since AND until - since <= interval '60 days'),
      CONSTRAINT trace_request_two_people
        CHECK (decided_by <> asked_by AND decided_login <> asked_login),
      CONSTRAINT trace_request_approved CHECK (state NOT IN ('approved', 'searched')
        OR decided_login IS NOT NULL AND expires_at IS NOT NULL
        AND expires_at <= decided_at + interval '31 days')
    )
    """,
    "CREATE INDEX ON private.trace_request (person_id)",
    "CREATE INDEX ON private.trace_request (asked_at)",
    """
    CREATE TABLE private.trace_contact (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      request_id uuid NOT NULL REFERENCES private.trace_request ON DELETE CASCADE,
      person_id uuid NOT NULL REFERENCES private.person,
      degree smallint NOT NULL CHECK (degree IN (1, 2)),
      place smallint NOT NULL,
      meetings integer NOT NULL,
      minutes integer NOT NULL,
      first_at timestamptz NOT NULL,
      last_at timestamptz NOT NULL,
      estimated boolean NOT NULL,
      commune_code text,
      district_code text,
      state text NOT NULL DEFAULT 'to_call'
        CHECK (state IN ('to_call', 'reached', 'quarantined', 'tested', 'unreachable')),
      note text CHECK (char_length(note) <= 500),
      stay_id uuid REFERENCES register.stays ON DELETE SET NULL,
      marked_at timestamptz,
      marked_login text,
      UNIQUE (request_id, person_id)
    )
    """,
    "CREATE INDEX ON private.trace_contact (person_id)",
    "CREATE INDEX ON private.trace_contact (stay_id)",
    "CREATE INDEX ON private.trace_contact (district_code, request_id)",
    # Without a site it was devices that met. `with_id`: the contact who was met, none: whom the
    # request is about.
    """
    CREATE TABLE private.trace_evidence (
      contact_id bigint NOT NULL REFERENCES private.trace_contact ON DELETE CASCADE,
      with_id bigint REFERENCES private.trace_contact ON DELETE CASCADE,
      site bigint,
      from_at timestamptz NOT NULL,
      to_at timestamptz NOT NULL,
      estimated boolean NOT NULL
    )
    """,
    "CREATE INDEX ON private.trace_evidence (contact_id)",
    "CREATE INDEX ON private.trace_evidence (with_id)",
    # Who looked at what, kept when the request is gone: it names no person that was looked at.
    """
    CREATE TABLE private.trace_look (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      request_id uuid NOT NULL,
      code text NOT NULL,
      at timestamptz NOT NULL DEFAULT clock_timestamp(),
      account_id bigint,
      login text NOT NULL,
      what text NOT NULL CHECK (what IN ('ask', 'approve', 'refuse', 'search', 'result',
        'contact', 'mark', 'export', 'handed', 'close')),
      contact_id bigint
    )
    """,
    "CREATE INDEX ON private.trace_look (request_id, id)",
    """
    CREATE FUNCTION private.keep_trace_looks() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM private.refuse('DH403',
        'Nhật ký xem không sửa, không xóa được. / The record of looks is not changed or removed.');
      RETURN NULL;
    END $$
    """,
    "CREATE TRIGGER keep_trace_looks BEFORE UPDATE OR DELETE OR TRUNCATE ON private.trace_look"
    " FOR EACH STATEMENT EXECUTE FUNCTION private.keep_trace_looks()",
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
    WINDOW near AS (PARTITION BY c.site, c.person_id ORDER BY c.at, c.id)
  ) AS e
  WHERE (e.site % 2 = 1 AND e.direction = 'out' AND e.before = 'in'
    AND e.at - e.before_at <= stay) IS NOT TRUE
"""
_OF_SEEDS = """seed AS s CROSS JOIN LATERAL (
      SELECT i.site, i.person_id, i.at, i.direction, i.id FROM private.check_in AS i
      WHERE i.person_id = s.person AND i.at >= s.since - stay AND i.at <= until + stay
      OFFSET 0) AS c"""
_AT_SITES = """span AS s CROSS JOIN LATERAL (
      SELECT i.site, i.person_id, i.at, i.direction, i.id FROM private.check_in AS i
      WHERE i.site = s.site AND i.at >= lower(s.during) AND i.at <= upper(s.during)
      OFFSET 0) AS c"""

SEARCH = (
    # One order of a request's contacts, kept with their evidence: who met any of `seeds`, each of
    # them looked at from their own time in `sinces` to the request's end. Visits are cut to that
    # time. Two at one place meet if they share `shared` or more; if that is below zero, if they are
    # at most so long apart. `stay`: how long after a check-in a check-out still belongs to it;
    # `dwell`, which is no longer: how long somebody is taken to be there of whom one is missing.
    #
    # Not each pair is compared. Two visits meet if and only if the seed's, made longer by what may
    # be between them or shorter by what they must share, overlaps the other's, made shorter by the
    # same. So the seeds' time at a place is one multirange, asked once for each visit of others;
    # pairs are made for those alone who are kept, day by day. Check-ins are read where they can make such a
    # visit: at the seeds' sites, in their times made longer by `stay`.
    #
    # How many rows there will be PostgreSQL cannot guess, so the plan is said: it looks up where
    # `OFFSET 0` stands, and hashes or sorts everywhere else.
    #
    # Kept are the `most` nearest: by minutes at a place with a seed, then by visits. Tells all who
    # were met, and who of them was kept since when they had been met.
    f"""
    CREATE FUNCTION private.trace_order(
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
        FROM ({_VISITS.format(check_ins=_OF_SEEDS)}) AS v JOIN seed AS s ON s.person = v.person_id
        WHERE v.to_at >= s.since AND v.from_at <= until
      ), at_site AS MATERIALIZED (
        SELECT o.site, range_agg(o.meets) AS meets,
          range_agg(tstzrange(o.from_at, o.to_at, '[]')) AS there
        FROM own AS o GROUP BY o.site
      ), span AS MATERIALIZED (
        SELECT o.site, unnest(range_agg(tstzrange(lower(o.meets) - w.wide,
          upper(o.meets) + shared + w.wide, '[]'))) AS during
        FROM own AS o CROSS JOIN LATERAL (
          SELECT CASE WHEN o.site % 2 = 0 THEN interval '0' ELSE stay END AS wide) AS w
        WHERE o.meets IS NOT NULL GROUP BY o.site
      ), visit AS MATERIALIZED (
        SELECT v.person_id AS person, v.site, v.from_at, v.to_at, v.estimated,
          tstzrange(v.from_at, v.to_at - shared, '[]') AS meets
        FROM ({_VISITS.format(check_ins=_AT_SITES)}) AS v JOIN at_site AS t ON t.site = v.site
        WHERE CASE WHEN v.to_at - shared >= v.from_at
          THEN tstzrange(v.from_at, v.to_at - shared, '[]') && t.meets END
          AND NOT EXISTS (SELECT FROM unnest(known) AS k WHERE k = v.person_id)
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
        SELECT m.person, count(*) AS meetings, round(sum(m.seconds) / 60) AS minutes FROM (
          SELECT v.person, CASE WHEN tstzrange(v.from_at, v.to_at, '[]') <@ t.there
            THEN extract(epoch FROM v.to_at - v.from_at)
            ELSE (SELECT coalesce(sum(extract(epoch FROM upper(r) - lower(r))), 0) FROM unnest(
              t.there * tstzmultirange(tstzrange(v.from_at, v.to_at, '[]'))) AS r) END AS seconds
          FROM visit AS v JOIN at_site AS t ON t.site = v.site
          UNION ALL
          SELECT n.person, extract(epoch FROM n.to_at - n.from_at) FROM near AS n) AS m
        GROUP BY m.person
      ), nearest AS MATERIALIZED (
        SELECT o.*, row_number() OVER (ORDER BY o.minutes DESC, o.meetings DESC, o.person) AS place
        FROM one AS o ORDER BY o.minutes DESC, o.meetings DESC, o.person LIMIT most
      ), own_day AS MATERIALIZED (
        SELECT o.*, d.day FROM own AS o CROSS JOIN LATERAL generate_series(
          date_bin('1 day', lower(o.meets), request.since),
          date_bin('1 day', upper(o.meets), request.since), '1 day') AS d (day)
        WHERE o.meets IS NOT NULL
      ), visit_day AS MATERIALIZED (
        SELECT v.*, d.day FROM visit AS v JOIN nearest AS k ON k.person = v.person
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
    """
    CREATE FUNCTION private.trace_run(
      request private.trace_request, stay interval, dwell interval, most integer,
      most_second integer, most_evidence integer
    ) RETURNS jsonb LANGUAGE plpgsql AS $$
    DECLARE
      began timestamptz := clock_timestamp();
      first record;
      second record;
    BEGIN
      SELECT * INTO first FROM private.trace_order(request, 1, ARRAY[request.person_id],
        ARRAY[request.since], ARRAY[request.person_id], stay, dwell, most, most_evidence);
      IF request.orders > 1 AND first.kept IS NOT NULL THEN
        SELECT * INTO second FROM private.trace_order(request, 2, first.kept, first.kept_since,
          first.everyone || request.person_id, stay, dwell, most_second, most_evidence);
      ELSE
        SELECT NULL::uuid[] AS everyone, NULL::uuid[] AS kept INTO second;
      END IF;
      RETURN jsonb_build_object(
        'first', coalesce(cardinality(first.everyone), 0),
        'first_kept', coalesce(cardinality(first.kept), 0),
        'second', coalesce(cardinality(second.everyone), 0),
        'second_kept', coalesce(cardinality(second.kept), 0),
        'stay_min', round(extract(epoch FROM stay) / 60),
        'dwell_min', round(extract(epoch FROM dwell) / 60),
        'took_s', round(extract(epoch FROM clock_timestamp() - began)::numeric, 2),
        'check_ins_since', (SELECT min(to_date(right(c.relname, 8), 'YYYYMMDD'))
          FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
          WHERE i.inhparent = 'private.check_in'::regclass));
    END $$
    """,
)

KEEPING = (
    # The person of a device's or a telephone's digest, found again or new.
    """
    CREATE FUNCTION private.trace_device(device bytea, telephone bytea, number text)
    RETURNS uuid LANGUAGE plpgsql AS $$
    DECLARE
      found uuid;
    BEGIN
      IF device IS NULL THEN
        SELECT p.id INTO found FROM private.person AS p WHERE p.phone_hash = telephone
        ORDER BY p.used_at DESC, p.id LIMIT 1;
      END IF;
      RETURN coalesce(found, private.take_person(jsonb_build_object('name',
        CASE WHEN device IS NULL THEN 'Chưa rõ họ tên' ELSE 'Thiết bị ' || left(encode(device, 'hex'), 6) END,
        'phone', number), device, telephone, false));
    END $$
    """,
    # Takes contacts of devices, each once; tells how many are new. A device is its digest in hex,
    # and with a telephone number that number's.
    """
    CREATE FUNCTION private.take_proximity(rows jsonb) RETURNS integer LANGUAGE plpgsql AS $$
    DECLARE
      taken integer;
    BEGIN
      WITH given AS MATERIALIZED (
        SELECT * FROM jsonb_to_recordset(rows) AS g (first text, first_phone text, second text,
          second_phone text, start timestamptz, until timestamptz, rssi smallint, metres real)
      ), device AS MATERIALIZED (
        SELECT d.digest, private.trace_device(CASE WHEN d.phone IS NULL THEN decode(d.digest, 'hex') END,
          CASE WHEN d.phone IS NOT NULL THEN decode(d.digest, 'hex') END, d.phone) AS person
        FROM (SELECT first AS digest, first_phone AS phone FROM given
          UNION SELECT second, second_phone FROM given ORDER BY 1) AS d
      ), written AS (
        INSERT INTO private.proximity (a, b, from_at, to_at, rssi, metres)
        SELECT DISTINCT ON (1, 2, 3) least(x.person, y.person), greatest(x.person, y.person),
          g.start, g.until, g.rssi, g.metres
        FROM given AS g JOIN device AS x ON x.digest = g.first
        JOIN device AS y ON y.digest = g.second
        WHERE x.person <> y.person ORDER BY 1, 2, 3, g.until DESC
        ON CONFLICT (a, b, from_at) DO NOTHING RETURNING 1
      )
      SELECT count(*) INTO taken FROM written;
      RETURN taken;
    END $$
    """,
    # Requests that were refused, closed or over so long ago go with what they found; looks stay.
    """
    CREATE FUNCTION private.purge_traces(keep_days float8, proximity_days float8, piece integer)
    RETURNS integer LANGUAGE plpgsql AS $$
    DECLARE
      gone integer;
    BEGIN
      DELETE FROM private.proximity
      WHERE to_at < now() - make_interval(secs => proximity_days * 86400);
      DELETE FROM private.trace_request WHERE id IN (
        SELECT r.id FROM private.trace_request AS r
        WHERE coalesce(r.closed_at, r.expires_at, r.decided_at,
            r.asked_at + interval '14 days') < now() - make_interval(secs => keep_days * 86400)
        ORDER BY r.asked_at LIMIT piece FOR UPDATE SKIP LOCKED);
      GET DIAGNOSTICS gone = ROW_COUNT;
      RETURN gone;
    END $$
    """,
)

FUNCTIONS = (
    "purge_traces(float8, float8, integer)",
    "take_proximity(jsonb)",
    "trace_device(bytea, bytea, text)",
    "trace_run(private.trace_request, interval, interval, integer, integer, integer)",
    "trace_order(private.trace_request, integer, uuid[], timestamptz[], uuid[], interval,"
    " interval, integer, integer)",
)


def upgrade() -> None:
    for statement in (*TABLES, *SEARCH, *KEEPING):
        # Straight to the driver, so that a colon stays what it is.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION private.{name}")
    for table in ("look", "evidence", "contact", "request", "rule"):
        op.execute(f"DROP TABLE private.trace_{table}")
    op.execute("DROP TABLE private.proximity")
    op.execute("DROP FUNCTION private.keep_trace_looks()")
    op.execute("CREATE INDEX ON private.check_in (site, at)")
    op.execute("DROP INDEX private.check_in_at_site")
