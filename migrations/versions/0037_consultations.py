"""Consultations by telephone: what is asked, the queue of doctors, what came of each.

Revises: 0036
"""

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

TABLES = (
    "CREATE SEQUENCE register.consultation_number START 1001",
    # What the health department lists and counts: nothing of who asks, and nothing of the illness.
    """
    CREATE TABLE register.consultations (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      version bigint NOT NULL DEFAULT 1,
      code text NOT NULL UNIQUE DEFAULT 'C' || nextval('register.consultation_number'),
      place text NOT NULL DEFAULT 'home',
      home_commune text NOT NULL,
      priority text NOT NULL,
      state text NOT NULL DEFAULT 'waiting',
      outcome text,
      channel text NOT NULL DEFAULT 'web',
      tries integer NOT NULL DEFAULT 0,
      due_at timestamptz(0),
      taken_by bigint REFERENCES private.account ON DELETE SET NULL,
      taken_at timestamptz(0),
      called_at timestamptz(0),
      closed_at timestamptz(0),
      sos_id uuid UNIQUE,
      commune_code text,
      district_code text,
      made_at timestamptz(0) NOT NULL DEFAULT now(),
      updated_at timestamptz(0) NOT NULL DEFAULT now(),
      CONSTRAINT ck_consultations_priority_code CHECK ("priority" IN ('p1', 'p2', 'p3', 'p4')),
      CONSTRAINT ck_consultations_state_code CHECK (
        "state" IN ('waiting', 'taken', 'follow_up', 'closed')),
      CONSTRAINT ck_consultations_outcome_code CHECK ("outcome" IN ('advice', 'prescribed',
        'no_need', 'facility', 'sos', 'unreachable', 'cancelled')),
      CONSTRAINT ck_consultations_channel_code CHECK ("channel" IN ('web', 'hotline', 'officer')),
      CONSTRAINT ck_consultations_closed CHECK ((state = 'closed') = (outcome IS NOT NULL)
        AND (state = 'closed') = (closed_at IS NOT NULL)),
      CONSTRAINT ck_consultations_taken CHECK (state <> 'taken' OR taken_at IS NOT NULL)
    )
    """,
    "CREATE INDEX consultations_queue ON register.consultations"
    " (priority, (coalesce(due_at, made_at)), id) WHERE state <> 'closed'",
    "CREATE INDEX consultations_closed ON register.consultations (closed_at)"
    " WHERE closed_at IS NOT NULL",
    "CREATE INDEX consultations_called ON register.consultations (called_at)"
    " WHERE called_at IS NOT NULL",
    # Who asks and why, apart, so that no list has it.
    """
    CREATE TABLE private.consultation (
      id uuid PRIMARY KEY REFERENCES register.consultations ON DELETE CASCADE,
      content_hash bytea NOT NULL,
      follow_hash bytea NOT NULL UNIQUE,
      phone_hash bytea,
      name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 120),
      phone text NOT NULL CHECK (char_length(phone) <= 20),
      age integer NOT NULL CHECK (age BETWEEN 0 AND 130),
      sex text CHECK (sex IN ('female', 'male', 'other')),
      address text CHECK (char_length(address) <= 300),
      symptoms text[] NOT NULL DEFAULT '{}',
      spo2 integer CHECK (spo2 BETWEEN 50 AND 100),
      since date,
      pregnant boolean NOT NULL DEFAULT false,
      conditions text[] NOT NULL DEFAULT '{}',
      note text CHECK (char_length(note) <= 1000),
      rules text[] NOT NULL DEFAULT '{}'
    )
    """,
    # Who did what with it, each look too.
    """
    CREATE TABLE private.consultation_step (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      consultation_id uuid NOT NULL REFERENCES register.consultations ON DELETE CASCADE,
      at timestamptz NOT NULL DEFAULT clock_timestamp(),
      actor text NOT NULL,
      kind text NOT NULL CHECK (kind IN ('posted', 'taken', 'looked', 'not_reached', 'give_back',
        'follow_up', 'advice', 'prescribed', 'no_need', 'facility', 'sos', 'cancelled')),
      note text CHECK (char_length(note) <= 2000)
    )
    """,
    "CREATE INDEX ON private.consultation_step (consultation_id, id)",
    # A case stays in the district where the person is, wherever they are sent.
    """
    CREATE FUNCTION register.keep_consultation() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      NEW.commune_code := NEW.home_commune;
      SELECT u.parent_code INTO NEW.district_code FROM layer.admin_units AS u
      WHERE u.code = NEW.home_commune AND u.level = 'commune';
      RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER b_consultation BEFORE INSERT OR UPDATE ON register.consultations"
    " FOR EACH ROW EXECUTE FUNCTION register.keep_consultation()",
)

POSTING = (
    """
    CREATE FUNCTION private.consultation_note(row_id uuid, what text, said text DEFAULT NULL)
    RETURNS void LANGUAGE sql AS $$
      INSERT INTO private.consultation_step (consultation_id, actor, kind, note)
      VALUES (row_id, dieuhanh.actor(), what, said)
    $$
    """,
    # All of a request in one transaction; the same id and content again is the same request.
    # Outcomes: created, repeated, conflict, limited, no_commune.
    """
    CREATE FUNCTION private.post_consultation(given jsonb, facts jsonb, content bytea, follow bytea,
      sender bytea, telephone bytea, trusted boolean, limits jsonb,
      OUT outcome text, OUT code text, OUT state text, OUT priority text, OUT received_at timestamptz)
    LANGUAGE plpgsql AS $$
    DECLARE
      row_id uuid := (given->>'id')::uuid;
      said private.consultation := jsonb_populate_record(NULL::private.consultation, facts);
      known bytea;
      minutes integer := (limits->>'minutes')::int;
    BEGIN
      PERFORM set_config('synchronous_commit', 'on', true), set_config('dieuhanh.actor', 'public', true);
      PERFORM pg_advisory_xact_lock(hashtextextended(row_id::text, 37));
      IF EXISTS (SELECT FROM register.consultations AS c WHERE c.id = row_id) THEN
        SELECT k.content_hash INTO known FROM private.consultation AS k WHERE k.id = row_id;
        outcome := CASE WHEN known = content THEN 'repeated' ELSE 'conflict' END;
        IF known IS NULL OR outcome = 'conflict' THEN
          outcome := 'conflict';
          RETURN;
        END IF;
      ELSE
        IF NOT trusted AND (private.sos_count(sender, minutes) > (limits->>'per_address')::int
          OR private.sos_count(sha256('consult'::bytea || telephone), minutes)
            > (limits->>'per_phone')::int) THEN
          outcome := 'limited';
          RETURN;
        END IF;
        IF NOT EXISTS (SELECT FROM layer.admin_units AS u
          WHERE u.code = given->>'home_commune' AND u.level = 'commune') THEN
          outcome := 'no_commune';
          RETURN;
        END IF;
        outcome := 'created';
        INSERT INTO register.consultations (id, home_commune, priority, channel, due_at)
        VALUES (row_id, given->>'home_commune', given->>'priority', given->>'channel',
          (given->>'due_at')::timestamptz);
        INSERT INTO private.consultation (id, content_hash, follow_hash, phone_hash, name, phone, age,
          sex, address, symptoms, spo2, since, pregnant, conditions, note, rules)
        VALUES (row_id, content, follow, telephone, said.name, said.phone, said.age, said.sex,
          said.address, coalesce(said.symptoms, '{}'), said.spo2, said.since,
          coalesce(said.pregnant, false), coalesce(said.conditions, '{}'), said.note,
          coalesce(said.rules, '{}'));
        PERFORM private.consultation_note(row_id, 'posted');
      END IF;
      SELECT c.code, c.state, c.priority, c.made_at
      INTO post_consultation.code, post_consultation.state, post_consultation.priority,
        post_consultation.received_at
      FROM register.consultations AS c WHERE c.id = row_id;
    END $$
    """,
    # What the one with the code may know: nothing of who works on it, how many are before it.
    """
    CREATE FUNCTION private.consultation_followed(follow bytea) RETURNS jsonb
    LANGUAGE sql STABLE AS $$
      SELECT jsonb_build_object('code', c.code, 'state', c.state, 'outcome', c.outcome,
        'priority', c.priority, 'received_at', c.made_at, 'due_at', c.due_at, 'tries', c.tries,
        'called_at', c.called_at, 'closed_at', c.closed_at, 'rules', k.rules,
        'before', CASE WHEN c.state = 'waiting' THEN (
          SELECT count(*) FROM register.consultations AS o WHERE o.state = 'waiting'
            AND (o.priority, coalesce(o.due_at, o.made_at), o.id)
              < (c.priority, coalesce(c.due_at, c.made_at), c.id)) END,
        'sos', private.sos_code(c.sos_id),
        'facility', (SELECT f.name FROM layer.medical_facilities AS f
          WHERE 'medical_facilities/' || f.id = c.place))
      FROM private.consultation AS k JOIN register.consultations AS c ON c.id = k.id
      WHERE k.follow_hash = follow
    $$
    """,
    """
    CREATE FUNCTION private.consultation_does(follow bytea, what text, sender bytea, limits jsonb)
    RETURNS boolean LANGUAGE plpgsql AS $$
    DECLARE
      found register.consultations;
    BEGIN
      PERFORM set_config('synchronous_commit', 'on', true), set_config('dieuhanh.actor', 'public', true);
      SELECT c.* INTO found FROM register.consultations AS c JOIN private.consultation AS k
        ON k.id = c.id WHERE k.follow_hash = follow FOR UPDATE OF c;
      IF found.id IS NULL THEN
        RETURN false;
      END IF;
      IF found.state = 'closed' AND (what = 'cancel' OR found.sos_id IS NULL) THEN
        PERFORM private.refuse('DH409',
          'Yêu cầu này đã kết thúc. / This request is over.');
      END IF;
      IF what = 'cancel' THEN
        UPDATE register.consultations SET state = 'closed', outcome = 'cancelled', closed_at = now()
        WHERE id = found.id;
        PERFORM private.consultation_note(found.id, 'cancelled');
      ELSE
        -- A doctor still calls.
        PERFORM private.consultation_to_sos(found.id, '', sender, limits);
      END IF;
      RETURN true;
    END $$
    """,
)

HAND_OVER = (
    """
    CREATE FUNCTION private.sos_code(request uuid) RETURNS text LANGUAGE sql STABLE AS $$
      SELECT coalesce((SELECT r.code FROM layer.sos_requests AS r WHERE r.id = request),
        (SELECT i.code FROM private.sos_intake AS i WHERE i.request_id = request))
    $$
    """,
    # An SOS for who asked, posted as everybody posts one, once: the row is locked. Each of the two
    # names the other.
    """
    CREATE FUNCTION private.consultation_to_sos(row_id uuid, account text, sender bytea, limits jsonb)
    RETURNS text LANGUAGE plpgsql AS $$
    DECLARE
      found register.consultations;
      said private.consultation;
      request uuid := gen_random_uuid();
      posted record;
      post jsonb;
    BEGIN
      SELECT * INTO found FROM register.consultations AS c WHERE c.id = row_id FOR UPDATE;
      IF found.sos_id IS NOT NULL THEN
        RETURN private.sos_code(found.sos_id);
      END IF;
      SELECT * INTO said FROM private.consultation AS k WHERE k.id = row_id;
      IF said.id IS NULL THEN
        PERFORM private.refuse('DH409', 'Dữ liệu của yêu cầu này đã được xóa.'
          ' / What was known of this request has been purged.');
      END IF;
      post := jsonb_strip_nulls(jsonb_build_object('id', request, 'category', 'medical', 'people', 1,
        'injured', 1, 'elderly', (said.age >= 65)::int, 'children', (said.age < 16)::int,
        'channel', CASE account WHEN '' THEN found.channel ELSE 'officer' END,
        'commune_code', found.home_commune, 'position_source', 'commune', 'name', said.name,
        'phone', said.phone, 'address', said.address, 'needs', '[]'::jsonb, 'links', false,
        'note', format('Tư vấn từ xa %s / Consultation %s%s', found.code, found.code,
          CASE WHEN said.spo2 IS NULL THEN '' ELSE ' · SpO2 ' || said.spo2 || ' %' END)));
      SELECT * INTO posted FROM private.post_sos(post, sha256(post::text::bytea),
        sha256(uuid_send(gen_random_uuid())), sender, said.phone_hash, NULL, account, limits);
      IF posted.outcome NOT IN ('created', 'waiting') THEN
        PERFORM private.refuse('DH409', 'Chưa gửi được SOS; hãy gọi 115 ngay.'
          ' / The SOS could not be sent; call 115 now.');
      END IF;
      UPDATE register.consultations SET sos_id = request WHERE id = row_id;
      PERFORM private.consultation_note(row_id, 'sos', posted.code);
      RETURN posted.code;
    END $$
    """,
)

DESK = (
    # The verified doctor that an account is, if it is one.
    """
    CREATE FUNCTION private.is_doctor(who private.account) RETURNS boolean LANGUAGE sql STABLE AS $$
      SELECT EXISTS (SELECT FROM private.volunteer_key AS k
        JOIN register.volunteers AS v ON v.id = k.volunteer_id
        WHERE k.account_id = who.id AND v.doctor AND v.state = 'verified')
    $$
    """,
    # A case for a doctor who has taken it, and for who keeps the register's row; locked.
    """
    CREATE FUNCTION private.consultation_for(row_id uuid, who private.account)
    RETURNS register.consultations LANGUAGE plpgsql AS $$
    DECLARE
      found register.consultations;
    BEGIN
      SELECT * INTO found FROM register.consultations AS c WHERE c.id = row_id FOR UPDATE;
      IF found.id IS NULL OR NOT (
        (found.taken_by = who.id AND private.is_doctor(who))
        OR dieuhanh.reach('consultations')
          && dieuhanh.place_keys(found.place, found.district_code)) THEN
        PERFORM private.refuse('DH404',
          'Không có ca này trong phần việc của bạn. / There is no such case of yours.');
      END IF;
      RETURN found;
    END $$
    """,
    """
    CREATE FUNCTION private.consultation_line(c register.consultations) RETURNS jsonb
    LANGUAGE sql STABLE AS $$
      SELECT jsonb_build_object('id', c.id, 'code', c.code, 'priority', c.priority,
        'state', c.state, 'outcome', c.outcome, 'tries', c.tries, 'due_at', c.due_at,
        'received_at', c.made_at, 'taken_at', c.taken_at, 'called_at', c.called_at,
        'closed_at', c.closed_at, 'commune_code', c.commune_code,
        'district_code', c.district_code, 'sos', private.sos_code(c.sos_id),
        'taken_by', (SELECT a.login FROM private.account AS a WHERE a.id = c.taken_by),
        'facility', (SELECT f.name FROM layer.medical_facilities AS f
          WHERE 'medical_facilities/' || f.id = c.place))
    $$
    """,
    # Numbers for who may take; their own cases; the queue for who keeps it. No case in full.
    """
    CREATE FUNCTION dieuhanh.consultations_desk(most integer) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('viewer', 'officer', 'admin');
      reached text[] := dieuhanh.reach('consultations');
      is_doctor boolean := private.is_doctor(who);
    BEGIN
      IF NOT is_doctor AND reached = '{}' THEN
        PERFORM private.refuse('DH403', 'Trang này dành cho bác sĩ đã được Sở Y tế xác nhận và Sở Y tế.'
          ' / This is for doctors whom the health department has verified, and for the department.');
      END IF;
      RETURN jsonb_build_object('takes', is_doctor OR '*' = ANY (reached), 'keeps', reached <> '{}',
        'waiting', (SELECT coalesce(jsonb_object_agg(w.priority, w.many), '{}') FROM (
          SELECT c.priority, count(*) AS many FROM register.consultations AS c
          WHERE c.state = 'waiting' GROUP BY 1) AS w),
        'oldest_at', (SELECT min(c.made_at) FROM register.consultations AS c
          WHERE c.state = 'waiting'),
        'mine', (SELECT coalesce(jsonb_agg(private.consultation_line(o.c)
            ORDER BY (o.c).state DESC, (o.c).priority, (o.c).due_at), '[]')
          FROM (SELECT c FROM register.consultations AS c
            WHERE c.taken_by = who.id AND c.state IN ('taken', 'follow_up') LIMIT most) AS o),
        'sent', (SELECT coalesce(jsonb_agg(private.consultation_line(o.c)
            ORDER BY (o.c).closed_at DESC), '[]')
          FROM (SELECT c FROM register.consultations AS c
            WHERE c.outcome = 'facility' AND c.closed_at > now() - interval '3 days'
              AND reached && dieuhanh.place_keys(c.place, c.district_code)
            ORDER BY c.closed_at DESC LIMIT most) AS o),
        'queue', (SELECT coalesce(jsonb_agg(private.consultation_line(o.c)
            ORDER BY (o.c).priority, coalesce((o.c).due_at, (o.c).made_at), (o.c).id), '[]')
          FROM (SELECT c FROM register.consultations AS c
            WHERE c.state <> 'closed' AND reached && dieuhanh.place_keys(c.place, c.district_code)
            ORDER BY c.priority, coalesce(c.due_at, c.made_at), c.id LIMIT most) AS o));
    END $$
    """,
    # The next for a doctor: who is in danger first, then who waits longest. Rows that others are
    # just taking are passed over, so that no two get the same. What somebody took and left comes
    # again; a follow-up is its doctor's own until it is an hour late.
    """
    CREATE FUNCTION dieuhanh.consultation_take(stale_minutes integer) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('viewer', 'officer', 'admin');
      found uuid;
    BEGIN
      IF NOT private.is_doctor(who) AND NOT '*' = ANY (dieuhanh.reach('consultations')) THEN
        PERFORM private.refuse('DH403',
          'Chỉ bác sĩ đã được xác nhận mới nhận ca. / Only verified doctors take cases.');
      END IF;
      IF (SELECT count(*) FROM register.consultations AS c
          WHERE c.taken_by = who.id AND c.state = 'taken') >= 5 THEN
        PERFORM private.refuse('DH409', 'Bạn đang giữ 5 ca; hãy ghi kết quả hoặc trả lại trước.'
          ' / You have 5 cases; say what came of them or give them back first.');
      END IF;
      SELECT c.id INTO found FROM register.consultations AS c
      WHERE c.state <> 'closed' AND (
        (c.state = 'waiting' AND coalesce(c.due_at <= now(), true))
        OR (c.state = 'taken' AND c.taken_by IS DISTINCT FROM who.id
          AND c.taken_at < now() - make_interval(mins => stale_minutes))
        OR (c.state = 'follow_up' AND c.due_at <= now()
          AND (c.taken_by = who.id OR c.taken_by IS NULL OR c.due_at < now() - interval '1 hour')))
      ORDER BY c.priority, coalesce(c.due_at, c.made_at), c.id LIMIT 1 FOR UPDATE SKIP LOCKED;
      IF found IS NOT NULL THEN
        UPDATE register.consultations SET state = 'taken', taken_by = who.id, taken_at = now()
        WHERE id = found;
        PERFORM private.consultation_note(found, 'taken');
      END IF;
      RETURN found;
    END $$
    """,
    # All of a case; that it was looked at is written down.
    """
    CREATE FUNCTION dieuhanh.consultation_case(row_id uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('viewer', 'officer', 'admin');
      found register.consultations := private.consultation_for(row_id, who);
      spot geography := private.commune_point(found.home_commune);
    BEGIN
      PERFORM private.consultation_note(row_id, 'looked');
      RETURN private.consultation_line(found) || jsonb_build_object(
        'mine', found.taken_by IS NOT DISTINCT FROM who.id,
        'lon', ST_X(spot::geometry), 'lat', ST_Y(spot::geometry),
        'person', (SELECT to_jsonb(k) - '{id,content_hash,follow_hash,phone_hash}'::text[]
          FROM private.consultation AS k WHERE k.id = row_id),
        'steps', (SELECT coalesce(jsonb_agg(jsonb_build_object('at', s.at, 'actor', s.actor,
            'kind', s.kind, 'note', s.note) ORDER BY s.id DESC), '[]')
          FROM private.consultation_step AS s WHERE s.consultation_id = row_id));
    END $$
    """,
    # What came of a call. Only who has taken the case says so.
    """
    CREATE FUNCTION dieuhanh.consultation_record(row_id uuid, what text, facts jsonb,
      most_tries integer) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('viewer', 'officer', 'admin');
      found register.consultations := private.consultation_for(row_id, who);
      at timestamptz := (facts->>'due_at')::timestamptz;
      site layer.medical_facilities;
    BEGIN
      IF found.state NOT IN ('taken', 'follow_up') OR found.taken_by IS DISTINCT FROM who.id THEN
        PERFORM private.refuse('DH409',
          'Ca này không phải do bạn đang giữ. / You do not have this case.');
      END IF;
      IF what IN ('advice', 'prescribed', 'no_need') AND coalesce(facts->>'note', '') = '' THEN
        PERFORM private.refuse('DH422', 'Hãy ghi kết quả. / Say what came of it.');
      END IF;
      IF what IN ('not_reached', 'follow_up') AND (what = 'follow_up' OR at IS NOT NULL)
        AND (at IS NULL OR at < now() OR at > now() + interval '31 days') THEN
        PERFORM private.refuse('DH422', 'Giờ gọi lại phải từ bây giờ đến 31 ngày tới.'
          ' / The time of the next call must be within 31 days from now.');
      END IF;
      PERFORM private.consultation_note(row_id, what, facts->>'note');
      IF what = 'give_back' THEN
        UPDATE register.consultations SET state = 'waiting', taken_by = NULL, taken_at = NULL
        WHERE id = row_id;
      ELSIF what = 'not_reached' THEN
        UPDATE register.consultations SET tries = tries + 1,
          state = CASE WHEN tries + 1 >= most_tries THEN 'closed' ELSE 'waiting' END,
          outcome = CASE WHEN tries + 1 >= most_tries THEN 'unreachable' END,
          closed_at = CASE WHEN tries + 1 >= most_tries THEN now() END,
          due_at = coalesce(at, now() + interval '30 minutes'), taken_by = NULL, taken_at = NULL
        WHERE id = row_id;
      ELSIF what = 'follow_up' THEN
        UPDATE register.consultations SET state = 'follow_up', due_at = at,
          called_at = coalesce(called_at, now()) WHERE id = row_id;
      ELSE
        IF what = 'sos' THEN
          PERFORM private.consultation_to_sos(row_id, who.id::text, NULL, '{"minutes": 1}');
        ELSIF what = 'facility' THEN
          SELECT * INTO site FROM layer.medical_facilities AS f
          WHERE f.code = facts->>'facility' AND f.state = 'open';
          IF site.id IS NULL THEN
            PERFORM private.refuse('DH422', 'Hãy chọn một cơ sở y tế đang tiếp nhận.'
              ' / Choose a medical facility that is open.');
          END IF;
        END IF;
        UPDATE register.consultations SET state = 'closed', outcome = what, closed_at = now(),
          called_at = coalesce(called_at, now()),
          place = CASE WHEN site.id IS NULL THEN place ELSE 'medical_facilities/' || site.id END
        WHERE id = row_id;
      END IF;
      RETURN (SELECT c.state FROM register.consultations AS c WHERE c.id = row_id);
    END $$
    """,
    # Numbers only. Officers of districts get their own.
    """
    CREATE FUNCTION dieuhanh.consultation_figures() RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as(
        'viewer', 'analyst', 'operator', 'coordinator', 'officer', 'admin');
      today date := dieuhanh.today();
      found jsonb;
    BEGIN
      SELECT jsonb_build_object('today', today,
        'waiting', count(*) FILTER (WHERE c.state = 'waiting'),
        'danger', count(*) FILTER (WHERE c.state = 'waiting' AND c.priority = 'p1'),
        'taken', count(*) FILTER (WHERE c.state = 'taken'),
        'follow_ups', count(*) FILTER (WHERE c.state = 'follow_up'),
        'oldest_min', round(extract(epoch FROM now() - min(c.made_at)
          FILTER (WHERE c.state = 'waiting')) / 60),
        'called_today', count(*) FILTER (WHERE dieuhanh.local_day(c.called_at) = today),
        'median_min', round((percentile_cont(0.5) WITHIN GROUP (
          ORDER BY extract(epoch FROM c.called_at - c.made_at))
          FILTER (WHERE dieuhanh.local_day(c.called_at) = today) / 60)::numeric, 1),
        'closed_today', count(*) FILTER (WHERE dieuhanh.local_day(c.closed_at) = today))
      INTO found FROM register.consultations AS c
      WHERE (c.state <> 'closed' OR c.closed_at > now() - interval '2 days')
        AND (who.role <> 'officer' OR cardinality(who.districts) = 0
          OR c.district_code = ANY (who.districts));
      RETURN found || jsonb_build_object('districts', (
        SELECT coalesce(jsonb_agg(jsonb_build_object('district_code', d.district_code,
          'waiting', d.waiting, 'danger', d.danger) ORDER BY d.waiting DESC, d.district_code), '[]')
        FROM (SELECT c.district_code, count(*) AS waiting,
            count(*) FILTER (WHERE c.priority = 'p1') AS danger
          FROM register.consultations AS c
          WHERE c.state = 'waiting' AND (who.role <> 'officer' OR cardinality(who.districts) = 0
            OR c.district_code = ANY (who.districts))
          GROUP BY 1) AS d));
    END $$
    """,
    # One number for the dashboard, everybody's to read.
    """
    CREATE FUNCTION dieuhanh.help_figure(what text) RETURNS float8
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
      SELECT CASE what
        WHEN 'waiting' THEN (SELECT count(*) FROM register.consultations AS c
          WHERE c.state = 'waiting')
        WHEN 'volunteers' THEN (SELECT count(*) FROM register.volunteers AS v
          WHERE v.state <> 'paused')
        WHEN 'minutes' THEN (SELECT percentile_cont(0.5) WITHIN GROUP (
            ORDER BY extract(epoch FROM c.called_at - c.made_at)) / 60
          FROM register.consultations AS c WHERE c.called_at > now() - interval '24 hours')
        END
    $$
    """,
    # Who asked and why goes so many days after the end; the numbered row stays, of nobody.
    """
    CREATE FUNCTION private.purge_consultations(keep_days float8, piece integer) RETURNS integer
    LANGUAGE plpgsql AS $$
    DECLARE
      gone uuid[];
    BEGIN
      gone := ARRAY(SELECT k.id FROM private.consultation AS k
        JOIN register.consultations AS c ON c.id = k.id
        WHERE coalesce(c.closed_at, c.updated_at) < now() - make_interval(secs => keep_days * 86400)
        ORDER BY c.made_at LIMIT piece FOR UPDATE OF k SKIP LOCKED);
      PERFORM set_config('dieuhanh.bulk', 'on', true);
      UPDATE register.consultations SET state = 'closed', outcome = 'unreachable', closed_at = now()
      WHERE id = ANY (gone) AND state <> 'closed';
      DELETE FROM private.consultation_step WHERE consultation_id = ANY (gone);
      DELETE FROM register.change AS c WHERE c.register = 'consultations' AND c.row_id = ANY (gone);
      DELETE FROM private.consultation WHERE id = ANY (gone);
      RETURN cardinality(gone);
    END $$
    """,
)

EVERYBODY = (
    "dieuhanh_public, dieuhanh_viewer, dieuhanh_analyst, dieuhanh_officer, dieuhanh_rescuer,"
    " dieuhanh_operator, dieuhanh_coordinator, dieuhanh_admin"
)
DOCTORS = "dieuhanh_viewer, dieuhanh_officer, dieuhanh_admin"
CALLED = {
    "consultations_desk(integer)": DOCTORS,
    "consultation_take(integer)": DOCTORS,
    "consultation_case(uuid)": DOCTORS,
    "consultation_record(uuid, text, jsonb, integer)": DOCTORS,
    "help_figure(text)": EVERYBODY,
    "consultation_figures()": f"{DOCTORS}, dieuhanh_analyst, dieuhanh_operator,"
    " dieuhanh_coordinator",
}
PRIVATE = (
    "purge_consultations(float8, integer)",
    "consultation_line(register.consultations)",
    "consultation_for(uuid, private.account)",
    "is_doctor(private.account)",
    "consultation_to_sos(uuid, text, bytea, jsonb)",
    "consultation_does(bytea, text, bytea, jsonb)",
    "consultation_followed(bytea)",
    "sos_code(uuid)",
    "post_consultation(jsonb, jsonb, bytea, bytea, bytea, bytea, boolean, jsonb)",
    "consultation_note(uuid, text, text)",
)


def upgrade() -> None:
    grants = (
        statement
        for name, callers in CALLED.items()
        for statement in (
            f"REVOKE EXECUTE ON FUNCTION dieuhanh.{name} FROM PUBLIC",
            f"GRANT EXECUTE ON FUNCTION dieuhanh.{name} TO {callers}",
        )
    )
    # Functions of SQL are checked as they are made: what they call comes first.
    for statement in (*TABLES, *HAND_OVER, *POSTING, *DESK, *grants):
        # Straight to the driver, so that a colon stays what it is.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    for name in CALLED:
        op.execute(f"DROP FUNCTION dieuhanh.{name}")
    for name in PRIVATE:
        op.execute(f"DROP FUNCTION private.{name}")
    for table in ("private.consultation_step", "private.consultation"):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP TABLE register.consultations CASCADE")
    op.execute("DROP FUNCTION register.keep_consultation()")
    op.execute("DROP SEQUENCE register.consultation_number")
