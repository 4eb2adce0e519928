"""Adverse reactions, and corrections of what is recorded: asked for by one, decided by another.

Revises: 0038
"""

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

KEEPERS = "dieuhanh_officer, dieuhanh_admin"
_PLACE = "place = 'elsewhere' OR place ~ '^vaccination_points/[0-9]{1,18}$'"
_SYMPTOMS = (
    "{local_pain,fever,headache,nausea,rash,fainting,dyspnoea,chest_pain,low_pressure,"
    "convulsion,other}"
)

REACTIONS = (
    f"""
    CREATE TABLE register.vaccine_reactions (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      version bigint NOT NULL DEFAULT 1,
      person_id uuid NOT NULL REFERENCES private.person,
      vaccination_id uuid NOT NULL REFERENCES register.vaccinations,
      place text NOT NULL CHECK ({_PLACE}),
      vaccine text NOT NULL,
      lot text,
      number integer NOT NULL,
      severity text NOT NULL,
      symptoms text NOT NULL CHECK (symptoms <> ''
        AND string_to_array(symptoms, ',') <@ '{_SYMPTOMS}'::text[]),
      details text CHECK (char_length(details) <= 2000),
      outcome text NOT NULL DEFAULT 'watched',
      began_at timestamptz(0) NOT NULL DEFAULT now(),
      reported_at timestamptz(0),
      reported_by text,
      commune_code text,
      district_code text,
      made_at timestamptz(0) NOT NULL DEFAULT now(),
      updated_at timestamptz(0) NOT NULL DEFAULT now(),
      CONSTRAINT ck_vaccine_reactions_severity_code CHECK (
        "severity" IN ('mild', 'severe', 'anaphylaxis')),
      CONSTRAINT ck_vaccine_reactions_outcome_code CHECK (
        "outcome" IN ('watched', 'recovered', 'hospital', 'died'))
    )
    """,
    "CREATE INDEX ON register.vaccine_reactions (vaccination_id)",
    """
    CREATE FUNCTION dieuhanh.vaccinations_react(row_id uuid, facts jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      visit register.vaccinations := private.visit_in(row_id, 'observing', 'done');
    BEGIN
      INSERT INTO register.vaccine_reactions (person_id, vaccination_id, place, vaccine, lot,
        number, severity, symptoms, details, outcome)
      VALUES (visit.person_id, visit.id, visit.place, visit.vaccine, visit.lot, visit.number,
        facts->>'severity', regexp_replace(facts->>'symptoms', '\\s', '', 'g'), facts->>'details',
        coalesce(facts->>'outcome', 'watched'));
    END $$
    """,
    """
    CREATE FUNCTION dieuhanh.vaccine_reactions_report(row_id uuid, facts jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      PERFORM private.acting_as('officer', 'admin');
      PERFORM private.require_row('vaccine_reactions', row_id);
      UPDATE register.vaccine_reactions SET reported_at = now(), reported_by = dieuhanh.actor()
      WHERE id = row_id AND reported_at IS NULL;
      IF NOT FOUND THEN
        PERFORM private.refuse('DH409', 'Đã báo rồi. / It has been reported.');
      END IF;
    END $$
    """,
)

