"""Visits and doses: the rules of a dose, what it takes from the stock, observation.

Revises: 0037
"""

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

KEEPERS = "dieuhanh_officer, dieuhanh_admin"
_PLACE = "place = 'elsewhere' OR place ~ '^vaccination_points/[0-9]{1,18}$'"

TABLES = (
    f"""
    CREATE TABLE register.vaccinations (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      version bigint NOT NULL DEFAULT 1,
      person_id uuid NOT NULL REFERENCES private.person,
      place text NOT NULL CHECK ({_PLACE}),
      registration_id uuid REFERENCES register.vaccination_registrations ON DELETE SET NULL,
      session_id uuid REFERENCES register.vaccination_sessions,
      priority_group text REFERENCES register.priority_group,
      residence text,
      is_adult boolean,
      state text NOT NULL DEFAULT 'arrived',
      arrived_at timestamptz(0),
      screened_at timestamptz(0),
      number integer CHECK (number BETWEEN 1 AND 9),
      vaccine text REFERENCES register.vaccine,
      lot text CHECK (char_length(lot) <= 40),
      site text,
      given_at timestamptz(0),
      given_on date,
      given_by text,
      is_full boolean NOT NULL DEFAULT false,
      observe_until timestamptz(0),
      left_at timestamptz(0),
      reason text CHECK (char_length(reason) <= 500),
      commune_code text,
      district_code text,
      made_at timestamptz(0) NOT NULL DEFAULT now(),
      updated_at timestamptz(0) NOT NULL DEFAULT now(),
      CONSTRAINT ck_vaccinations_state_code CHECK ("state" IN ('arrived', 'fit', 'observing',
        'done', 'deferred', 'refused', 'contraindicated', 'void')),
      CONSTRAINT ck_vaccinations_site_code CHECK ("site" IN ('left_arm', 'right_arm', 'thigh')),
      CONSTRAINT ck_vaccinations_dose CHECK ((number IS NOT NULL) = (given_at IS NOT NULL)
        AND (number IS NOT NULL) = (vaccine IS NOT NULL)
        AND (number IS NOT NULL) = (state IN ('observing', 'done', 'void'))
        AND (number IS NULL OR lot IS NOT NULL OR place = 'elsewhere'))
    )
    """,
    "CREATE UNIQUE INDEX vaccinated_once ON register.vaccinations (person_id, number)"
    " WHERE number IS NOT NULL AND state <> 'void'",
    "CREATE UNIQUE INDEX vaccination_one_visit ON register.vaccinations (person_id)"
    " WHERE state IN ('arrived', 'fit', 'observing')",
    "CREATE INDEX ON register.vaccinations (given_on, residence, number, priority_group, is_full,"
    " is_adult) WHERE number IS NOT NULL AND state <> 'void'",
    "CREATE INDEX ON register.vaccinations (place, given_on) WHERE number IS NOT NULL",
    "CREATE INDEX ON register.vaccinations (place, arrived_at) WHERE arrived_at IS NOT NULL",
    "CREATE INDEX ON register.vaccinations (place) WHERE state IN ('arrived', 'fit', 'observing')",
    "CREATE INDEX ON register.vaccinations (session_id) WHERE session_id IS NOT NULL",
)

