"""Contact tracing: requests that two people make, what a search finds, and every look at it.

Revises: 0032
"""

from alembic import op

revision = "0035"
down_revision = "0032"
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

RULES = (
    # The officer who acts: of the health department or a district, limited to no layer or place.
    """
    CREATE FUNCTION private.trace_officer() RETURNS private.account
    LANGUAGE plpgsql STABLE AS $$
    DECLARE
      who private.account := private.acting_as('officer', 'admin');
    BEGIN
      IF who.role <> 'admin' AND (cardinality(who.layers) > 0
        OR EXISTS (SELECT FROM private.account_place AS p WHERE p.account_id = who.id)
        OR NOT who.departments && ('{health,district}'::text[]
          || (SELECT r.approvers FROM private.trace_rule AS r))
        OR NOT 'health' = ANY (who.departments) AND cardinality(who.districts) = 0
          AND NOT who.departments && (SELECT r.approvers FROM private.trace_rule AS r)) THEN
        PERFORM private.refuse('DH403',
          'Việc này dành cho cán bộ y tế và cán bộ huyện.'
          ' / This is for officers of the health department and of districts.');
      END IF;
      RETURN who;
    END $$
    """,
    # Whether somebody may decide on a request: the province's approvers, never who asked.
    """
    CREATE FUNCTION private.trace_decides(who private.account, r private.trace_request)
    RETURNS boolean LANGUAGE sql STABLE AS $$
      SELECT who.id IS DISTINCT FROM r.asked_by AND who.login <> r.asked_login
        AND (who.role = 'admin'
        OR who.departments && (SELECT t.approvers FROM private.trace_rule AS t)
          AND (cardinality(who.districts) = 0 OR who.districts && r.districts))
    $$
    """,
    # Whether a request is somebody's: their own, their districts', or for who decides on it.
    """
    CREATE FUNCTION private.trace_is_theirs(who private.account, r private.trace_request)
    RETURNS boolean LANGUAGE sql STABLE AS $$
      SELECT coalesce(r.asked_by = who.id, false) OR who.role = 'admin'
        OR 'health' = ANY (who.departments) AND cardinality(who.districts) = 0
        OR who.districts && r.districts OR private.trace_decides(who, r)
    $$
    """,
    """
    CREATE FUNCTION private.trace_is_live(r private.trace_request) RETURNS boolean
    LANGUAGE sql STABLE AS $$
      SELECT coalesce(r.state IN ('approved', 'searched') AND r.expires_at > clock_timestamp(), false)
    $$
    """,
    # A request for the officer who acts, locked; who may not see it is not told that it is there.
    """
    CREATE FUNCTION private.trace_for(wanted uuid, who private.account)
    RETURNS private.trace_request LANGUAGE plpgsql AS $$
    DECLARE
      found private.trace_request;
    BEGIN
      SELECT * INTO found FROM private.trace_request AS r WHERE r.id = wanted FOR UPDATE;
      IF found.id IS NULL OR NOT private.trace_is_theirs(who, found) THEN
        PERFORM private.refuse('DH404', 'Không có yêu cầu truy vết này trong phần việc của bạn.'
          ' / There is no such request for tracing in your part.');
      END IF;
      RETURN found;
    END $$
    """,
    """
    CREATE FUNCTION private.trace_look_at(r private.trace_request, who private.account,
      what text, contact bigint DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
      INSERT INTO private.trace_look (request_id, code, account_id, login, what, contact_id)
      VALUES (r.id, r.code, who.id, who.login, what, contact)
    $$
    """,
    # A request whose contacts the officer may look at now: approved, not over, and searched.
    """
    CREATE FUNCTION private.trace_open(wanted uuid, who private.account)
    RETURNS private.trace_request LANGUAGE plpgsql AS $$
    DECLARE
      found private.trace_request := private.trace_for(wanted, who);
    BEGIN
      IF found.state <> 'searched' OR NOT private.trace_is_live(found) THEN
        PERFORM private.refuse('DH403', format('Yêu cầu %s không còn hoặc chưa được duyệt và tìm.'
          ' / Request %s is not approved and searched, or no longer.', found.code, found.code));
      END IF;
      RETURN found;
    END $$
    """,
    # Whether who a contact is may be told: to a request of the province, or of their district.
    """
    CREATE FUNCTION private.trace_names(c private.trace_contact, r private.trace_request,
      who private.account) RETURNS boolean LANGUAGE sql STABLE AS $$
      SELECT coalesce((cardinality(r.districts) = 0 OR c.district_code = ANY (r.districts)
          OR c.district_code IS NULL AND cardinality(who.districts) = 0)
        AND (cardinality(who.districts) = 0 OR c.district_code = ANY (who.districts)), false)
    $$
    """,
    # Whether a contact was handed over to the officer: of their districts, by others' request.
    """
    CREATE FUNCTION private.trace_is_handed(c private.trace_contact, r private.trace_request,
      who private.account) RETURNS boolean LANGUAGE sql STABLE AS $$
      SELECT coalesce(r.state = 'searched' AND private.trace_is_live(r)
        AND c.district_code = ANY (who.districts) AND NOT r.districts && who.districts, false)
    $$
    """,
    # A contact that the officer works on, with its request; the request is locked.
    """
    CREATE FUNCTION private.trace_contact_for(wanted bigint, who private.account,
      OUT c private.trace_contact, OUT r private.trace_request) LANGUAGE plpgsql AS $$
    BEGIN
      SELECT * INTO c FROM private.trace_contact AS x WHERE x.id = wanted;
      SELECT * INTO r FROM private.trace_request AS x WHERE x.id = c.request_id FOR UPDATE;
      IF r.id IS NULL OR NOT (private.trace_is_handed(c, r, who)
        OR private.trace_is_theirs(who, r) AND private.trace_names(c, r, who)) THEN
        PERFORM private.refuse('DH404', 'Không có người tiếp xúc này trong phần việc của bạn.'
          ' / There is no such contact in your part.');
      END IF;
      IF r.state <> 'searched' OR NOT private.trace_is_live(r) THEN
        PERFORM private.refuse('DH403', format('Yêu cầu %s không còn hiệu lực.'
          ' / Request %s is no longer approved.', r.code, r.code));
      END IF;
    END $$
    """,
)

