"""Consultations by telephone: what is asked, what the one with the code may do, handing over to SOS.

Revises: 0046
"""

from alembic import op

revision = "0047"
down_revision = "0046"
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

PRIVATE = (
    "consultation_to_sos(uuid, text, bytea, jsonb)",
    "consultation_does(bytea, text, bytea, jsonb)",
    "consultation_followed(bytea)",
    "sos_code(uuid)",
    "post_consultation(jsonb, jsonb, bytea, bytea, bytea, bytea, boolean, jsonb)",
    "consultation_note(uuid, text, text)",
)


def upgrade() -> None:
    # Functions of SQL are checked as they are made: what they call comes first.
    for statement in (*TABLES, *HAND_OVER, *POSTING):
        # Straight to the driver, so that a colon stays what it is.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    for name in PRIVATE:
        op.execute(f"DROP FUNCTION private.{name}")
    for table in ("private.consultation_step", "private.consultation"):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP TABLE register.consultations CASCADE")
    op.execute("DROP FUNCTION register.keep_consultation()")
    op.execute("DROP SEQUENCE register.consultation_number")
