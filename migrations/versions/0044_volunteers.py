"""Volunteers: who offers which help where, the tasks they are assigned to, and being forgotten.

Revises: 0043
"""

from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

SKILLS = ("doctor", "nurse", "first_aid", "driver", "boatman", "swim_rescue", "cook", "interpreter",
          "it", "carpenter", "carrier")  # fmt: skip
MEANS = ("has_motorbike", "has_car", "has_truck", "has_boat")
_FLAGS = ",\n".join(f"      {name} boolean NOT NULL DEFAULT false" for name in (*SKILLS, *MEANS))
_SKILL_CODES = ", ".join(f"'{name}'" for name in SKILLS)
KINDS = ("'supplies', 'transport', 'kitchen', 'care', 'vaccination', 'checkpoint', 'rescue',"
         " 'clean_up', 'call_centre', 'other'")  # fmt: skip

TABLES = (
    # No volunteer is at two tasks at once: an index over a volunteer and a time says so.
    "CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA public",
    f"""
    CREATE TABLE register.volunteers (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      version bigint NOT NULL DEFAULT 1,
      person_id uuid NOT NULL REFERENCES private.person,
      place text NOT NULL DEFAULT 'general',
      state text NOT NULL DEFAULT 'registered',
{_FLAGS},
      days text NOT NULL DEFAULT '1234567',
      hour_from integer NOT NULL DEFAULT 0,
      hour_to integer NOT NULL DEFAULT 24,
      from_day date,
      until_day date,
      radius_km integer,
      note text,
      licence text,
      verified_at timestamptz(0),
      verified_by text,
      consent text NOT NULL DEFAULT 'paper',
      consented_at timestamptz(0) NOT NULL DEFAULT now(),
      active_at timestamptz(0) NOT NULL DEFAULT now(),
      geom geography(Point, 4326),
      commune_code text,
      district_code text,
      made_at timestamptz(0) NOT NULL DEFAULT now(),
      updated_at timestamptz(0) NOT NULL DEFAULT now(),
      CONSTRAINT ck_volunteers_place_code CHECK ("place" IN ('general', 'medical')),
      CONSTRAINT ck_volunteers_state_code CHECK ("state" IN ('registered', 'verified', 'paused')),
      CONSTRAINT ck_volunteers_days CHECK (days ~ '^1?2?3?4?5?6?7?$' AND days <> ''),
      CONSTRAINT ck_volunteers_hours CHECK (0 <= hour_from AND hour_from < hour_to AND hour_to <= 24),
      CONSTRAINT ck_volunteers_order CHECK (from_day <= until_day),
      CONSTRAINT ck_volunteers_radius CHECK (radius_km BETWEEN 1 AND 500),
      CONSTRAINT ck_volunteers_verified CHECK (state <> 'verified' OR verified_at IS NOT NULL),
      CONSTRAINT ck_volunteers_lengths CHECK (char_length(note) <= 500
        AND char_length(licence) <= 80 AND char_length(consent) <= 20)
    )
    """,
    "CREATE INDEX volunteers_near ON register.volunteers USING gist (geom) WHERE state <> 'paused'",
    "CREATE INDEX volunteers_active ON register.volunteers (active_at)",
    # What opens a volunteer's own page, and the account that a verified doctor works with.
    """
    CREATE TABLE private.volunteer_key (
      volunteer_id uuid PRIMARY KEY REFERENCES register.volunteers ON DELETE CASCADE,
      content_hash bytea,
      follow_hash bytea UNIQUE,
      account_id bigint UNIQUE REFERENCES private.account ON DELETE SET NULL
    )
    """,
    f"""
    CREATE TABLE register.volunteer_tasks (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      version bigint NOT NULL DEFAULT 1,
      place text NOT NULL,
      home_commune text,
      title text NOT NULL,
      kind text NOT NULL,
      starts_at timestamptz(0) NOT NULL,
      ends_at timestamptz(0) NOT NULL,
      skill text,
      wanted integer NOT NULL DEFAULT 1,
      state text NOT NULL DEFAULT 'open',
      note text,
      sos_id uuid UNIQUE,
      geom geography(Point, 4326),
      commune_code text,
      district_code text,
      made_at timestamptz(0) NOT NULL DEFAULT now(),
      updated_at timestamptz(0) NOT NULL DEFAULT now(),
      CONSTRAINT ck_volunteer_tasks_kind_code CHECK ("kind" IN ({KINDS})),
      CONSTRAINT ck_volunteer_tasks_skill_code CHECK ("skill" IN ({_SKILL_CODES})),
      CONSTRAINT ck_volunteer_tasks_state_code CHECK ("state" IN ('open', 'done', 'cancelled')),
      CONSTRAINT ck_volunteer_tasks_wanted CHECK (wanted BETWEEN 1 AND 500),
      CONSTRAINT ck_volunteer_tasks_time CHECK (starts_at < ends_at
        AND ends_at <= starts_at + interval '31 days'),
      CONSTRAINT ck_volunteer_tasks_sos CHECK ((place = 'sos') = (sos_id IS NOT NULL)),
      CONSTRAINT ck_volunteer_tasks_lengths CHECK (char_length(title) <= 160
        AND char_length(note) <= 500)
    )
    """,
    # Who was forgotten stays as a number: the row without the volunteer.
    """
    CREATE TABLE register.volunteer_assignments (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      version bigint NOT NULL DEFAULT 1,
      place text NOT NULL,
      volunteer_id uuid REFERENCES register.volunteers ON DELETE SET NULL,
      task_id uuid NOT NULL REFERENCES register.volunteer_tasks ON DELETE CASCADE,
      during tstzrange NOT NULL,
      state text NOT NULL DEFAULT 'offered',
      hours double precision,
      assigned_by text NOT NULL,
      answered_at timestamptz(0),
      commune_code text,
      district_code text,
      made_at timestamptz(0) NOT NULL DEFAULT now(),
      updated_at timestamptz(0) NOT NULL DEFAULT now(),
      CONSTRAINT ck_volunteer_assignments_state_code CHECK (
        "state" IN ('offered', 'accepted', 'declined', 'withdrawn', 'done')),
      CONSTRAINT ck_volunteer_assignments_hours CHECK (hours BETWEEN 0 AND 744),
      CONSTRAINT volunteer_at_one_task EXCLUDE USING gist (volunteer_id WITH =, during WITH &&)
        WHERE (state IN ('offered', 'accepted'))
    )
    """,
    "CREATE INDEX ON register.volunteer_assignments (task_id)",
    "CREATE INDEX ON register.volunteer_assignments (volunteer_id)",
    "CREATE UNIQUE INDEX ON register.volunteer_assignments (task_id, volunteer_id)"
    " WHERE state IN ('offered', 'accepted', 'done')",
)