TOLD = (
    # Whom a request is about is told to who decides, and to all who may look once it is approved.
    """
    CREATE FUNCTION private.trace_told(r private.trace_request, who private.account)
    RETURNS jsonb LANGUAGE sql STABLE AS $$
      SELECT jsonb_build_object('id', r.id, 'code', r.code, 'reason', r.reason,
        'case_ref', r.case_ref, 'since', r.since, 'until', r.until, 'least_s', r.least_s,
        'orders', r.orders, 'asked_login', r.asked_login, 'departments', r.departments,
        'districts', private.unit_names(r.districts), 'asked_at', r.asked_at,
        'state', CASE WHEN r.state IN ('approved', 'searched') AND NOT private.trace_is_live(r)
          THEN 'expired' ELSE r.state END,
        'decided_login', r.decided_login, 'decided_at', r.decided_at, 'decision', r.decision,
        'expires_at', r.expires_at, 'searched_at', r.searched_at, 'found', r.found,
        'closed_at', r.closed_at, 'closed_login', r.closed_login,
        'may_decide', private.trace_decides(who, r),
        'person', CASE WHEN private.trace_is_live(r) OR private.trace_decides(who, r)
          THEN (SELECT jsonb_build_object('name', p.name, 'birth_year', p.birth_year,
            'commune', (private.unit_names(ARRAY[p.commune_code]))[1])
            FROM private.person AS p WHERE p.id = r.person_id) END)
    $$
    """,
    """
    CREATE FUNCTION private.trace_evidence_told(contact bigint) RETURNS jsonb
    LANGUAGE sql STABLE AS $$
      SELECT coalesce(jsonb_agg(jsonb_build_object('site', e.site, 'name', s.name,
        'kind', CASE WHEN e.site IS NULL THEN 'proximity' ELSE 'place' END,
        'from', e.from_at, 'to', e.to_at, 'estimated', e.estimated, 'with', w.place)
        ORDER BY e.from_at, e.to_at), '[]')
      FROM private.trace_evidence AS e LEFT JOIN private.check_in_site AS s USING (site)
      LEFT JOIN private.trace_contact AS w ON w.id = e.with_id
      WHERE e.contact_id = contact
    $$
    """,
    """
    CREATE FUNCTION private.trace_contact_told(c private.trace_contact, named boolean)
    RETURNS jsonb LANGUAGE sql STABLE AS $$
      SELECT jsonb_build_object('id', c.id, 'degree', c.degree, 'place', c.place,
        'meetings', c.meetings, 'minutes', c.minutes, 'first_at', c.first_at,
        'last_at', c.last_at, 'estimated', c.estimated, 'state', c.state,
        'marked_at', c.marked_at, 'named', named,
        'district', (private.unit_names(ARRAY[c.district_code]))[1])
        || CASE WHEN named THEN jsonb_build_object('name', p.name, 'birth_year', p.birth_year,
          'commune', (private.unit_names(ARRAY[c.commune_code]))[1], 'note', c.note,
          'marked_login', c.marked_login, 'evidence', private.trace_evidence_told(c.id))
          ELSE '{}' END
      FROM private.person AS p WHERE p.id = c.person_id
    $$
    """,
)

