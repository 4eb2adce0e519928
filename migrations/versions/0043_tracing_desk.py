"""Who may trace: requests that two people make, what they are told, and every look on record.

Revises: 0042
"""

from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

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
    # A request for the officer who acts; who may not see it is not told that it is there.
    """
    CREATE FUNCTION private.trace_for(wanted uuid, who private.account, locks boolean DEFAULT false)
    RETURNS private.trace_request LANGUAGE plpgsql AS $$
    DECLARE
      found private.trace_request;
    BEGIN
      IF locks THEN
        PERFORM FROM private.trace_request AS r WHERE r.id = wanted FOR UPDATE;
      END IF;
      SELECT * INTO found FROM private.trace_request AS r WHERE r.id = wanted;
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
    # A contact that the officer works on, with its request.
    """
    CREATE FUNCTION private.trace_contact_for(wanted bigint, who private.account,
      OUT c private.trace_contact, OUT r private.trace_request) LANGUAGE plpgsql AS $$
    BEGIN
      SELECT * INTO c FROM private.trace_contact AS x WHERE x.id = wanted;
      SELECT * INTO r FROM private.trace_request AS x WHERE x.id = c.request_id;
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
      r private.trace_request := private.trace_for(wanted, who, true);
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
      r private.trace_request := private.trace_for(wanted, who, true);
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
      r private.trace_request := private.trace_for(wanted, who, true);
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
    "trace_sought(private.account, uuid, bytea, bytea, text)",
    "trace_contact_told(private.trace_contact, boolean)",
    "trace_evidence_told(bigint)",
    "trace_told(private.trace_request, private.account)",
    "trace_contact_for(bigint, private.account)",
    "trace_is_handed(private.trace_contact, private.trace_request, private.account)",
    "trace_names(private.trace_contact, private.trace_request, private.account)",
    "trace_open(uuid, private.account)",
    "trace_look_at(private.trace_request, private.account, text, bigint)",
    "trace_for(uuid, private.account, boolean)",
    "trace_is_live(private.trace_request)",
    "trace_is_theirs(private.account, private.trace_request)",
    "trace_decides(private.account, private.trace_request)",
    "trace_officer()",
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
    for statement in (*RULES, *TOLD, *ASKING, *LOOKING, *_grants()):
        # Straight to the driver, so that a colon stays what it is.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    for name in CALLED:
        op.execute(f"DROP FUNCTION dieuhanh.{name}")
    for name in PRIVATE:
        op.execute(f"DROP FUNCTION private.{name}")