CORRECTIONS = (
    # What was recorded and what is asked for stand beside each other as texts, as they were then.
    """
    CREATE TABLE register.vaccination_corrections (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      version bigint NOT NULL DEFAULT 1,
      person_id uuid NOT NULL REFERENCES private.person,
      place text NOT NULL DEFAULT 'home',
      vaccination_id uuid REFERENCES register.vaccinations,
      number integer CHECK (number BETWEEN 1 AND 9),
      field text NOT NULL,
      new_name text CHECK (char_length(new_name) BETWEEN 1 AND 120),
      new_birth_year integer CHECK (new_birth_year BETWEEN 1880 AND 2200),
      vaccine text REFERENCES register.vaccine,
      lot text CHECK (char_length(lot) <= 40),
      given_on date,
      evidence text CHECK (char_length(evidence) <= 500),
      old_value text,
      new_value text,
      state text NOT NULL DEFAULT 'open',
      asked_by text NOT NULL,
      decided_by text,
      decided_at timestamptz(0),
      reason text CHECK (char_length(reason) <= 500),
      commune_code text,
      district_code text,
      made_at timestamptz(0) NOT NULL DEFAULT now(),
      updated_at timestamptz(0) NOT NULL DEFAULT now(),
      CONSTRAINT ck_vaccination_corrections_field_code CHECK ("field" IN ('name', 'birth_year',
        'vaccine', 'lot', 'given_on', 'missing_dose', 'not_given')),
      CONSTRAINT ck_vaccination_corrections_state_code CHECK (
        "state" IN ('open', 'applied', 'rejected')),
      CONSTRAINT ck_vaccination_corrections_decided CHECK (
        (state = 'open') = (decided_by IS NULL) AND decided_by <> asked_by)
    )
    """,
    "CREATE UNIQUE INDEX vaccination_correction_once ON register.vaccination_corrections"
    " (person_id, field, coalesce(number, 0)) WHERE state = 'open'",
    "CREATE INDEX ON register.vaccination_corrections (decided_at) WHERE state = 'rejected'",
    # A person that is known, by an identity number or a telephone number; nobody is made or
    # changed. Of several with a telephone number the name decides, then the year of birth.
    """
    CREATE FUNCTION dieuhanh.find_person(named text, facts jsonb, identity bytea, telephone bytea)
    RETURNS uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      found uuid[];
    BEGIN
      PERFORM private.acting_as('officer', 'admin');
      IF dieuhanh.reach(named) = '{}' THEN
        PERFORM private.refuse('DH403',
          'Sổ này không thuộc phần việc của bạn. / This register is not yours to keep.');
      END IF;
      found := ARRAY(SELECT p.id FROM private.person AS p WHERE p.identity_hash = identity);
      IF found = '{}' THEN
        found := ARRAY(SELECT k.id FROM (SELECT p.id, rank() OVER (ORDER BY
            dieuhanh.fold(p.name) = dieuhanh.fold(facts->>'name') DESC,
            p.birth_year = (facts->>'birth_year')::integer DESC NULLS LAST) AS rank
          FROM private.person AS p WHERE p.phone_hash = telephone) AS k WHERE k.rank = 1);
      END IF;
      IF cardinality(found) <> 1 THEN
        PERFORM private.refuse('DH422', 'Không tìm thấy đúng một người có số giấy tờ hoặc số điện'
          ' thoại, tên này. / No one person has this identity number, or telephone and name.');
      END IF;
      RETURN found[1];
    END $$
    """,
    # What is recorded now of what a correction is about.
    """
    CREATE FUNCTION private.recorded(c register.vaccination_corrections) RETURNS text
    LANGUAGE sql STABLE AS $$
      SELECT CASE c.field
        WHEN 'name' THEN (SELECT p.name FROM private.person AS p WHERE p.id = c.person_id)
        WHEN 'birth_year' THEN
          (SELECT p.birth_year::text FROM private.person AS p WHERE p.id = c.person_id)
        ELSE (SELECT CASE c.field WHEN 'vaccine' THEN concat_ws(' · ', v.vaccine, v.lot)
            WHEN 'lot' THEN v.lot WHEN 'given_on' THEN v.given_on::text
            ELSE concat_ws(' · ', v.vaccine, v.lot, v.given_on) END
          FROM register.vaccinations AS v
          WHERE v.person_id = c.person_id AND v.number = c.number AND v.state <> 'void') END
    $$
    """,
    """
    CREATE FUNCTION register.enter_correction() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      IF private.is_bulk() THEN
        RETURN NEW;
      END IF;
      NEW.asked_by := coalesce(NEW.asked_by, dieuhanh.actor());
      NEW.lot := upper(regexp_replace(NEW.lot, '\\s', '', 'g'));
      IF NEW.field NOT IN ('name', 'birth_year') THEN
        IF NEW.number IS NULL THEN
          PERFORM private.refuse('DH422', 'Cần số thứ tự mũi tiêm. / The dose number is needed.');
        END IF;
        SELECT v.id INTO NEW.vaccination_id FROM register.vaccinations AS v
        WHERE v.person_id = NEW.person_id AND v.number = NEW.number AND v.state <> 'void';
        IF (NEW.vaccination_id IS NULL) <> (NEW.field = 'missing_dose') THEN
          PERFORM private.refuse('DH422', CASE NEW.field WHEN 'missing_dose'
            THEN format('Mũi %s đã có. / Dose %s is recorded.', NEW.number, NEW.number)
            ELSE format('Chưa ghi mũi %s. / Dose %s is not recorded.', NEW.number, NEW.number) END);
        END IF;
      END IF;
      NEW.old_value := private.recorded(NEW);
      NEW.new_value := CASE NEW.field WHEN 'name' THEN NEW.new_name
        WHEN 'birth_year' THEN NEW.new_birth_year::text
        WHEN 'vaccine' THEN NEW.vaccine || coalesce(' · ' || NEW.lot, '')
        WHEN 'lot' THEN NEW.lot WHEN 'given_on' THEN NEW.given_on::text
        WHEN 'missing_dose' THEN NEW.vaccine || coalesce(' · ' || NEW.lot, '') || ' · ' || NEW.given_on
        ELSE '' END;
      IF NEW.new_value IS NULL OR NEW.new_value IS NOT DISTINCT FROM NEW.old_value THEN
        PERFORM private.refuse('DH422', 'Cần ghi giá trị đúng, khác giá trị đang ghi.'
          ' / What is right is needed, and other than what is recorded.');
      END IF;
      RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER enter_correction BEFORE INSERT ON register.vaccination_corrections"
    " FOR EACH ROW EXECUTE FUNCTION register.enter_correction()",
    """
    CREATE FUNCTION dieuhanh.vaccinations_correct(row_id uuid, facts jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      visit register.vaccinations := private.visit_in(row_id, 'observing', 'done');
      asked register.vaccination_corrections :=
        jsonb_populate_record(NULL::register.vaccination_corrections, facts);
    BEGIN
      INSERT INTO register.vaccination_corrections (person_id, place, number, field, new_name,
        new_birth_year, vaccine, lot, given_on, evidence)
      VALUES (visit.person_id, CASE visit.place WHEN 'elsewhere' THEN 'home' ELSE visit.place END,
        visit.number, asked.field, asked.new_name, asked.new_birth_year, asked.vaccine, asked.lot,
        asked.given_on, asked.evidence);
    END $$
    """,
    # The request, locked, for one who may decide it: not who asked.
    """
    CREATE FUNCTION private.decide_correction(row_id uuid, becomes text, said text)
    RETURNS register.vaccination_corrections LANGUAGE plpgsql AS $$
    DECLARE
      c register.vaccination_corrections;
    BEGIN
      PERFORM private.acting_as('officer', 'admin');
      PERFORM private.require_row('vaccination_corrections', row_id);
      SELECT * INTO c FROM register.vaccination_corrections AS k WHERE k.id = row_id FOR UPDATE;
      IF c.state <> 'open' THEN
        PERFORM private.refuse('DH409', 'Đề nghị này đã được xử lý. / This request is decided.');
      ELSIF c.asked_by = dieuhanh.actor() THEN
        PERFORM private.refuse('DH403', 'Người đề nghị không tự duyệt; cần một người khác.'
          ' / Who asks does not decide; it takes somebody else.');
      ELSIF becomes = 'applied' AND private.recorded(c) IS DISTINCT FROM c.old_value THEN
        PERFORM private.refuse('DH409', format('Đang ghi %s, không còn là %s; hãy đề nghị lại.'
          ' / %s is recorded, no more %s; ask again.', private.recorded(c), c.old_value,
          private.recorded(c), c.old_value));
      END IF;
      UPDATE register.vaccination_corrections SET state = becomes, decided_by = dieuhanh.actor(),
        decided_at = now(), reason = said WHERE id = row_id;
      RETURN c;
    END $$
    """,
    """
    CREATE FUNCTION dieuhanh.vaccination_corrections_reject(row_id uuid, facts jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      PERFORM private.decide_correction(row_id, 'rejected', facts->>'reason');
    END $$
    """,
    # The dose's own rules hold for what is corrected; the reason counts where they take one.
    """
    CREATE FUNCTION dieuhanh.vaccination_corrections_approve(row_id uuid, facts jsonb)
    RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      c register.vaccination_corrections :=
        private.decide_correction(row_id, 'applied', facts->>'reason');
      said text := coalesce(facts->>'reason', c.evidence);
      zone text := (SELECT time_zone FROM register.province);
    BEGIN
      IF c.field IN ('name', 'birth_year') THEN
        PERFORM private.correct_person(c);
      ELSIF c.field = 'missing_dose' THEN
        INSERT INTO register.vaccinations (person_id, place, number, vaccine, lot, given_at, reason)
        VALUES (c.person_id, 'elsewhere', c.number, c.vaccine, c.lot,
          (c.given_on + time '12:00') AT TIME ZONE zone, said)
        RETURNING id INTO c.vaccination_id;
        UPDATE register.vaccination_corrections SET vaccination_id = c.vaccination_id
        WHERE id = c.id;
      ELSIF c.field = 'not_given' THEN
        UPDATE register.vaccinations SET state = 'void', reason = said WHERE id = c.vaccination_id;
        UPDATE register.vaccination_registrations
        SET next_dose = c.number, not_before = NULL, last_vaccine = NULL
        WHERE person_id = c.person_id AND state = 'waiting';
      ELSE
        UPDATE register.vaccinations AS v SET
          vaccine = CASE c.field WHEN 'vaccine' THEN c.vaccine ELSE v.vaccine END,
          lot = CASE WHEN c.field IN ('vaccine', 'lot') THEN coalesce(c.lot, v.lot) ELSE v.lot END,
          given_at = CASE c.field WHEN 'given_on' THEN (c.given_on
            + (v.given_at AT TIME ZONE zone)::time) AT TIME ZONE zone ELSE v.given_at END,
          reason = coalesce(said, v.reason)
        WHERE v.id = c.vaccination_id;
      END IF;
    END $$
    """,
    # What is known of the person, told in the history of each of their doses.
    """
    CREATE FUNCTION private.correct_person(c register.vaccination_corrections) RETURNS void
    LANGUAGE plpgsql AS $$
    DECLARE
      was private.person;
      becomes private.person;
    BEGIN
      SELECT * INTO was FROM private.person AS p WHERE p.id = c.person_id FOR UPDATE;
      UPDATE private.person SET used_at = clock_timestamp(),
        name = CASE c.field WHEN 'name' THEN c.new_name ELSE name END,
        birth_year = CASE c.field WHEN 'birth_year' THEN c.new_birth_year ELSE birth_year END
      WHERE id = c.person_id RETURNING * INTO becomes;
      UPDATE register.vaccinations AS v SET is_adult = coalesce(
        extract(year FROM v.given_on)::integer - becomes.birth_year >= 18, true)
      WHERE v.person_id = c.person_id AND v.number IS NOT NULL AND c.field = 'birth_year';
      INSERT INTO register.change (register, row_id, actor, op, before, after)
      SELECT 'vaccinations', v.id, dieuhanh.actor(), 'update', private.told_facts(was),
        private.told_facts(becomes)
      FROM register.vaccinations AS v WHERE v.person_id = c.person_id;
    END $$
    """,
    # The name and the year of birth of who has been vaccinated are those of the certificate: what
    # other registers say of them changes nothing, the last correction does.
    """
    CREATE FUNCTION private.hold_person() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF EXISTS (SELECT FROM register.vaccinations AS v WHERE v.person_id = NEW.id
        AND v.number IS NOT NULL) THEN
        IF NEW.name IS DISTINCT FROM (SELECT c.new_name FROM register.vaccination_corrections AS c
          WHERE c.person_id = NEW.id AND c.field = 'name' AND c.state = 'applied'
          ORDER BY c.decided_at DESC, c.version DESC LIMIT 1) THEN
          NEW.name := OLD.name;
        END IF;
        IF OLD.birth_year IS NOT NULL AND NEW.birth_year IS DISTINCT FROM (
          SELECT c.new_birth_year FROM register.vaccination_corrections AS c
          WHERE c.person_id = NEW.id AND c.field = 'birth_year' AND c.state = 'applied'
          ORDER BY c.decided_at DESC, c.version DESC LIMIT 1) THEN
          NEW.birth_year := OLD.birth_year;
        END IF;
      END IF;
      RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER hold_person BEFORE UPDATE OF name, birth_year ON private.person FOR EACH ROW
    WHEN (NEW.name <> OLD.name OR NEW.birth_year IS DISTINCT FROM OLD.birth_year)
    EXECUTE FUNCTION private.hold_person()
    """,
)

CALLED = (
    "find_person(text, jsonb, bytea, bytea)",
    "vaccinations_react(uuid, jsonb)",
    "vaccine_reactions_report(uuid, jsonb)",
    "vaccinations_correct(uuid, jsonb)",
    "vaccination_corrections_approve(uuid, jsonb)",
    "vaccination_corrections_reject(uuid, jsonb)",
)
GRANTS = (
    *(f"REVOKE EXECUTE ON FUNCTION dieuhanh.{name} FROM PUBLIC" for name in CALLED),
    *(f"GRANT EXECUTE ON FUNCTION dieuhanh.{name} TO {KEEPERS}" for name in CALLED),
)


def upgrade() -> None:
    for statement in (*REACTIONS, *CORRECTIONS, *GRANTS):
        # Straight to the driver, so that a colon stays what it is.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    op.execute("DROP TRIGGER hold_person ON private.person")
    op.execute("DROP FUNCTION private.hold_person()")
    for name in CALLED:
        op.execute(f"DROP FUNCTION dieuhanh.{name}")
    op.execute("DROP FUNCTION private.decide_correction(uuid, text, text)")
    for name in ("correct_person", "recorded"):
        op.execute(f"DROP FUNCTION private.{name}(register.vaccination_corrections)")
    op.execute("DROP TABLE register.vaccination_corrections CASCADE")
    op.execute("DROP TABLE register.vaccine_reactions CASCADE")
    op.execute("DROP FUNCTION register.enter_correction()")