ASKING = (
    # The person that is sought, by card, identity number or telephone; of several who share a
    # number, the one of that name. A district asks for those who live in it alone, and is told the
    # same of somebody else as of nobody.
    """
    CREATE FUNCTION private.trace_sought(who private.account, card uuid, identity bytea,
      telephone bytea, named text) RETURNS uuid LANGUAGE plpgsql STABLE AS $$
    DECLARE
      found uuid[];
    BEGIN
      SELECT array_agg(p.id) INTO found FROM private.person AS p
      LEFT JOIN layer.admin_units AS u ON u.code = p.commune_code AND u.level = 'commune'
      WHERE CASE WHEN card IS NOT NULL
          THEN p.id = (SELECT k.person_id FROM private.card AS k WHERE k.id = card)
        WHEN identity IS NOT NULL THEN p.identity_hash = identity
        ELSE p.phone_hash = telephone
          AND (named IS NULL OR dieuhanh.fold(p.name) = dieuhanh.fold(named)) END
        AND (cardinality(who.districts) = 0 OR u.parent_code = ANY (who.districts));
      IF found IS NULL THEN
        PERFORM private.refuse('DH404', 'Không tìm thấy người này trong địa bàn của bạn.'
          ' / There is no such person in your districts.');
      ELSIF cardinality(found) > 1 THEN
        PERFORM private.refuse('DH409', 'Nhiều người dùng số điện thoại này: hãy ghi thêm họ tên,'
          ' hoặc dùng mã QR, số căn cước. / Several people have this telephone: add the name, or'
          ' use the QR code or the identity number.');
      END IF;
      RETURN found[1];
    END $$
    """,
    """
    CREATE FUNCTION dieuhanh.trace_ask(facts jsonb, card uuid, identity bytea, telephone bytea)
    RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.trace_officer();
      ends timestamptz := least(coalesce((facts->>'until')::timestamptz, now()), now());
      made private.trace_request;
    BEGIN
      INSERT INTO private.trace_request (person_id, reason, case_ref, since, until, least_s,
        orders, asked_by, asked_login, departments, districts)
      VALUES (private.trace_sought(who, card, identity, telephone, facts->>'name'),
        facts->>'reason', facts->>'case_ref', ends - make_interval(days => (facts->>'days')::integer),
        ends, (facts->>'least_s')::integer, (facts->>'orders')::smallint, who.id, who.login,
        who.departments, who.districts)
      RETURNING * INTO made;
      UPDATE private.person SET used_at = clock_timestamp() WHERE id = made.person_id;
      PERFORM private.trace_look_at(made, who, 'ask');
      RETURN private.trace_told(made, who);
    END $$
    """,
    # Approved for so many hours, also once more when these are over; or refused.
    """
    CREATE FUNCTION dieuhanh.trace_decide(wanted uuid, approves boolean, said text, hours float8)
    RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.trace_officer();
      r private.trace_request := private.trace_for(wanted, who);
    BEGIN
      IF r.asked_by = who.id OR r.asked_login = who.login THEN
        PERFORM private.refuse('DH403', 'Người đề nghị không được tự duyệt; cần một người khác.'
          ' / Who asked may not approve: another person has to.');
      ELSIF NOT private.trace_decides(who, r) THEN
        PERFORM private.refuse('DH403', 'Bạn không có quyền duyệt yêu cầu truy vết.'
          ' / You may not approve requests for tracing.');
      ELSIF NOT (r.state = 'asked' OR r.state IN ('approved', 'searched')
        AND NOT private.trace_is_live(r)) THEN
        PERFORM private.refuse('DH409', format('Yêu cầu %s đã được quyết định.'
          ' / Request %s has been decided already.', r.code, r.code));
      END IF;
      UPDATE private.trace_request SET
        state = CASE WHEN NOT approves THEN 'refused' WHEN searched_at IS NULL THEN 'approved'
          ELSE 'searched' END,
        decided_by = who.id, decided_login = who.login, decided_at = clock_timestamp(),
        decision = said,
        expires_at = CASE WHEN approves THEN clock_timestamp()
          + make_interval(secs => least(hours, 720) * 3600) END
      WHERE id = wanted RETURNING * INTO r;
      PERFORM private.trace_look_at(r, who, CASE WHEN approves THEN 'approve' ELSE 'refuse' END);
      RETURN private.trace_told(r, who);
    END $$
    """,
    """
    CREATE FUNCTION dieuhanh.trace_search(wanted uuid, stay_h float8, dwell_min float8,
      most integer, most_second integer, most_evidence integer)
    RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.trace_officer();
      r private.trace_request := private.trace_for(wanted, who);
      outcome jsonb;
    BEGIN
      IF r.state <> 'approved' OR NOT private.trace_is_live(r) THEN
        PERFORM private.refuse('DH403', format('Yêu cầu %s chưa được duyệt, đã tìm hoặc đã hết hạn.'
          ' / Request %s is not approved, has been searched, or is over.', r.code, r.code));
      END IF;
      outcome := private.trace_run(r, make_interval(secs => stay_h * 3600),
        make_interval(secs => dwell_min * 60), least(most, 10000), least(most_second, 100000),
        least(most_evidence, 100));
      UPDATE private.trace_request SET state = 'searched', searched_at = clock_timestamp(),
        found = outcome WHERE id = wanted RETURNING * INTO r;
      PERFORM private.trace_look_at(r, who, 'search');
      RETURN private.trace_told(r, who);
    END $$
    """,
    """
    CREATE FUNCTION dieuhanh.trace_close(wanted uuid)
    RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.trace_officer();
      r private.trace_request := private.trace_for(wanted, who);
    BEGIN
      IF r.state IN ('closed', 'refused') THEN
        PERFORM private.refuse('DH409', format('Yêu cầu %s đã đóng. / Request %s is closed already.',
          r.code, r.code));
      END IF;
      UPDATE private.trace_request SET state = 'closed', closed_at = clock_timestamp(),
        closed_login = who.login WHERE id = wanted RETURNING * INTO r;
      PERFORM private.trace_look_at(r, who, 'close');
      RETURN private.trace_told(r, who);
    END $$
    """,
)

