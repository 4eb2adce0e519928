"""Sessions with their slots, registrations in their order, and invitations that fill the slots.

Revises: 0036
"""

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

KEEPERS = "dieuhanh_officer, dieuhanh_admin"
_POINT = "place ~ '^vaccination_points/[0-9]{1,18}$'"
_HOUR = "~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'"
_OPEN = "state IN ('waiting', 'invited', 'arrived')"

TABLES = (
    f"""
    CREATE TABLE register.vaccination_sessions (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      version bigint NOT NULL DEFAULT 1,
      place text NOT NULL CHECK ({_POINT}),
      day date NOT NULL,
      vaccine text NOT NULL REFERENCES register.vaccine,
      lot text REFERENCES register.vaccine_lots (lot),
      opens text NOT NULL DEFAULT '07:30' CHECK (opens {_HOUR}),
      closes text NOT NULL DEFAULT '11:30' CHECK (closes {_HOUR} AND closes > opens),
      slot_minutes integer NOT NULL DEFAULT 60 CHECK (slot_minutes BETWEEN 5 AND 720),
      slot_capacity integer NOT NULL CHECK (slot_capacity BETWEEN 1 AND 1000),
      teams integer CHECK (teams BETWEEN 0 AND 200),
      state text NOT NULL DEFAULT 'planned',
      note text CHECK (char_length(note) <= 500),
      commune_code text,
      district_code text,
      made_at timestamptz(0) NOT NULL DEFAULT now(),
      updated_at timestamptz(0) NOT NULL DEFAULT now(),
      CONSTRAINT ck_vaccination_sessions_state_code CHECK (
        "state" IN ('planned', 'closed', 'cancelled'))
    )
    """,
    """
    CREATE TABLE register.session_slot (
      session_id uuid NOT NULL REFERENCES register.vaccination_sessions ON DELETE CASCADE,
      starts_at timestamptz(0) NOT NULL,
      capacity integer NOT NULL,
      taken integer NOT NULL DEFAULT 0 CHECK (taken BETWEEN 0 AND capacity),
      PRIMARY KEY (session_id, starts_at)
    )
    """,
    f"""
    CREATE TABLE register.vaccination_registrations (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      version bigint NOT NULL DEFAULT 1,
      person_id uuid NOT NULL REFERENCES private.person,
      place text NOT NULL DEFAULT 'home' CHECK (place = 'home' OR {_POINT}),
      priority_group text NOT NULL REFERENCES register.priority_group,
      source text NOT NULL DEFAULT 'officer',
      organisation text CHECK (char_length(organisation) <= 160),
      contact text CHECK (char_length(contact) <= 160),
      state text NOT NULL DEFAULT 'waiting',
      next_dose integer NOT NULL DEFAULT 1 CHECK (next_dose BETWEEN 1 AND 9),
      not_before date,
      last_vaccine text,
      session_id uuid REFERENCES register.vaccination_sessions,
      slot_at timestamptz(0),
      queue text NOT NULL,
      reason text CHECK (char_length(reason) <= 500),
      content_hash bytea,
      commune_code text,
      district_code text,
      made_at timestamptz(0) NOT NULL DEFAULT now(),
      updated_at timestamptz(0) NOT NULL DEFAULT now(),
      CONSTRAINT ck_vaccination_registrations_state_code CHECK (
        "state" IN ('waiting', 'invited', 'arrived', 'done', 'cancelled')),
      CONSTRAINT ck_vaccination_registrations_source_code CHECK (
        "source" IN ('self', 'organisation', 'officer')),
      CONSTRAINT ck_vaccination_registrations_invited CHECK (
        (state = 'invited') <= (session_id IS NOT NULL AND slot_at IS NOT NULL))
    )
    """,
    "CREATE UNIQUE INDEX vaccination_registered_once ON register.vaccination_registrations"
    f" (person_id) WHERE {_OPEN}",
    "CREATE INDEX vaccination_waiting ON register.vaccination_registrations (district_code, queue)"
    " WHERE state = 'waiting'",
    "CREATE INDEX ON register.vaccination_registrations (session_id) WHERE session_id IS NOT NULL",
    "CREATE INDEX ON register.vaccination_registrations (updated_at)",
)