RULES = (
    # Refuses what takes a reason and has none.
    """
    CREATE FUNCTION private.need_reason(reason text, vi text, en text) RETURNS void
    LANGUAGE plpgsql AS $$
    BEGIN
      IF btrim(coalesce(reason, '')) = '' THEN
        PERFORM private.refuse('DH409', format(
          '%s; nếu vẫn tiêm phải ghi lý do. / %s; to go on takes a reason.', vi, en),
          jsonb_build_object('needs', 'reason'));
      END IF;
    END $$
    """,
    # A dose as it may be recorded: of a lot that may be given, of the next number, in its time.
    # Who gives two people the same number at once waits here for the other.
    """
    CREATE FUNCTION private.check_dose(v register.vaccinations) RETURNS register.vaccinations
    LANGUAGE plpgsql AS $$
    DECLARE
      who private.person;
      batch register.vaccine_lots;
      kind register.vaccine;
      other register.vaccinations;
      least integer;
    BEGIN
      SELECT * INTO who FROM private.person AS p WHERE p.id = v.person_id FOR NO KEY UPDATE;
      v.lot := upper(regexp_replace(v.lot, '\\s', '', 'g'));
      v.given_on := dieuhanh.local_day(v.given_at);
      IF v.given_at > now() + interval '5 minutes' THEN
        PERFORM private.refuse('DH422', 'Giờ tiêm ở tương lai. / Given in the future.');
      END IF;
      IF v.lot IS NOT NULL THEN
        SELECT * INTO batch FROM register.vaccine_lots AS l WHERE l.lot = v.lot FOR SHARE;
        v.vaccine := coalesce(v.vaccine, batch.vaccine);
        IF batch.vaccine <> v.vaccine OR batch.id IS NULL AND v.place <> 'elsewhere' THEN
          PERFORM private.refuse('DH422', format(
            'Không có lô %s của vắc-xin này. / There is no lot %s of this vaccine.', v.lot, v.lot));
        ELSIF batch.state <> 'usable' THEN
          PERFORM private.refuse('DH409', format('Lô %s đã bị thu hồi. / Lot %s is recalled.',
            v.lot, v.lot));
        ELSIF batch.expires_on < v.given_on THEN
          PERFORM private.refuse('DH409', format('Lô %s đã hết hạn ngày %s. / Lot %s expired on %s.',
            v.lot, to_char(batch.expires_on, 'DD/MM/YYYY'), v.lot, batch.expires_on));
        END IF;
      ELSIF v.place <> 'elsewhere' THEN
        PERFORM private.refuse('DH422', 'Cần số lô. / The lot is needed.');
      END IF;
      SELECT * INTO kind FROM register.vaccine AS k WHERE k.id = v.vaccine;
      IF NOT FOUND THEN
        PERFORM private.refuse('DH422', 'Cần tên vắc-xin. / The vaccine is needed.');
      END IF;
      v.number := coalesce(v.number, (SELECT coalesce(max(d.number), 0) + 1
        FROM register.vaccinations AS d WHERE d.person_id = v.person_id
        AND d.number IS NOT NULL AND d.state <> 'void' AND d.id <> v.id));
      SELECT * INTO other FROM register.vaccinations AS d WHERE d.person_id = v.person_id
        AND d.number = v.number AND d.state <> 'void' AND d.id <> v.id;
      IF FOUND THEN
        PERFORM private.refuse('DH409', format(
          'Mũi %s đã tiêm ngày %s. / Dose %s was given on %s.', v.number,
          to_char(other.given_on, 'DD/MM/YYYY'), v.number, other.given_on));
      END IF;
      v.is_full := v.number >= kind.doses;
      v.is_adult := coalesce(extract(year FROM v.given_on)::integer - who.birth_year >= 18, true);
      IF extract(year FROM v.given_on)::integer - who.birth_year < kind.least_age THEN
        PERFORM private.need_reason(v.reason, format('Chưa đủ %s tuổi', kind.least_age),
          format('Younger than %s', kind.least_age));
      END IF;
      SELECT * INTO other FROM register.vaccinations AS d WHERE d.person_id = v.person_id
        AND d.number < v.number AND d.state <> 'void' AND d.id <> v.id ORDER BY d.number DESC LIMIT 1;
      IF v.number > 1 AND other.number IS DISTINCT FROM v.number - 1 THEN
        PERFORM private.need_reason(v.reason, format('Chưa ghi mũi %s', v.number - 1),
          format('Dose %s is not recorded', v.number - 1));
      ELSIF v.number > 1 THEN
        SELECT k.least_days INTO least FROM register.vaccine AS k WHERE k.id = other.vaccine;
        IF v.given_on < other.given_on THEN
          PERFORM private.refuse('DH422', format('Trước mũi %s (%s). / Before dose %s (%s).',
            other.number, to_char(other.given_on, 'DD/MM/YYYY'), other.number, other.given_on));
        ELSIF v.given_on < other.given_on + least THEN
          PERFORM private.need_reason(v.reason, format(
            'Mũi %s ngày %s, phải cách ít nhất %s ngày (từ %s)', other.number,
            to_char(other.given_on, 'DD/MM/YYYY'), least,
            to_char(other.given_on + least, 'DD/MM/YYYY')), format(
            'Dose %s was on %s; %s days must pass (from %s)', other.number, other.given_on, least,
            other.given_on + least));
        END IF;
        IF other.vaccine <> v.vaccine AND NOT other.vaccine = ANY (kind.completes) THEN
          PERFORM private.need_reason(v.reason, format('Mũi trước là vắc-xin %s', other.vaccine),
            format('The dose before was %s', other.vaccine));
        END IF;
      END IF;
      PERFORM private.refuse('DH422', format('Sau mũi %s (%s). / After dose %s (%s).', d.number,
        to_char(d.given_on, 'DD/MM/YYYY'), d.number, d.given_on))
      FROM register.vaccinations AS d WHERE d.person_id = v.person_id AND d.number > v.number
        AND d.state <> 'void' AND d.given_on < v.given_on AND d.id <> v.id;
      RETURN v;
    END $$
    """,
    # Whoever comes is received; whatever says of a dose is checked, by whatever way it comes.
    """
    CREATE FUNCTION register.keep_vaccination() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      known register.vaccination_registrations;
    BEGIN
      IF private.is_bulk() THEN
        RETURN NEW;
      END IF;
      IF TG_OP = 'INSERT' THEN
        SELECT * INTO known FROM register.vaccination_registrations AS r
        WHERE r.person_id = NEW.person_id AND r.state IN ('waiting', 'invited', 'arrived');
        NEW.registration_id := known.id;
        NEW.priority_group := coalesce(NEW.priority_group, known.priority_group);
        SELECT p.commune_code INTO NEW.residence FROM private.person AS p WHERE p.id = NEW.person_id;
        IF NEW.given_at IS NULL THEN
          IF NEW.number IS NOT NULL OR NEW.vaccine IS NOT NULL OR NEW.lot IS NOT NULL
            OR NEW.place = 'elsewhere' THEN
            PERFORM private.refuse('DH422', 'Mũi đã tiêm phải có giờ tiêm.'
              ' / A dose that was given needs its time.');
          END IF;
          NEW.arrived_at := now();
          SELECT s.id INTO NEW.session_id FROM register.vaccination_sessions AS s
          WHERE s.place = NEW.place AND s.day = dieuhanh.today() AND s.state = 'planned'
          ORDER BY s.id = known.session_id DESC NULLS LAST, s.opens LIMIT 1;
          RETURN NEW;
        END IF;
        NEW.state := 'done';
        NEW.given_by := dieuhanh.actor();
        RETURN private.check_dose(NEW);
      END IF;
      IF NEW.given_at IS NOT NULL AND NEW.state <> 'void'
        AND (NEW.number, NEW.vaccine, NEW.lot, NEW.given_at, OLD.state = 'void')
        IS DISTINCT FROM (OLD.number, OLD.vaccine, OLD.lot, OLD.given_at, false) THEN
        RETURN private.check_dose(NEW);
      END IF;
      RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER keep_vaccination BEFORE INSERT OR UPDATE ON register.vaccinations"
    " FOR EACH ROW EXECUTE FUNCTION register.keep_vaccination()",
    # A dose takes from the stock of its point, and one that was not given goes back.
    """
    CREATE FUNCTION register.use_dose() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      before text;
      after text := CASE WHEN NEW.number IS NOT NULL AND NEW.state <> 'void'
        AND NEW.place <> 'elsewhere' THEN NEW.lot END;
    BEGIN
      IF private.is_bulk() THEN
        RETURN NULL;
      END IF;
      IF TG_OP = 'UPDATE' THEN
        before := CASE WHEN OLD.number IS NOT NULL AND OLD.state <> 'void'
          AND OLD.place <> 'elsewhere' THEN OLD.lot END;
      END IF;
      IF before IS DISTINCT FROM after THEN
        INSERT INTO register.stock_movements (place, lot, kind, doses, dose_id)
        SELECT NEW.place, m.lot, m.kind, 1, NEW.id
        FROM (VALUES (before, 'unused'), (after, 'used')) AS m(lot, kind) WHERE m.lot IS NOT NULL;
      END IF;
      IF NEW.number IS NOT NULL AND (TG_OP = 'INSERT' OR OLD.number IS NULL) THEN
        PERFORM private.plan_next(NEW);
      ELSIF TG_OP = 'INSERT' THEN
        UPDATE register.vaccination_registrations
        SET state = 'arrived', place = NEW.place WHERE id = NEW.registration_id;
      END IF;
      RETURN NULL;
    END $$
    """,
    # After a dose: the next one is due in its time, or there is none.
    """
    CREATE FUNCTION private.plan_next(dose register.vaccinations) RETURNS void
    LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE register.vaccination_registrations AS r SET
        state = CASE WHEN dose.is_full THEN 'done' ELSE 'waiting' END,
        place = CASE WHEN dose.is_full THEN r.place ELSE 'home' END,
        session_id = CASE WHEN dose.is_full THEN r.session_id END,
        slot_at = CASE WHEN dose.is_full THEN r.slot_at END,
        next_dose = CASE WHEN dose.is_full THEN r.next_dose ELSE dose.number + 1 END,
        last_vaccine = dose.vaccine,
        not_before = CASE WHEN NOT dose.is_full THEN dose.given_on + k.recommended_days END
      FROM register.vaccine AS k
      WHERE k.id = dose.vaccine AND r.person_id = dose.person_id
        AND r.state IN ('waiting', 'invited', 'arrived');
      IF NOT FOUND AND NOT dose.is_full AND dose.priority_group IS NOT NULL
        AND dose.state = 'observing' THEN
        INSERT INTO register.vaccination_registrations (person_id, priority_group)
        VALUES (dose.person_id, dose.priority_group);
      END IF;
    END $$
    """,
    "CREATE TRIGGER use_dose AFTER INSERT OR UPDATE ON register.vaccinations"
    " FOR EACH ROW EXECUTE FUNCTION register.use_dose()",
)

ACTIONS = (
    # A visit in one of some states, locked, for one who keeps it.
    """
    CREATE FUNCTION private.visit_in(row_id uuid, VARIADIC states text[])
    RETURNS register.vaccinations LANGUAGE plpgsql AS $$
    DECLARE
      found register.vaccinations;
    BEGIN
      PERFORM private.acting_as('officer', 'admin');
      PERFORM private.require_row('vaccinations', row_id);
      SELECT * INTO found FROM register.vaccinations AS v WHERE v.id = row_id FOR UPDATE;
      IF NOT found.state = ANY (states) THEN
        PERFORM private.refuse('DH409', 'Lượt tiêm này không còn ở bước đó.'
          ' / This visit is not at that step any more.');
      END IF;
      RETURN found;
    END $$
    """,
    """
    CREATE FUNCTION dieuhanh.vaccinations_screen(row_id uuid, facts jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      visit register.vaccinations := private.visit_in(row_id, 'arrived', 'fit');
      outcome text := facts->>'outcome';
      until date := (facts->>'until')::date;
    BEGIN
      IF outcome <> 'fit' AND btrim(coalesce(facts->>'reason', '')) = '' THEN
        PERFORM private.refuse('DH422', 'Cần ghi lý do. / A reason is needed.');
      END IF;
      UPDATE register.vaccinations SET state = outcome, screened_at = now(),
        reason = facts->>'reason' WHERE id = visit.id;
      IF outcome <> 'fit' THEN
        UPDATE register.vaccination_registrations SET place = 'home', session_id = NULL,
          slot_at = NULL, reason = facts->>'reason',
          state = CASE outcome WHEN 'deferred' THEN 'waiting' ELSE 'cancelled' END,
          not_before = CASE outcome WHEN 'deferred' THEN greatest(not_before, until) END
        WHERE id = visit.registration_id AND state = 'arrived';
      END IF;
    END $$
    """,
    """
    CREATE FUNCTION dieuhanh.vaccinations_give(row_id uuid, facts jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      visit register.vaccinations := private.visit_in(row_id, 'fit');
    BEGIN
      UPDATE register.vaccinations SET state = 'observing', lot = facts->>'lot',
        site = facts->>'site', reason = coalesce(facts->>'reason', reason), given_at = now(),
        given_by = dieuhanh.actor(), observe_until = now() + make_interval(mins => (
          SELECT observe_minutes FROM register.vaccination_rule)) WHERE id = visit.id;
    END $$
    """,
    """
    CREATE FUNCTION dieuhanh.vaccinations_leave(row_id uuid, facts jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      visit register.vaccinations := private.visit_in(row_id, 'observing');
    BEGIN
      IF now() < visit.observe_until AND btrim(coalesce(facts->>'reason', '')) = '' THEN
        PERFORM private.refuse('DH409', format(
          'Phải theo dõi đến %s; cho về sớm phải ghi lý do.'
          ' / Observe until %s; to end it sooner takes a reason.',
          to_char(visit.observe_until AT TIME ZONE p.time_zone, 'HH24:MI'),
          to_char(visit.observe_until AT TIME ZONE p.time_zone, 'HH24:MI')),
          jsonb_build_object('needs', 'reason')) FROM register.province AS p;
      END IF;
      UPDATE register.vaccinations SET state = 'done', left_at = now(),
        reason = coalesce(facts->>'reason', reason) WHERE id = visit.id;
    END $$
    """,
)

CALLED = tuple(f"vaccinations_{name}(uuid, jsonb)" for name in ("screen", "give", "leave"))
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
    op.execute("DROP FUNCTION private.check_dose(register.vaccinations)")
    op.execute("DROP FUNCTION private.plan_next(register.vaccinations)")
    op.execute("DROP FUNCTION private.visit_in(uuid, text[])")
    op.execute("DROP FUNCTION private.need_reason(text, text, text)")
    op.execute("DROP TABLE register.vaccinations CASCADE")
    op.execute("DROP FUNCTION register.keep_vaccination()")
    op.execute("DROP FUNCTION register.use_dose()")