RULES = (
    # A point of a commune, for distances; nobody's house.
    """
    CREATE FUNCTION private.commune_point(commune text) RETURNS geography
    LANGUAGE sql STABLE AS $$
      SELECT ST_PointOnSurface(u.geom)::geography FROM layer.admin_units AS u
      WHERE u.code = commune AND u.level = 'commune'
    $$
    """,
    """
    CREATE FUNCTION register.keep_volunteer() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      NEW.place := CASE WHEN NEW.doctor OR NEW.nurse THEN 'medical' ELSE 'general' END;
      IF TG_OP = 'INSERT' OR NEW.commune_code IS DISTINCT FROM OLD.commune_code THEN
        NEW.geom := private.commune_point(NEW.commune_code);
      END IF;
      -- What nobody has looked at is not verified.
      IF TG_OP = 'UPDATE' AND OLD.verified_at IS NOT NULL AND NEW.doctor AND NOT OLD.doctor
        AND NEW.verified_at = OLD.verified_at THEN
        NEW.state := CASE NEW.state WHEN 'verified' THEN 'registered' ELSE NEW.state END;
        NEW.verified_at := NULL;
        NEW.verified_by := NULL;
      END IF;
      RETURN NEW;
    END $$
    """,
    # After `a_keep`, which says in which commune somebody lives.
    "CREATE TRIGGER b_volunteer BEFORE INSERT OR UPDATE ON register.volunteers"
    " FOR EACH ROW EXECUTE FUNCTION register.keep_volunteer()",
    # Whoever goes takes all with them: what was known of the person, and what was changed.
    """
    CREATE FUNCTION register.forget_volunteer() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      UPDATE register.volunteer_assignments SET state = 'withdrawn'
      WHERE volunteer_id IS NULL AND state IN ('offered', 'accepted');
      DELETE FROM register.change AS c WHERE c.register = 'volunteers' AND c.row_id = OLD.id;
      BEGIN
        DELETE FROM private.person WHERE id = OLD.person_id;
      EXCEPTION WHEN foreign_key_violation THEN
        -- Another register is about the same person, and says how long.
        NULL;
      END;
      RETURN NULL;
    END $$
    """,
    # After `a_note` and the foreign keys.
    "CREATE TRIGGER z_forget AFTER DELETE ON register.volunteers"
    " FOR EACH ROW EXECUTE FUNCTION register.forget_volunteer()",
    """
    CREATE FUNCTION register.keep_task() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      busy integer;
    BEGIN
      IF NEW.place = 'commune' THEN
        SELECT u.code, u.parent_code INTO NEW.commune_code, NEW.district_code
        FROM layer.admin_units AS u WHERE u.code = NEW.home_commune AND u.level = 'commune';
        IF NOT FOUND THEN
          PERFORM private.refuse('DH422',
            'Hãy chọn xã, phường của việc. / Choose the commune of the task.');
        END IF;
        NEW.geom := private.commune_point(NEW.commune_code);
      ELSIF NEW.place = 'sos' THEN
        SELECT r.commune_code, r.district_code, r.geom_exact::geography
        INTO NEW.commune_code, NEW.district_code, NEW.geom
        FROM layer.sos_requests AS r WHERE r.id = NEW.sos_id;
      ELSIF NEW.place LIKE '%/%' THEN
        EXECUTE format('SELECT ST_PointOnSurface(geom)::geography FROM layer.%I WHERE id::text = $1',
          split_part(NEW.place, '/', 1)) INTO NEW.geom USING split_part(NEW.place, '/', 2);
      ELSE
        PERFORM private.refuse('DH422', 'Không có nơi này. / There is no such place.');
      END IF;
      IF TG_OP = 'UPDATE' THEN
        SELECT count(*) INTO busy FROM register.volunteer_assignments AS a
        WHERE a.task_id = NEW.id AND a.state IN ('offered', 'accepted');
        IF NEW.wanted < busy AND NEW.wanted < OLD.wanted THEN
          PERFORM private.refuse('DH409', format(
            'Đã phân công %s người; số cần không thể ít hơn. / %s are assigned; no fewer can be wanted.',
            busy, busy));
        END IF;
      END IF;
      RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER b_task BEFORE INSERT OR UPDATE ON register.volunteer_tasks"
    " FOR EACH ROW EXECUTE FUNCTION register.keep_task()",
    # A task at another time takes its volunteers along, if they have the time.
    """
    CREATE FUNCTION register.move_task() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      UPDATE register.volunteer_assignments SET place = NEW.place
      WHERE task_id = NEW.id AND state IN ('offered', 'accepted');
      RETURN NULL;
    EXCEPTION WHEN exclusion_violation THEN
      PERFORM private.refuse('DH409',
        'Có người đã phân công bận việc khác vào giờ mới.'
        ' / Somebody who is assigned has another task at the new time.');
    END $$
    """,
    "CREATE TRIGGER c_task AFTER UPDATE ON register.volunteer_tasks FOR EACH ROW"
    " WHEN ((OLD.starts_at, OLD.ends_at, OLD.place, OLD.commune_code) IS DISTINCT FROM"
    " (NEW.starts_at, NEW.ends_at, NEW.place, NEW.commune_code))"
    " EXECUTE FUNCTION register.move_task()",
    # Where and when is the task's.
    """
    CREATE FUNCTION register.keep_assignment() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      SELECT t.place, t.commune_code, t.district_code, tstzrange(t.starts_at, t.ends_at)
      INTO NEW.place, NEW.commune_code, NEW.district_code, NEW.during
      FROM register.volunteer_tasks AS t WHERE t.id = NEW.task_id;
      RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER b_assignment BEFORE INSERT OR UPDATE ON register.volunteer_assignments"
    " FOR EACH ROW EXECUTE FUNCTION register.keep_assignment()",
)


def upgrade() -> None:
    for statement in (*TABLES, *RULES):
        # Straight to the driver, so that a colon stays what it is.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    op.execute("DROP TABLE private.volunteer_key")
    for table in ("volunteer_assignments", "volunteer_tasks", "volunteers"):
        op.execute(f"DROP TABLE register.{table} CASCADE")
    for name in ("keep_volunteer", "forget_volunteer", "keep_task", "move_task", "keep_assignment"):
        op.execute(f"DROP FUNCTION register.{name}()")
    op.execute("DROP FUNCTION private.commune_point(text)")