LOOKING = (
    # The newest requests of the officer's, how many there are in each state, and how many contacts
    # others have handed over.
    """
    CREATE FUNCTION dieuhanh.trace_requests(most integer)
    RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.trace_officer();
    BEGIN
      RETURN jsonb_build_object(
        'requests', (SELECT coalesce(jsonb_agg(private.trace_told(n.r, who)
            ORDER BY (n.r).asked_at DESC), '[]')
          FROM (SELECT r FROM private.trace_request AS r WHERE private.trace_is_theirs(who, r)
            ORDER BY r.asked_at DESC LIMIT most) AS n),
        'more', (SELECT greatest(count(*) - most, 0) FROM private.trace_request AS r
          WHERE private.trace_is_theirs(who, r)),
        'handed', (SELECT count(*) FROM private.trace_contact AS c
          JOIN private.trace_request AS r ON r.id = c.request_id
          WHERE private.trace_is_handed(c, r, who)));
    END $$
    """,
    # A request, what has become of its contacts, and who has looked at it.
    """
    CREATE FUNCTION dieuhanh.trace_request(wanted uuid)
    RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.trace_officer();
      r private.trace_request := private.trace_for(wanted, who);
    BEGIN
      RETURN private.trace_told(r, who) || jsonb_build_object(
        'states', (SELECT coalesce(jsonb_object_agg(s.state, s.n), '{}') FROM (
          SELECT c.state, count(*) AS n FROM private.trace_contact AS c
          WHERE c.request_id = wanted GROUP BY c.state) AS s),
        'looks', (SELECT coalesce(jsonb_agg(jsonb_build_object('at', l.at, 'login', l.login,
            'what', l.what, 'contact', l.contact_id) ORDER BY l.id DESC), '[]')
          FROM (SELECT * FROM private.trace_look AS k WHERE k.request_id = wanted
            ORDER BY k.id DESC LIMIT 200) AS l));
    END $$
    """,
    # A page of the contacts, in their order, and the places where they met.
    """
    CREATE FUNCTION dieuhanh.trace_result(wanted uuid, of_degree integer, of_state text,
      after integer, most integer)
    RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.trace_officer();
      r private.trace_request := private.trace_open(wanted, who);
    BEGIN
      PERFORM private.trace_look_at(r, who, 'result');
      RETURN (
        WITH chosen AS MATERIALIZED (
          SELECT c, private.trace_names(c, r, who) AS named FROM private.trace_contact AS c
          WHERE c.request_id = wanted AND c.degree = of_degree
            AND (of_state IS NULL OR c.state = of_state)
        )
        SELECT jsonb_build_object(
          'total', (SELECT count(*) FROM chosen),
          'contacts', (SELECT coalesce(jsonb_agg(private.trace_contact_told(n.c, n.named)
              ORDER BY (n.c).place), '[]')
            FROM (SELECT * FROM chosen AS x WHERE (x.c).place > after
              ORDER BY (x.c).place LIMIT most) AS n),
          'places', (SELECT coalesce(jsonb_agg(p.told ORDER BY p.n DESC, p.site), '[]') FROM (
            SELECT e.site, count(DISTINCT e.contact_id) AS n, jsonb_build_object('site', e.site,
              'name', s.name, 'layer', s.layer, 'contacts', count(DISTINCT e.contact_id),
              'lon', ST_X(g.geom), 'lat', ST_Y(g.geom)) AS told
            FROM chosen AS x JOIN private.trace_evidence AS e ON e.contact_id = (x.c).id
            JOIN private.check_in_site AS s USING (site)
            CROSS JOIN LATERAL (
              SELECT k.geom FROM layer.checkpoints AS k
              WHERE s.layer = 'checkpoints' AND k.id = s.id
              UNION ALL SELECT k.geom FROM layer.control_points AS k
              WHERE s.layer = 'control_points' AND k.id = s.id) AS g
            GROUP BY e.site, s.name, s.layer, g.geom ORDER BY n DESC, e.site LIMIT 300) AS p)));
    END $$
    """,
    # A contact in full: how to reach them, and where they met whom.
    """
    CREATE FUNCTION dieuhanh.trace_contact(wanted bigint)
    RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.trace_officer();
      one record;
    BEGIN
      SELECT * INTO one FROM private.trace_contact_for(wanted, who);
      PERFORM private.trace_look_at(one.r, who, 'contact', wanted);
      RETURN private.trace_contact_told(one.c, true) || (
        SELECT jsonb_build_object('code', (one.r).code, 'phone', p.phone, 'sex', p.sex,
          'address', p.address, 'stay', (SELECT jsonb_build_object('state', s.state,
            'place', s.place, 'due_until', s.due_until) FROM register.stays AS s
            WHERE s.id = (one.c).stay_id))
        FROM private.person AS p WHERE p.id = (one.c).person_id);
    END $$
    """,
    # What became of a contact; a stay in quarantine that began is found by itself.
    """
    CREATE FUNCTION dieuhanh.trace_mark(wanted bigint, becomes text, said text)
    RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.trace_officer();
      one record;
    BEGIN
      SELECT * INTO one FROM private.trace_contact_for(wanted, who);
      UPDATE private.trace_contact AS x SET state = becomes, note = said,
        marked_at = clock_timestamp(), marked_login = who.login,
        stay_id = (SELECT s.id FROM register.stays AS s
          WHERE s.person_id = x.person_id AND s.state = 'admitted')
      WHERE x.id = wanted;
      PERFORM private.trace_look_at(one.r, who, 'mark', wanted);
      RETURN dieuhanh.trace_contact(wanted);
    END $$
    """,
    # The contacts of the officer's districts that others' requests have found.
    """
    CREATE FUNCTION dieuhanh.trace_handed(of_state text, most integer)
    RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.trace_officer();
      told jsonb;
    BEGIN
      WITH theirs AS MATERIALIZED (
        SELECT c, r FROM private.trace_contact AS c
        JOIN private.trace_request AS r ON r.id = c.request_id
        WHERE c.district_code = ANY (who.districts) AND private.trace_is_handed(c, r, who)
          AND (of_state IS NULL OR c.state = of_state)
      ), shown AS MATERIALIZED (
        SELECT * FROM theirs AS t ORDER BY (t.r).searched_at DESC, (t.c).degree, (t.c).place
        LIMIT most
      ), looked AS (
        INSERT INTO private.trace_look (request_id, code, account_id, login, what)
        SELECT DISTINCT (s.r).id, (s.r).code, who.id, who.login, 'handed' FROM shown AS s
      )
      SELECT jsonb_build_object('total', (SELECT count(*) FROM theirs),
        'contacts', coalesce(jsonb_agg(private.trace_contact_told(s.c, true)
          || jsonb_build_object('code', (s.r).code)
          ORDER BY (s.r).searched_at DESC, (s.c).degree, (s.c).place), '[]'))
      INTO told FROM shown AS s;
      RETURN told;
    END $$
    """,
    # All contacts of a request that may be named, for the tracers' list.
    """
    CREATE FUNCTION dieuhanh.trace_export(wanted uuid)
    RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.trace_officer();
      r private.trace_request := private.trace_open(wanted, who);
    BEGIN
      PERFORM private.trace_look_at(r, who, 'export');
      RETURN private.trace_told(r, who) || jsonb_build_object('contacts', (
        SELECT coalesce(jsonb_agg(private.trace_contact_told(c, true) || jsonb_build_object(
          'phone', p.phone, 'sex', p.sex, 'address', p.address)
          ORDER BY c.degree, c.place), '[]')
        FROM private.trace_contact AS c JOIN private.person AS p ON p.id = c.person_id
        WHERE c.request_id = wanted AND private.trace_names(c, r, who)));
    END $$
    """,
    # For the dashboard: requests that wait, and contacts that nobody has reached.
    """
    CREATE FUNCTION dieuhanh.trace_figures() RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      PERFORM private.acting_as('viewer', 'analyst', 'officer', 'coordinator', 'admin');
      RETURN (SELECT jsonb_build_object(
        'asked', count(*) FILTER (WHERE r.state = 'asked'),
        'live', count(*) FILTER (WHERE private.trace_is_live(r)),
        'contacts', coalesce(sum(c.n) FILTER (WHERE private.trace_is_live(r)), 0),
        'to_call', coalesce(sum(c.to_call) FILTER (WHERE private.trace_is_live(r)), 0))
        FROM private.trace_request AS r CROSS JOIN LATERAL (
          SELECT count(*) AS n, count(*) FILTER (WHERE x.state = 'to_call') AS to_call
          FROM private.trace_contact AS x WHERE x.request_id = r.id) AS c);
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
    """
    CREATE FUNCTION dieuhanh.trace_take_proximity(rows jsonb) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.trace_officer();
    BEGIN
      IF cardinality(who.districts) > 0 THEN
        PERFORM private.refuse('DH403', 'Việc này dành cho sở chủ quản, không cho huyện.'
          ' / This is for the health department, not for districts.');
      END IF;
      RETURN private.take_proximity(rows);
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

OFFICERS = "officer, admin"
CALLED = {
    "trace_ask(jsonb, uuid, bytea, bytea)": OFFICERS,
    "trace_decide(uuid, boolean, text, float8)": OFFICERS,
    "trace_search(uuid, float8, float8, integer, integer, integer)": OFFICERS,
    "trace_close(uuid)": OFFICERS,
    "trace_requests(integer)": OFFICERS,
    "trace_request(uuid)": OFFICERS,
    "trace_result(uuid, integer, text, integer, integer)": OFFICERS,
    "trace_contact(bigint)": OFFICERS,
    "trace_mark(bigint, text, text)": OFFICERS,
    "trace_handed(text, integer)": OFFICERS,
    "trace_export(uuid)": OFFICERS,
    "trace_take_proximity(jsonb)": OFFICERS,
    "trace_figures()": "viewer, analyst, officer, coordinator, admin",
}
PRIVATE = (
    "purge_traces(float8, float8, integer)",
    "take_proximity(jsonb)",
    "trace_device(bytea, bytea, text)",
    "trace_sought(private.account, uuid, bytea, bytea, text)",
    "trace_contact_told(private.trace_contact, boolean)",
    "trace_evidence_told(bigint)",
    "trace_told(private.trace_request, private.account)",
    "trace_contact_for(bigint, private.account)",
    "trace_is_handed(private.trace_contact, private.trace_request, private.account)",
    "trace_names(private.trace_contact, private.trace_request, private.account)",
    "trace_open(uuid, private.account)",
    "trace_look_at(private.trace_request, private.account, text, bigint)",
    "trace_for(uuid, private.account)",
    "trace_is_live(private.trace_request)",
    "trace_is_theirs(private.account, private.trace_request)",
    "trace_decides(private.account, private.trace_request)",
    "trace_officer()",
    "trace_run(private.trace_request, interval, interval, integer, integer, integer)",
    "trace_order(private.trace_request, integer, uuid[], timestamptz[], uuid[], interval,"
    " interval, integer, integer)",
)


def _grants() -> list[str]:
    statements = []
    for name, roles in CALLED.items():
        callers = ", ".join(f"dieuhanh_{role.strip()}" for role in roles.split(","))
        statements += [
            f"REVOKE EXECUTE ON FUNCTION dieuhanh.{name} FROM PUBLIC",
            f"GRANT EXECUTE ON FUNCTION dieuhanh.{name} TO {callers}",
        ]
    return statements


def upgrade() -> None:
    made = (*TABLES, *SEARCH, *RULES, *TOLD, *ASKING, *LOOKING, *KEEPING)
    for statement in (*made, *_grants()):
        # Straight to the driver, so that a colon stays what it is.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    for name in CALLED:
        op.execute(f"DROP FUNCTION dieuhanh.{name}")
    for name in PRIVATE:
        op.execute(f"DROP FUNCTION private.{name}")
    for table in ("look", "evidence", "contact", "request", "rule"):
        op.execute(f"DROP TABLE private.trace_{table}")
    op.execute("DROP TABLE private.proximity")
    op.execute("DROP FUNCTION private.keep_trace_looks()")
    op.execute("CREATE INDEX ON private.check_in (site, at)")
    op.execute("DROP INDEX private.check_in_at_site")