RULES = (
    """
    CREATE FUNCTION register.plan_session() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      NEW.lot := upper(regexp_replace(NEW.lot, '\\s', '', 'g'));
      IF NEW.lot IS NOT NULL AND NOT EXISTS (SELECT FROM register.vaccine_lots AS l
        WHERE l.lot = NEW.lot AND l.vaccine = NEW.vaccine) THEN
        PERFORM private.refuse('DH422', format(
          'Không có lô %s của vắc-xin này. / There is no lot %s of this vaccine.',
          NEW.lot, NEW.lot));
      END IF;
      IF TG_OP = 'INSERT' AND NEW.day < dieuhanh.today() AND NOT private.is_bulk() THEN
        PERFORM private.refuse('DH422', format('Ngày %s đã qua. / The day %s is over.',
          to_char(NEW.day, 'DD/MM/YYYY'), NEW.day));
      END IF;
      RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER plan_session BEFORE INSERT OR UPDATE ON register.vaccination_sessions"
    " FOR EACH ROW EXECUTE FUNCTION register.plan_session()",
    """
    CREATE FUNCTION register.make_slots() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      INSERT INTO register.session_slot (session_id, starts_at, capacity)
      SELECT NEW.id, at AT TIME ZONE p.time_zone, NEW.slot_capacity
      FROM register.province AS p, generate_series(NEW.day + NEW.opens::time,
        NEW.day + NEW.closes::time - interval '1 minute',
        make_interval(mins => NEW.slot_minutes)) AS at;
      RETURN NULL;
    END $$
    """,
    "CREATE TRIGGER make_slots AFTER INSERT ON register.vaccination_sessions"
    " FOR EACH ROW EXECUTE FUNCTION register.make_slots()",
    # What comes next for who registers, by the doses that are recorded of them.
    """
    CREATE FUNCTION register.enter_registration() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      last record;
    BEGIN
      IF TG_OP = 'INSERT' THEN
        SELECT v.number, v.is_full, v.vaccine, v.given_on + r.recommended_days AS due INTO last
        FROM register.vaccinations AS v JOIN register.vaccine AS r ON r.id = v.vaccine
        WHERE v.person_id = NEW.person_id AND v.number IS NOT NULL AND v.state <> 'void'
        ORDER BY v.number DESC LIMIT 1;
        IF FOUND AND last.is_full THEN
          PERFORM private.refuse('DH409', 'Người này đã tiêm đủ liều.'
            ' / This person has had all doses.');
        ELSIF FOUND THEN
          NEW.next_dose := last.number + 1;
          NEW.last_vaccine := last.vaccine;
          NEW.not_before := last.due;
        END IF;
        IF NEW.organisation IS NOT NULL THEN
          NEW.source := 'organisation';
        END IF;
        NEW.queue := to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US');
      END IF;
      IF TG_OP = 'INSERT' OR NEW.priority_group <> OLD.priority_group THEN
        SELECT lpad(g.rank::text, 2, '0') || ' ' || right(NEW.queue, 26) INTO NEW.queue
        FROM register.priority_group AS g WHERE g.id = NEW.priority_group;
        IF NOT FOUND THEN
          PERFORM private.refuse('DH422', format('Không có nhóm ưu tiên %s.'
            ' / There is no priority group %s.', NEW.priority_group, NEW.priority_group));
        END IF;
      END IF;
      RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER enter_registration BEFORE INSERT OR UPDATE"
    " ON register.vaccination_registrations"
    " FOR EACH ROW EXECUTE FUNCTION register.enter_registration()",
    # A place that was kept for somebody who does not come is free again.
    """
    CREATE FUNCTION register.free_slot() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      UPDATE register.session_slot SET taken = taken - 1
      WHERE session_id = OLD.session_id AND starts_at = OLD.slot_at;
      RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER free_slot AFTER UPDATE ON register.vaccination_registrations
    FOR EACH ROW WHEN (OLD.state = 'invited' AND NEW.slot_at IS NULL)
    EXECUTE FUNCTION register.free_slot()
    """,
)

ACTIONS = (
    # A session that is still to come, locked, for one who keeps it.
    """
    CREATE FUNCTION private.planned_session(row_id uuid) RETURNS register.vaccination_sessions
    LANGUAGE plpgsql AS $$
    DECLARE
      found register.vaccination_sessions;
    BEGIN
      PERFORM private.acting_as('officer', 'admin');
      PERFORM private.require_row('vaccination_sessions', row_id);
      SELECT * INTO found FROM register.vaccination_sessions AS s WHERE s.id = row_id FOR UPDATE;
      IF found.state <> 'planned' THEN
        PERFORM private.refuse('DH409', 'Buổi tiêm này đã kết thúc. / This session is over.');
      END IF;
      RETURN found;
    END $$
    """,
    # The first in the queue who may have this vaccine that day, one for each place that is free.
    # Of two sessions that invite at once, each takes others: who is being invited is passed over.
    """
    CREATE FUNCTION dieuhanh.vaccination_sessions_invite(row_id uuid, facts jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      s register.vaccination_sessions := private.planned_session(row_id);
      among text := coalesce(facts->>'reach', 'district');
      v register.vaccine;
      places integer;
    BEGIN
      IF among = 'province' AND NOT '*' = ANY (dieuhanh.reach('vaccination_registrations')) THEN
        PERFORM private.refuse('DH403', 'Chỉ Sở Y tế mời người toàn tỉnh.'
          ' / Only the health department invites people of the whole province.');
      END IF;
      SELECT * INTO v FROM register.vaccine WHERE id = s.vaccine;
      PERFORM FROM register.session_slot AS k WHERE k.session_id = s.id
      ORDER BY k.starts_at FOR UPDATE;
      SELECT coalesce(sum(k.capacity - k.taken), 0) INTO places FROM register.session_slot AS k
      WHERE k.session_id = s.id AND k.starts_at > now();
      WITH picked AS MATERIALIZED (
        SELECT r.id, r.queue FROM register.vaccination_registrations AS r
        JOIN private.person AS p ON p.id = r.person_id
        WHERE r.state = 'waiting' AND r.next_dose <= v.doses
          AND coalesce(r.not_before, s.day) <= s.day
          AND (r.last_vaccine IS NULL OR r.last_vaccine = v.id
            OR r.last_vaccine = ANY (v.completes))
          AND (p.birth_year IS NULL
            OR extract(year FROM s.day)::integer - p.birth_year >= v.least_age)
          AND CASE among WHEN 'province' THEN true WHEN 'commune'
            THEN r.commune_code = s.commune_code ELSE r.district_code = s.district_code END
        ORDER BY r.queue, r.id LIMIT least(places, coalesce((facts->>'people')::integer, places))
        FOR UPDATE OF r SKIP LOCKED
      ), numbered AS (
        SELECT id, row_number() OVER (ORDER BY queue, id) AS n FROM picked
      ), free AS (
        SELECT k.starts_at, row_number() OVER (ORDER BY k.starts_at, g.n) AS n
        FROM register.session_slot AS k, generate_series(1, k.capacity - k.taken) AS g(n)
        WHERE k.session_id = s.id AND k.starts_at > now()
      ), invited AS (
        UPDATE register.vaccination_registrations AS r
        SET state = 'invited', place = s.place, session_id = s.id, slot_at = f.starts_at
        FROM numbered AS n JOIN free AS f USING (n) WHERE r.id = n.id
        RETURNING r.slot_at
      )
      UPDATE register.session_slot AS k SET taken = k.taken + i.people
      FROM (SELECT slot_at, count(*)::integer AS people FROM invited GROUP BY 1) AS i
      WHERE k.session_id = s.id AND k.starts_at = i.slot_at;
    END $$
    """,
    """
    CREATE FUNCTION private.uninvite(session uuid, said text) RETURNS void
    LANGUAGE sql AS $$
      UPDATE register.vaccination_registrations SET state = 'waiting', place = 'home',
        session_id = NULL, slot_at = NULL, reason = said
      WHERE session_id = session AND state = 'invited'
    $$
    """,
    *(
        f"""
        CREATE FUNCTION dieuhanh.vaccination_sessions_{action}(row_id uuid, facts jsonb)
        RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        DECLARE
          s register.vaccination_sessions := private.planned_session(row_id);
        BEGIN
          UPDATE register.vaccination_sessions
          SET state = '{state}', note = coalesce(facts->>'reason', note) WHERE id = s.id;
          PERFORM private.uninvite(s.id, facts->>'reason');
        END $$
        """
        for action, state in (("close", "closed"), ("cancel", "cancelled"))
    ),
    """
    CREATE FUNCTION private.change_registration(row_id uuid, states text[], becomes text,
      said text) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE register.vaccination_registrations SET state = becomes, place = 'home',
        session_id = NULL, slot_at = NULL, reason = said
      WHERE id = row_id AND state = ANY (states);
      IF NOT FOUND THEN
        PERFORM private.refuse('DH409', 'Đăng ký này không còn ở trạng thái đó.'
          ' / This registration is not in that state any more.');
      END IF;
    END $$
    """,
    *(
        f"""
        CREATE FUNCTION dieuhanh.vaccination_registrations_{action}(row_id uuid, facts jsonb)
        RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        BEGIN
          PERFORM private.acting_as('officer', 'admin');
          PERFORM private.require_row('vaccination_registrations', row_id);
          PERFORM private.change_registration(row_id, '{states}', '{becomes}', facts->>'reason');
        END $$
        """
        for action, states, becomes in (
            ("release", "{invited}", "waiting"),
            ("cancel", "{waiting,invited}", "cancelled"),
        )
    ),
)

CALLED = (
    *(f"vaccination_sessions_{name}(uuid, jsonb)" for name in ("invite", "close", "cancel")),
    *(f"vaccination_registrations_{name}(uuid, jsonb)" for name in ("release", "cancel")),
)
GRANTS = (
    *(f"REVOKE EXECUTE ON FUNCTION dieuhanh.{name} FROM PUBLIC" for name in CALLED),
    *(f"GRANT EXECUTE ON FUNCTION dieuhanh.{name} TO {KEEPERS}" for name in CALLED),
)


def upgrade() -> None:
    for statement in (*TABLES, *RULES, *ACTIONS, *GRANTS):
        # Straight to the driver, so that a colon stays what it is.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    for name in CALLED:
        op.execute(f"DROP FUNCTION dieuhanh.{name}")
    op.execute("DROP FUNCTION private.planned_session(uuid)")
    op.execute("DROP FUNCTION private.uninvite(uuid, text)")
    op.execute("DROP FUNCTION private.change_registration(uuid, text[], text, text)")
    for table in ("vaccination_registrations", "session_slot", "vaccination_sessions"):
        op.execute(f"DROP TABLE register.{table} CASCADE")
    for name in ("plan_session()", "make_slots()", "enter_registration()", "free_slot()"):
        op.execute(f"DROP FUNCTION register.{name}")
